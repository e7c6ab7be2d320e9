import type { Input } from '../inputs.js';
import { type GuestPath, defaultReadLimit } from '../image.js';

/** PATH_MAX (limits.h). No rule reads a longer path, and no glob should be tried on one. */
const maxPath = 4096;

/**
 * Directories that are links in common layouts, and where they lead: the merged /usr and Red Hat's /etc/rc.d. What
 * lies there is kept for the name by way of the link, too, which saves the second pass.
 */
const usualLinks: readonly (readonly [real: string, link: string])[] = [
  ['/usr/', '/'],
  ['/etc/rc.d/', '/etc/'],
  ['/run/', '/var/run/'],
];

/** Which contents are to be kept in a pass, of all that go by. */
export interface WantedContents {
  /** How many bytes of the file at `path` may be read; undefined when no input names it. */
  limitOf(path: GuestPath): number | undefined;
  /** The same of a file whose other names, by way of links, are not known yet: a guess on the generous side. */
  likelyLimitOf(path: GuestPath): number | undefined;
  /** Whether an input may name something below `path`. */
  reachesBelow(path: GuestPath): boolean;
}

/** Globs of one limit, as one expression. */
interface GlobGroup {
  readonly limit: number;
  readonly pattern: RegExp;
}

/** Compiles the inputs of facts. Of several that name a file, the largest limit counts. */
export async function wantedOf(inputs: readonly Input[]): Promise<WantedContents> {
  const limits = new Map<string, number>();
  for (const input of inputs) {
    const { glob, limit } = typeof input === 'string' ? { glob: input, limit: defaultReadLimit } : input;
    limits.set(glob, Math.max(limit, limits.get(glob) ?? 0));
  }
  const exact = new Map<string, number>();
  const globs = new Map<number, string[]>();
  for (const [glob, limit] of limits) {
    if (!/[*?[\]{}()!+@\\]/.test(glob)) exact.set(glob, limit);
    else globs.set(limit, [...(globs.get(limit) ?? []), glob]);
  }
  const groups = await groupsOf(globs);
  const above = new Set([...limits.keys()].flatMap(directoriesOf));
  const [belowGroup] = await groupsOf(new Map([[0, [...above]]]));
  const limitOf = (path: string): number | undefined => {
    if (path.length > maxPath) return undefined;
    const limit = groups.find(({ pattern }) => pattern.test(path))?.limit;
    const exactly = exact.get(path);
    return limit === undefined || exactly === undefined ? (limit ?? exactly) : Math.max(limit, exactly);
  };
  return {
    limitOf,
    likelyLimitOf: (path) => {
      let limit = limitOf(path);
      for (const [real, link] of usualLinks) {
        if (limit === undefined && path.startsWith(real)) limit = limitOf(link + path.slice(real.length));
      }
      return limit;
    },
    reachesBelow: (path) =>
      path === '/' || (path.length <= maxPath && (belowGroup?.pattern.test(path) ?? false)),
  };
}

async function groupsOf(globs: ReadonlyMap<number, readonly string[]>): Promise<GlobGroup[]> {
  const groups = [...globs].filter(([, patterns]) => patterns.length > 0);
  if (groups.length === 0) return [];
  const { default: picomatch } = await import('picomatch');
  return groups
    .sort(([one], [other]) => other - one)
    .map(([limit, patterns]) => {
      const sources = patterns.map((glob) => picomatch.makeRe(glob, { dot: true, nonegate: true }).source);
      return { limit, pattern: new RegExp(sources.join('|')) };
    });
}

/** The globs of the directories above a glob, down to the first `**`, which stands for any directory. */
function directoriesOf(glob: string): string[] {
  const directories: string[] = [];
  let depth = 0;
  for (let at = 1; at < glob.length; at++) {
    const character = glob[at];
    if (character === '{' || character === '(') depth += 1;
    else if (character === '}' || character === ')') depth -= 1;
    else if (character === '/' && depth === 0) directories.push(glob.slice(0, at));
  }
  return directories;
}
