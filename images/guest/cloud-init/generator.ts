import type { Entry, GuestPath, Image } from '../../image/image.js';
import { isExecutable } from '../agents/programs.js';

/** The strongest first: a generator of the same name in a weaker directory is not run (systemd.generator(7)). */
export const generators: readonly GuestPath[] = [
  '/etc/systemd/system-generators/cloud-init-generator',
  '/usr/local/lib/systemd/system-generators/cloud-init-generator',
  '/usr/lib/systemd/system-generators/cloud-init-generator',
  '/lib/systemd/system-generators/cloud-init-generator',
];

/** The program that starts cloud-init.target at boot, by the first of its names that is there. */
export interface Generator {
  readonly path: GuestPath;
  /** What it leads to; undefined when that is not there. */
  readonly entry: Entry | undefined;
  /** A link to /dev/null, or an empty file: systemd runs nothing of that name. */
  readonly masked: boolean;
}

/** cloud-init's generator; undefined when the guest has none. */
export async function findGenerator(image: Image): Promise<Generator | undefined> {
  for (const path of generators) {
    const own = await image.lstat(path);
    if (!own) continue;
    const entry = await image.stat(path);
    const masked = own.target === '/dev/null' || (entry?.type === 'file' && entry.size === 0);
    return { path, entry, masked };
  }
  return undefined;
}

/** cloud-init's generator, if systemd runs it. */
export async function runningGenerator(image: Image): Promise<Generator | undefined> {
  const found = await findGenerator(image);
  return found && !found.masked && found.entry && isExecutable(found.entry) ? found : undefined;
}
