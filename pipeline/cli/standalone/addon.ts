import { randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageError, systemCode } from '../../../images/base/errors.js';

/** Where native code can be loaded from: a rescue system may have any of them mounted with noexec, or read-only. */
const usualFolders = (): readonly string[] => [...new Set([tmpdir(), '/run', '/dev/shm', '/var/tmp'])];

/**
 * Loads a Node.js addon of which there are only the bytes. The system's loader takes nothing but files, so they are put
 * into one that has lost its name before they are written: nobody else can change it, and nothing of it can be left.
 * The loader knows a library by its path, here that of a file descriptor, so this is for one addon in a process.
 * @param what - what its code does, for the message
 * @returns what the addon exports
 * @throws {ImageError} code `no-native-code` when none of the folders can be written to and executed from
 */
export function loadAddon(bytes: Uint8Array, what: string, folders = usualFolders()): unknown {
  const failures: string[] = [];
  for (const folder of folders) {
    try {
      return loadIn(folder, bytes);
    } catch (error) {
      failures.push(`${folder}: ${reasonOf(error)}`);
    }
  }
  throw new ImageError('no-native-code', `cannot load the code for ${what} (${failures.join('; ')})`, {
    hint: 'Set TMPDIR to a folder that can be written to and is not mounted with noexec.',
  });
}

function loadIn(folder: string, bytes: Uint8Array): unknown {
  const path = join(folder, `hallmark-${randomUUID()}.node`);
  const file = openSync(path, 'wx', 0o600);
  try {
    unlinkSync(path);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    const addon = { exports: {} as unknown };
    process.dlopen(addon, `/proc/self/fd/${file}`);
    return addon.exports;
  } finally {
    closeSync(file);
  }
}

/** The loader's own words, without the path that means nothing to a user. */
function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined && code !== 'ERR_DLOPEN_FAILED') return code;
  return (error instanceof Error ? error.message : String(error)).replace(/^\/proc\/self\/fd\/\d+: /, '');
}
