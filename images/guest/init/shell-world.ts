import type { ShellWorld } from '../../formats/shell-commands.js';
import type { Entry, GuestPath, Image } from '../../image/image.js';

/** Bytes of a file that a script takes in; the largest in the field are functions of a distribution. */
const sourcedLimit = 256 * 1024;

/** Where the settings and functions lie that init scripts take in by `.`. */
export const sourcedInputs = ['/etc/default/*', '/etc/sysconfig/*', '/etc/conf.d/*', '/etc/*.env'].map(
  (glob) => ({ glob, limit: sourcedLimit }),
);

const isSourced = /^\/etc\/(?:(?:default|sysconfig|conf\.d)\/[^/]+|[^/]+\.env)$/;

/** Of what is there only the running system knows. */
const ofTheBoot = /^\/(?:run|var\/run|var\/lock|proc|sys|dev|tmp)(?:\/|$)/;

/** What a script finds around it in this image: its files, and the settings that it takes in. */
export function shellWorld(image: Image, args?: readonly (string | undefined)[]): ShellWorld {
  return {
    ...(args ? { args } : {}),
    fileTest: (operator, path) => fileTest(image, operator, path),
    sourced: async (path) => {
      if (!isSourced.test(path)) return undefined;
      const entry = await image.stat(path as GuestPath);
      // What is not there sets nothing, and the script goes on or ends by itself.
      if (entry?.type !== 'file' || entry.size > sourcedLimit) return undefined;
      return image.readText(path as GuestPath, sourcedLimit);
    },
  };
}

/** What test(1) says of a path; undefined of what a boot makes. */
async function fileTest(image: Image, operator: string, path: string): Promise<boolean | undefined> {
  if (!path.startsWith('/') || ofTheBoot.test(path)) return undefined;
  if (operator === '-h' || operator === '-L') return (await image.lstat(path as GuestPath))?.type === 'link';
  const entry = await image.stat(path as GuestPath);
  return tests[operator]?.(entry);
}

const tests: Readonly<Record<string, (entry: Entry | undefined) => boolean>> = {
  '-a': (entry) => entry !== undefined,
  '-e': (entry) => entry !== undefined,
  '-r': (entry) => entry !== undefined,
  '-w': (entry) => entry !== undefined,
  '-f': (entry) => entry?.type === 'file',
  '-d': (entry) => entry?.type === 'directory',
  '-s': (entry) => (entry?.size ?? 0) > 0,
  '-x': (entry) => entry !== undefined && (entry.type === 'directory' || (entry.mode & 0o111) !== 0),
};
