import type { GuestPath, Image } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';

/** The program that the kernel starts. */
export interface FirstProgram {
  /** "/sbin/init". */
  readonly path: GuestPath;
  /** The name of the file to which its links lead: "systemd". */
  readonly name: string;
}

/** The kernel starts the first of these that it can (Linux, init/main.c). */
const candidates: readonly GuestPath[] = ['/sbin/init', '/etc/init', '/bin/init'];

/** @returns undefined when there is none, or its links lead nowhere */
export async function firstProgram(image: Image): Promise<FirstProgram | undefined> {
  const path = await firstThere(image, candidates);
  const real = path && (await image.realPath(path));
  return path && real ? { path, name: baseName(real) } : undefined;
}

/** A program of such a name says little itself: what came with it, and what its inittab has it run, tells. */
export function isNamedInit({ name }: FirstProgram): boolean {
  return name === 'init' || name === 'busybox' || name === 'sysvinit';
}

/** The first of some paths that exists, links followed. */
export async function firstThere(image: Image, paths: readonly GuestPath[]): Promise<GuestPath | undefined> {
  for (const path of paths) if (await image.stat(path)) return path;
  return undefined;
}
