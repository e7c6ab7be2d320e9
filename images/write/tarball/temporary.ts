import { randomBytes } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../base/errors.js';
import { isAlive, ownMark, parse, print } from '../lock.js';

/** A file that another machine or container may be writing is a leftover once nobody has for so long. */
const day = 24 * 60 * 60 * 1000;

/** The name of a file on its way, telling which process it belongs to; it does not grow with the output's name. */
export function temporaryName(): string {
  return `.hallmark.${print(ownMark())}.${randomBytes(6).toString('hex')}.tmp`;
}

/**
 * Removes what runs that were killed left in a folder: files of ours, by name, owner and type, whose process is gone.
 * A folder can be shared between machines and containers, where a process of another cannot be looked for: what they
 * write to is left alone until it has rested for a day.
 */
export async function clearLeftovers(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const [, text = ''] = /^\.hallmark\.(.*)\.[0-9a-f]{12}\.tmp$/.exec(name) ?? [];
    const mark = parse(text);
    if (!mark) continue;
    const path = join(folder, name);
    const stats = await lstat(path).catch(absent);
    if (!stats?.isFile() || stats.uid !== process.geteuid?.()) continue;
    const { boot, namespace } = ownMark();
    const isOurs = mark.boot === boot && mark.namespace === namespace;
    if (isOurs ? !isAlive(mark) : Date.now() - stats.mtimeMs > day) await rm(path, { force: true });
  }
}

/** A folder that may be written to but not listed is used all the same. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'EACCES' || systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function absent(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}
