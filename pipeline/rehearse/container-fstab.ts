import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFstab } from '../../images/formats/fstab.js';
import { give } from '../../images/sandbox/devices.js';
import type { Bind } from '../../images/sandbox/machine.js';
import type { Sandbox } from '../../images/sandbox/sandbox.js';
import { look } from './running-guest.js';

/** Larger ones are not written by hand, nor by an installer. */
const limit = 1024 * 1024;

/**
 * An fstab that a container can mount, in the place of the guest's own: without what needs a disk or a network. The
 * boot of sysvinit ends when the device of the root is not there (initscripts, /lib/init/mount-functions.sh,
 * `read_fstab`, and checkroot.sh), which asks for none when no line is for `/`; systemd in a container passes over disks
 * anyway (systemd-fstab-generator(8)).
 * @returns nothing where the guest has none, or nothing that can be read
 */
export async function containerFstab(sandbox: Sandbox): Promise<Bind[]> {
  await using image = look({ sandbox });
  const entry = await image.stat('/etc/fstab').catch(() => undefined);
  if (entry?.type !== 'file' || entry.size > limit) return [];
  const from = join(sandbox.work.path, 'fstab');
  writeFileSync(from, withoutDisks((await image.readText('/etc/fstab', limit)) ?? ''));
  give(from, 0o644);
  return [{ from, to: '/etc/fstab' }];
}

/** @returns the comments, and the lines of what is in memory or a folder that is mounted elsewhere */
export function withoutDisks(text: string): string {
  const needless = parseFstab(text).filter(
    ({ type, options }) => type !== 'tmpfs' && !options.some((option) => /^r?bind$/.test(option)),
  );
  const lines = new Set(needless.map(({ line }) => line));
  return text
    .split('\n')
    .filter((_, at) => !lines.has(at + 1))
    .join('\n');
}
