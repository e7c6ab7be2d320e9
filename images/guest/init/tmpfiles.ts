import { wordsOf } from '../../formats/unit-file.js';
import type { GuestPath, Image } from '../../image/image.js';
import { regularTextsIn } from '../texts.js';

/** The strongest first; /run is empty when a server boots (tmpfiles.d(5), "CONFIGURATION DIRECTORIES AND PRECEDENCE"). */
const folders: readonly GuestPath[] = ['/etc/tmpfiles.d', '/usr/local/lib/tmpfiles.d', '/usr/lib/tmpfiles.d'];

export const tmpfilesInputs: readonly string[] = folders.map((folder) => `${folder}/*.conf`);

const service = 'systemd-tmpfiles-setup.service';

/**
 * Types that make something, and the folders above it (tmpfiles.d(5), "Type"). `e`, `w`, `z` and the like only change what
 * is there. Of the modifiers `!` is for the boot, and so holds here; `^` takes the content from a credential, `$` and `-`
 * change nothing.
 */
const making = /^[fFdDvqQpLcbC][-+!=~$?]*$/;

/** Types that bring whole trees along. */
const copying = /^[CL]/;

/**
 * Whether systemd-tmpfiles-setup.service, which runs after the local file systems are mounted and before any ordinary
 * service, makes a file or folder.
 */
export async function isMadeByTmpfiles(image: Image, path: GuestPath): Promise<boolean> {
  if (await isMasked(image)) return false;
  for (const { type, where } of await linesOf(image)) {
    if (where === path || where.startsWith(`${path}/`)) return true;
    if (copying.test(type) && path.startsWith(`${where}/`)) return true;
  }
  return false;
}

/** Whether it makes just this path, and not only what is below or above it. */
export async function isNamedByTmpfiles(image: Image, path: GuestPath): Promise<boolean> {
  return !(await isMasked(image)) && (await linesOf(image)).some(({ where }) => where === path);
}

interface Line {
  readonly type: string;
  readonly where: string;
}

const known = new WeakMap<Image, Promise<readonly Line[]>>();

function linesOf(image: Image): Promise<readonly Line[]> {
  const read = known.get(image) ?? readLines(image);
  known.set(image, read);
  return read;
}

/** Lines that make something. Of files of one name the strongest counts alone: a link to /dev/null takes it away. */
async function readLines(image: Image): Promise<readonly Line[]> {
  const taken = new Set<string>();
  const lines: Line[] = [];
  for (const folder of folders) {
    const names = ((await image.readDir(folder)) ?? []).map(({ name }) => name);
    const isOwn = (name: string): boolean => name.endsWith('.conf') && !taken.has(name);
    for (const { text } of await regularTextsIn(image, folder, isOwn))
      for (const line of text.split('\n')) {
        if (/^\s*(?:#|$)/.test(line)) continue;
        const [type = '', where = ''] = wordsOf(line.trim());
        if (!making.test(type) || !where.startsWith('/') || /%(?!%)/.test(where)) continue;
        lines.push({ type, where: where.replace(/(?<=.)\/+$/, '').replaceAll('%%', '%') });
      }
    for (const name of names) taken.add(name);
  }
  return lines;
}

async function isMasked(image: Image): Promise<boolean> {
  const entry = await image.lstat(`/etc/systemd/system/${service}`);
  return entry?.target === '/dev/null' || (entry?.type === 'file' && entry.size === 0);
}
