import type { GuestPath, Image } from '../../../image/image.js';
import { join } from '../../../image/resolve.js';

/** The runlevels with a directory of links; S is what runs once, before the default runlevel. */
export const runlevels = ['0', '1', '2', '3', '4', '5', '6', 'S'] as const;
export type Runlevel = (typeof runlevels)[number];

/** The runlevels in which a server works. */
export const startRunlevels = ['2', '3', '4', '5'] as const satisfies readonly Runlevel[];

/** Where a guest keeps its scripts and links, and how its links point to the scripts. */
export interface Layout {
  readonly scripts: GuestPath;
  readonly directory: (level: Runlevel) => GuestPath;
  readonly target: (script: string) => string;
  /** SUSE keeps the links below the scripts, and boot scripts in boot.d. */
  readonly suse: boolean;
}

/** Debian: /etc/init.d and /etc/rcN.d. Red Hat: all below /etc/rc.d. SUSE: /etc/init.d/rcN.d. */
export async function layoutOf(image: Image): Promise<Layout> {
  if (await isDirectory(image, '/etc/init.d/rc3.d')) {
    const directory = (level: Runlevel): GuestPath =>
      `/etc/init.d/${level === 'S' ? 'boot.d' : `rc${level}.d`}`;
    return { scripts: '/etc/init.d', directory, target: (script) => `../${script}`, suse: true };
  }
  const base: GuestPath = (await isDirectory(image, '/etc/rc.d/init.d')) ? '/etc/rc.d' : '/etc';
  return {
    scripts: join(base, 'init.d'),
    directory: (level) => join(base, `rc${level}.d`),
    target: (script) => `../init.d/${script}`,
    suse: false,
  };
}

async function isDirectory(image: Image, path: GuestPath): Promise<boolean> {
  return (await image.stat(path))?.type === 'directory';
}

/** Whether a path leads to a file that its owner may execute; the mode that insserv looks at. */
export async function isExecutable(image: Image, path: GuestPath): Promise<boolean> {
  const entry = await image.stat(path);
  return entry?.type === 'file' && (entry.mode & 0o100) !== 0;
}
