import type { ShellWorld } from '../../formats/shell-commands.js';
import { shellOf } from '../../formats/shell-line.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { findProgram } from '../agents/programs.js';
import type { Variables } from './surroundings.js';

/** Bytes of a script: what brings a VPN up is short. Among the programs of packages only the smallest are looked at. */
const limit = 64 * 1024;
const packagedLimit = 16 * 1024;

/** Where scripts of an administrator lie that a service or a hook runs. */
const folders: readonly (readonly [folder: string, limit: number])[] = [
  ['/usr/local/bin', limit],
  ['/usr/local/sbin', limit],
  ['/usr/local/lib', limit],
  ['/usr/local/lib/*', limit],
  ['/usr/local/libexec', limit],
  ['/usr/bin', packagedLimit],
  ['/usr/sbin', packagedLimit],
  ['/bin', packagedLimit],
  ['/sbin', packagedLimit],
  ['/usr/libexec', packagedLimit],
  ['/opt', limit],
  ['/opt/*', limit],
  ['/opt/*/*', limit],
  ['/srv', limit],
  ['/srv/*', limit],
  ['/root', limit],
  ['/root/bin', limit],
  ['/root/scripts', limit],
  ['/home/*', limit],
  ['/home/*/bin', limit],
  ['/etc', limit],
  ['/etc/*', limit],
  ['/etc/*/*', limit],
];

const patterns = folders.map(([folder, most]) => ({
  pattern: new RegExp(`^${folder.replaceAll('*', '[^/]+')}/[^/]+$`),
  most,
}));

/** What is read of scripts, and of the settings that they take in. */
export const scriptInputs: readonly Input[] = folders.map(([folder, most]) => ({
  glob: `${folder}/*`,
  limit: most,
}));

/** Files of which only the running system knows what is in them, or whether they are there. */
const madeAtBoot = /^\/(?:run|var\/run|proc|sys|dev|tmp)(?:\/|$)/;

/** A script of the image. */
export interface Script {
  readonly path: GuestPath;
  readonly text: string;
}

/**
 * The script that a command runs; undefined when that is no script of a shell, or not where scripts are looked for.
 * @param program - a path, or a name that is looked for as a service does
 * @param isRead - whether a shell is given it to read, so that it needs no execute bit
 */
export async function scriptOf(image: Image, program: string, isRead = false): Promise<Script | undefined> {
  const path = program.startsWith('/') ? (program as GuestPath) : await findProgram(image, program);
  const real = path && (await image.realPath(path));
  const most = real && patterns.find(({ pattern }) => pattern.test(real))?.most;
  if (!real || most === undefined) return undefined;
  const entry = await image.lstat(real);
  if (entry?.type !== 'file' || entry.size > most || (!isRead && (entry.mode & 0o111) === 0))
    return undefined;
  const text = await image.readText(real, most);
  return text !== undefined && isOfShell(text) ? { path: real, text } : undefined;
}

/** Of a script without a first line of its own, a shell makes what it can; of a program, nothing. */
function isOfShell(text: string): boolean {
  if (text.startsWith('#!')) return shellOf(text) !== undefined;
  return !text.slice(0, 512).includes('\0');
}

/**
 * What a script finds in this image.
 * @param variables - of the environment that it runs in
 */
export function worldOf(image: Image, args: ShellWorld['args'], variables?: Variables): ShellWorld {
  return {
    ...(args ? { args } : {}),
    // Options of an interface's stanza, of which the rule about interfaces knows.
    variable: (name) => variables?.get(name) ?? (name.startsWith('IF_') ? '' : undefined),
    fileTest: async (operator, path) => (madeAtBoot.test(path) ? undefined : fileTest(image, operator, path)),
    sourced: async (path) => {
      const real = path.startsWith('/') ? await image.realPath(path as GuestPath) : undefined;
      const most = real && patterns.find(({ pattern }) => pattern.test(real))?.most;
      const entry = real && (await image.lstat(real));
      if (!entry || most === undefined || entry.type !== 'file' || entry.size > most) return undefined;
      return image.readText(real, most);
    },
  };
}

async function fileTest(image: Image, operator: string, path: string): Promise<boolean | undefined> {
  if (!path.startsWith('/')) return undefined;
  const real = await image.realPath(path as GuestPath);
  const entry = real && (await image.lstat(real));
  switch (operator) {
    case '-e':
    case '-a':
      return entry !== undefined;
    case '-f':
      return entry?.type === 'file';
    case '-d':
      return entry?.type === 'directory';
    case '-x':
      return entry !== undefined && (entry.type === 'directory' || (entry.mode & 0o111) !== 0);
    case '-r':
    case '-w':
      return entry !== undefined;
    case '-s':
      return entry !== undefined && entry.size > 0;
    case '-h':
    case '-L':
      return (await image.lstat(path as GuestPath))?.type === 'link';
    default:
      return undefined;
  }
}
