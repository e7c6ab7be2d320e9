import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * Makes a public key such as Nova makes for a user. RSA, since every cloud-init and every OpenSSH knows it; nobody ever
 * has the private half.
 * @returns a line for authorized_keys: RFC 4253 §6.6 in base64
 */
export async function makePublicKey(comment: string): Promise<string> {
  const { publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const { e = '', n = '' } = publicKey.export({ format: 'jwk' });
  const parts = [Buffer.from('ssh-rsa'), positive(e), positive(n)];
  return `ssh-rsa ${Buffer.concat(parts.map(withLength)).toString('base64')} ${comment}`;
}

/** A number whose first bit is set would be a negative one: RFC 4251 §5, "mpint". */
function positive(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url');
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
