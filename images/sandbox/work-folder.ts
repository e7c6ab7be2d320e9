import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, ownMark, parse, print } from '../transaction/lock.js';

const prefix = 'hallmark-sandbox.';

/** A folder of the host for one sandbox, named for the process that made it. Gone with {@link Disposable}. */
export interface WorkFolder extends Disposable {
  readonly path: string;
  /** The same for a cgroup, which cannot lie in a folder. */
  readonly name: string;
}

/** Makes a folder that only we may look into. */
export function makeWorkFolder(): WorkFolder {
  const path = mkdtempSync(join(tmpdir(), `${prefix}${print(ownMark())}-`));
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
export function leftIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => {
      const mark = name.startsWith(prefix) && parse(name.slice(prefix.length).replace(/-[^.]*$/, ''));
      return mark && !isAlive(mark);
    })
    .map((name) => join(folder, name));
}

/** Removes the work folders that killed runs left. */
export function clearWorkFolders(): void {
  for (const path of leftIn(tmpdir())) rmSync(path, { recursive: true, force: true });
}
