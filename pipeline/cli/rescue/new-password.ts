import { randomInt } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { UsageError, systemCode } from '../../../images/base/errors.js';
import type { Terminal } from '../terminal.js';

/** How root's password is to be got, as the command line says. */
export interface PasswordOptions {
  readonly rootPassword?: true;
  readonly rootPasswordFd?: number;
  readonly rootPasswordGenerate?: true;
}

export interface NewPassword {
  readonly text: string;
  /** Nobody knows it yet but we. */
  readonly generated: boolean;
}

/** What openssl passwd reads of a line; login programs stop there or later (PAM_MAX_RESP_SIZE is 512). */
const longest = 255;

/** Letters and digits that are not taken for another one: it may have to be typed at a console. */
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const generatedLength = 20;

/**
 * Root's new password: typed twice at the terminal, read from a file descriptor, or made.
 * @returns undefined when none was asked for
 * @throws {UsageError}
 */
export async function newPassword(
  options: PasswordOptions,
  terminal: Terminal,
): Promise<NewPassword | undefined> {
  const { rootPassword, rootPasswordFd, rootPasswordGenerate } = options;
  const ways = [rootPassword, rootPasswordFd, rootPasswordGenerate].filter((way) => way !== undefined);
  if (ways.length > 1)
    throw new UsageError(
      'bad-arguments',
      'use only one of --root-password, --root-password-fd and --root-password-generate',
    );
  if (rootPasswordGenerate) return { text: generate(), generated: true };
  if (rootPasswordFd !== undefined) return { text: acceptable(readFrom(rootPasswordFd)), generated: false };
  return rootPassword ? { text: await typed(terminal), generated: false } : undefined;
}

function generate(): string {
  return Array.from({ length: generatedLength }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

async function typed(terminal: Terminal): Promise<string> {
  if (!terminal.interactive) {
    throw new UsageError('needs-terminal', 'there is no terminal to ask for the password at', {
      hint: 'Pass it with --root-password-fd, or generate one with --root-password-generate.',
    });
  }
  const first = acceptable((await terminal.askSecret('New password of root:')) ?? '');
  const second = await terminal.askSecret('Again:');
  if (second !== first) throw new UsageError('bad-password', 'the passwords differ; nothing was changed');
  return first;
}

/** The first line of what can be read there. */
function readFrom(descriptor: number): string {
  const buffer = Buffer.alloc(4096);
  let length = 0;
  try {
    while (length < buffer.length && !buffer.subarray(0, length).includes(0x0a)) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, null);
      if (count === 0) break;
      length += count;
    }
    if (descriptor > 2) closeSync(descriptor); // not to be inherited by a program
  } catch (cause) {
    throw new UsageError(
      'bad-arguments',
      `cannot read a password from file descriptor ${descriptor}: ${systemCode(cause) ?? String(cause)}`,
      { cause, hint: 'In a shell: hallmark rescue --root-password-fd 3 3<FILE' },
    );
  }
  const [line = ''] = buffer.subarray(0, length).toString().split('\n');
  return line;
}

function acceptable(text: string): string {
  if (text === '') throw new UsageError('bad-password', 'the password is empty; nothing was changed');
  if (Buffer.byteLength(text) > longest)
    throw new UsageError('bad-password', `the password is longer than ${longest} bytes; nothing was changed`);
  if (/[\x00-\x1f\x7f\uFFFD]/.test(text)) {
    throw new UsageError(
      'bad-password',
      'the password has characters that cannot be typed at a login (control characters, or bytes that are not UTF-8); nothing was changed',
    );
  }
  return text;
}
