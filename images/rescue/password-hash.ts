import { ImageError } from '../base/errors.js';
import { run } from '../base/exec.js';
import type { HashMethod } from '../guest/password/hash-method.js';

/** A program of the host that hashes the password on its standard input, and the package that has it. */
interface Hasher {
  readonly program: string;
  readonly args: readonly string[];
  readonly package: string;
}

/** The ones for each method, in the order in which they are tried. Each makes its own salt. */
const hashers: Readonly<Record<HashMethod, readonly Hasher[]>> = {
  yescrypt: [{ program: 'mkpasswd', args: ['--method=yescrypt', '--stdin'], package: 'whois' }],
  sha512crypt: [
    { program: 'openssl', args: ['passwd', '-6', '-stdin'], package: 'openssl' },
    { program: 'mkpasswd', args: ['--method=sha512crypt', '--stdin'], package: 'whois' },
  ],
};

/** crypt(5). */
const forms: Readonly<Record<HashMethod, RegExp>> = {
  yescrypt: /^\$y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}$/,
  sha512crypt: /^\$6\$(?:rounds=\d+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}$/,
};

/**
 * Hashes a password with a program of the host. Every library that knows yescrypt knows SHA-512, too, so that is what is
 * used where no program here knows yescrypt.
 * @param password - a line of text
 * @throws {ImageError} code `missing-tool` when there is no such program
 */
export async function hashPassword(
  password: string,
  method: HashMethod,
): Promise<{ readonly hash: string; readonly method: HashMethod }> {
  const methods: readonly HashMethod[] = method === 'yescrypt' ? ['yescrypt', 'sha512crypt'] : [method];
  for (const each of methods) {
    for (const hasher of hashers[each]) {
      const hash = await ask(hasher, password);
      if (hash !== undefined && forms[each].test(hash)) return { hash, method: each };
    }
  }
  throw new ImageError('missing-tool', 'no program that hashes passwords is installed', {
    hint: 'Install the package openssl, or whois (for mkpasswd).',
  });
}

/** undefined when the program is not there, or is another one of that name that does not know the method. */
async function ask({ program, args, ...hasher }: Hasher, password: string): Promise<string | undefined> {
  try {
    const result = await run(program, args, { input: `${password}\n`, package: hasher.package });
    return result.exitCode === 0 ? result.stdout.trim() : undefined;
  } catch (error) {
    if (error instanceof ImageError && error.code === 'missing-tool') return undefined;
    throw error;
  }
}
