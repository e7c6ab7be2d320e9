import type { Entry, GuestPath, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import type { Requirement } from './agent.js';
import { statOf } from '../follow.js';

/** Where a service looks for a program without a directory: systemd.service(5), and what SysV's scripts set. */
export const searchPath: readonly GuestPath[] = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];

/**
 * Whether a path leads, through links that stay in the guest, to a regular file that can be executed. An empty one
 * cannot: it is what a crash during an installation leaves behind.
 */
export async function isProgram(image: Image, path: GuestPath): Promise<boolean> {
  const entry = await statOf(image, path);
  return entry !== undefined && isExecutable(entry);
}

/** Whether what a path leads to can be executed. */
export function isExecutable({ type, mode, size }: Entry): boolean {
  return type === 'file' && size > 0 && (mode & 0o111) !== 0;
}

/** A program by its name in some folders, or by its own path. */
export async function findProgram(
  image: Image,
  name: string,
  folders: readonly GuestPath[] = searchPath,
): Promise<GuestPath | undefined> {
  const candidates = name.startsWith('/') ? [name as GuestPath] : folders.map((folder) => join(folder, name));
  for (const path of candidates) if (await isProgram(image, path)) return path;
  return undefined;
}

/**
 * That a path itself is an executable regular file.
 * @param isRead - that it is a file at all is enough, since another program reads it
 */
export async function executableRequirement(
  image: Image,
  path: GuestPath,
  isRead = false,
): Promise<Requirement> {
  const found = isRead ? (await statOf(image, path))?.type === 'file' : await isProgram(image, path);
  const kind = isRead ? 'a file' : 'an executable file';
  return { what: found ? path : `${path} as ${kind}`, found, evidence: { path } };
}
