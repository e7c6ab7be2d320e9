import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, ownMark, parse, print } from '../write/lock.js';

/** What a folder is for, which is the beginning of its name. */
export type FolderPurpose = 'sandbox' | 'rescue';

const prefixOf = (purpose: FolderPurpose): string => `hallmark-${purpose}.`;

/** A folder of the host for one sandbox or rescue, named for the process that made it. Gone with {@link Disposable}. */
export interface WorkFolder extends Disposable {
  readonly path: string;
  /** The same for a cgroup, which cannot lie in a folder. */
  readonly name: string;
}

/** Makes a folder that only we may look into. */
export function makeWorkFolder(purpose: FolderPurpose = 'sandbox'): WorkFolder {
  const path = mkdtempSync(join(tmpdir(), `${prefixOf(purpose)}${print(ownMark())}-`));
  return {
    path,
    name: path.slice(path.lastIndexOf('/') + 1),
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/**
 * The names in a folder that a sandbox of a process that is gone has left. Its mounts, processes and links ended with
 * its namespaces; what is left are empty mount points, an unpacked tarball, and cgroups.
 */
export function leftIn(folder: string, purpose: FolderPurpose = 'sandbox'): string[] {
  const prefix = prefixOf(purpose);
  return readdirSync(folder)
    .filter((name) => {
      const mark = name.startsWith(prefix) && parse(name.slice(prefix.length).replace(/-[^.]*$/, ''));
      return mark && !isAlive(mark);
    })
    .map((name) => join(folder, name));
}

/** The work folders that killed runs left. */
export function leftWorkFolders(purpose: FolderPurpose = 'sandbox'): string[] {
  return leftIn(tmpdir(), purpose);
}

/** Removes them. */
export function clearWorkFolders(purpose: FolderPurpose = 'sandbox'): void {
  for (const path of leftWorkFolders(purpose)) rmSync(path, { recursive: true, force: true });
}
