import { basename } from 'node:path';

/** What `npm run test:e2e -- NAME…` runs. */

/**
 * The files that take longest, measured: started first, so that none of them is left to run alone at the end. Any order
 * is right; `npm run test:e2e` ends with a table of what each file took.
 */
const longest = [
  'rescue',
  'standalone',
  'rescue-safety',
  'rescue-system',
  'rehearse-cloud-init',
  'snapshot-live',
  'rehearse',
  'transaction',
  'snapshot',
  'matrix',
  'nova-play',
];

/** @returns the name of a file of tests as a person types it: without folder and ending */
export const shortName = (file: string): string => basename(file).replace(/(?:\.e2e)?(?:\.[jt]s)?$/, '');

/**
 * @param files - the compiled files of tests
 * @param names - `cli`, `cli.e2e.ts` or a path to it; none for all
 * @returns the files with these names, in the order in which to start them
 * @throws {Error} when a name is not one of them
 */
export function choose(files: readonly string[], names: readonly string[]): string[] {
  const known = new Map(files.map((file) => [shortName(file), file]));
  const rank = (file: string): number => longest.indexOf(shortName(file)) + 1 || longest.length + 1;
  const chosen = names.length === 0 ? [...files] : [...new Set(names.map(find))];
  return chosen.sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));

  function find(name: string): string {
    const file = known.get(shortName(name));
    if (file === undefined)
      throw new Error(
        `There is no end-to-end test "${name}". There are: ${[...known.keys()].sort().join(', ')}`,
      );
    return file;
  }
}
