import { visible } from '../../base/visible.js';
import { statOf } from '../follow.js';
import type { GuestPath, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import type { Requirement } from './agent.js';
import {
  type Interpreter,
  type PythonSurroundings,
  fits,
  packageFolders,
  usualSurroundings,
} from './python.js';

/** The interpreter as a requirement, asked for by the script's first line, and its own library. */
export async function interpreterRequirements(
  image: Image,
  interpreter: Interpreter,
  script: GuestPath,
  { home }: PythonSurroundings = usualSurroundings,
): Promise<readonly Requirement[]> {
  const { name, path } = interpreter;
  const found: Requirement = {
    what: visible(name),
    found: path !== undefined,
    evidence: path ? { path } : { path: script, line: 1 },
  };
  if (!path) return [found];
  const library =
    home && !interpreter.isolated
      ? {
          folder: home.path,
          evidence: home.evidence,
          what: `the library of Python below ${home.path} (PYTHONHOME)`,
        }
      : undefined;
  if (library) {
    const isThere =
      library.folder.startsWith('/') &&
      (await hasLibrary(image, library.folder as GuestPath, interpreter)) === true;
    return [found, { what: library.what, found: isThere, evidence: library.evidence }];
  }
  const isThere =
    (await hasLibrary(image, interpreter.prefix, interpreter)) ??
    (await hasLibraryElsewhere(image, path, interpreter));
  if (isThere !== false) return [found];
  const version = interpreter.version ?? '';
  return [found, { what: `the library of Python ${version}`, found: false, evidence: { path } }];
}

/** Without the package encodings no Python starts. @returns undefined when there is no folder to tell by */
async function hasLibrary(
  image: Image,
  prefix: GuestPath,
  { version }: Interpreter,
): Promise<boolean | undefined> {
  let judged: boolean | undefined;
  for (const library of ['lib', 'lib64']) {
    const base = join(prefix, library);
    for (const { name } of (await image.readDir(base)) ?? []) {
      // The library may be one archive beside its folder (site(3), zipimport): python311.zip.
      const zipped = /^python(\d)(\d+)\.zip$/.exec(name);
      if (zipped && version?.includes('.') && version === `${zipped[1] ?? ''}.${zipped[2] ?? ''}`)
        return true;
      const python = /^python(\d+\.\d+)$/.exec(name)?.[1];
      if (python === undefined || !fits(python, version)) continue;
      const names = ((await image.readDir(join(base, name))) ?? []).map((entry) => entry.name);
      // A folder with nothing but packages is no library, and says nothing of the one that there is.
      if (names.every((one) => packageFolders.includes(one))) continue;
      if (names.includes('encodings')) return true;
      judged = false;
    }
  }
  return judged;
}

/** Bytes of the smallest compiled interpreter: that of Enterprise Linux, which is but a call of libpython, has 15 000. */
const compiledSize = 4096;

/**
 * Of an interpreter below whose prefix there is no library at all: the system's own has none then, unless it was built
 * with another of the usual prefixes. What is too small to be a Python only leads to one, and says nothing.
 */
async function hasLibraryElsewhere(
  image: Image,
  path: GuestPath,
  interpreter: Interpreter,
): Promise<boolean | undefined> {
  const usual: readonly GuestPath[] = ['/usr', '/usr/local'];
  const { prefix, version, environment } = interpreter;
  if (environment || !usual.includes(prefix) || version?.includes('.') !== true) return undefined;
  if (((await statOf(image, path))?.size ?? 0) < compiledSize) return undefined;
  for (const other of usual.filter((one) => one !== prefix))
    if (await hasLibrary(image, other, interpreter)) return true;
  return false;
}
