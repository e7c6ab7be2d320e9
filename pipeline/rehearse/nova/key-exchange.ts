import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/**
 * How Nova sends a password through the XenStore (nova's `SimpleDH`): Diffie-Hellman in a group that was small even
 * when it was chosen, and what `openssl enc -aes-128-cbc -md md5` makes of the shared number as a pass phrase.
 */
const prime = 162259276829213363391578010288127n;
const base = 5n;

/** One side of an exchange; it is good for one password. */
export class KeyExchange {
  readonly #private: bigint;
  /** What the agent is told, in decimal. */
  readonly publicKey: string;

  /** @param secret - the private number; Nova takes ten random bytes */
  constructor(secret: bigint = BigInt(`0x${randomBytes(10).toString('hex')}`)) {
    this.#private = secret;
    this.publicKey = power(base, secret).toString();
  }

  /**
   * @param peer - the other side's public key, in decimal
   * @returns the number that both sides know, in decimal
   * @throws {RangeError} when it is no number of the group, or one that would give the secret away
   */
  sharedWith(peer: string): string {
    if (!isPublicKey(peer)) throw new RangeError('no public key of the group');
    return power(BigInt(peer), this.#private).toString();
  }
}

/** Whether a text is the public key of an honest peer: 0, 1 and -1 make the secret known to anyone. */
export function isPublicKey(text: string): boolean {
  if (!/^[1-9]\d{0,32}$/.test(text)) return false;
  const key = BigInt(text);
  return key > 1n && key < prime - 1n;
}

/**
 * Encrypts a password as `openssl enc -aes-128-cbc -A -a -nosalt -md md5 -pass pass:SHARED` does with the line that
 * `echo` makes of it. OpenSSL 1.1 changed its default digest; the agents have not.
 * @param shared - of the exchange, in decimal
 * @returns base64 without line breaks
 */
export function encryptPassword(password: string, shared: string): string {
  const pass = Buffer.from(shared, 'ascii');
  const key = md5(pass);
  const cipher = createCipheriv('aes-128-cbc', key, md5(Buffer.concat([key, pass])));
  return Buffer.concat([cipher.update(`${password}\n`, 'utf8'), cipher.final()]).toString('base64');
}

function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest();
}

/** `number` to the power of `exponent`, modulo the prime. */
function power(number: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = number % prime;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}
