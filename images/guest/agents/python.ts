import type { GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import type { Requirement } from './agent.js';
import type { Evidence } from '../evidence.js';
import { findProgram } from './programs.js';

/** The interpreter that a script's first line names. */
export interface Interpreter {
  /** As the line has it: "python3", "/usr/bin/python2". */
  readonly name: string;
  readonly path: GuestPath | undefined;
  /** "3.11", "2.7"; when only the major version shows, "3". */
  readonly version: string | undefined;
}

/** Where Python packages lie; `*` is "python3", "python2.7" … */
const libraries: readonly GuestPath[] = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64'];
/** The last is of Debian 6 and 7's python-support. */
const packageFolders: readonly string[] = ['dist-packages', 'site-packages'];
const pythonSupport: GuestPath = '/usr/lib/pymodules';

/** Globs of every folder of Python packages, for the inputs of a fact. */
export const packageFolderGlobs: readonly string[] = [
  ...libraries.flatMap((library) => packageFolders.map((folder) => `${library}/python*/${folder}`)),
  `${pythonSupport}/python*`,
];

/** A folder of Python packages, and the versions of Python that look into it. */
export interface PackageFolder {
  readonly path: GuestPath;
  /** "3" for all of them, "3.11", "2.7". */
  readonly python: string;
}

/** Every folder of Python packages in the guest. */
export async function findPackageFolders(image: Image): Promise<readonly PackageFolder[]> {
  const found: PackageFolder[] = [];
  for (const library of [...libraries, pythonSupport]) {
    for (const { name } of (await image.readDir(library)) ?? []) {
      const python = /^python(\d(?:\.\d+)?)$/.exec(name)?.[1];
      if (python === undefined) continue;
      const base = join(library, name);
      const paths = library === pythonSupport ? [base] : packageFolders.map((folder) => join(base, folder));
      for (const path of paths)
        if ((await image.stat(path))?.type === 'directory') found.push({ path, python });
    }
  }
  return found;
}

/** The folders that a Python of that version looks into; all of them when it is not known. */
export function foldersOf(
  folders: readonly PackageFolder[],
  version: string | undefined,
): readonly PackageFolder[] {
  if (version === undefined) return folders;
  return folders.filter(
    ({ python }) =>
      python === version || python.startsWith(`${version}.`) || version.startsWith(`${python}.`),
  );
}

/**
 * The interpreter of a script: what its `#!` line names, through env(1) if it says so. Its version is told from the
 * name of the file that the links end at (python3 → python3.11), or of the alternative (`/etc/alternatives`).
 * @returns undefined when the line names no Python
 */
export async function interpreterOf(image: Image, script: string): Promise<Interpreter | undefined> {
  if (!script.startsWith('#!')) return undefined;
  const words = script.slice(2, 256).split('\n', 1)[0]?.trim().split(/\s+/) ?? [];
  const viaEnv = baseName((words[0] ?? '') as GuestPath) === 'env';
  const name = viaEnv
    ? words.slice(1).find((word) => !word.startsWith('-') && !word.includes('='))
    : words[0];
  if (name === undefined || !/python/.test(baseName(`/${name}`))) return undefined;
  const path = await findProgram(image, name);
  const real = path && (await image.realPath(path));
  const version =
    /python(\d(?:\.\d+)?)/.exec(baseName(real ?? `/${name}`)) ?? /python(\d(?:\.\d+)?)/.exec(name);
  return { name, path, version: version?.[1] };
}

/** The interpreter as a requirement, asked for by the script's first line. */
export function interpreterRequirement(interpreter: Interpreter, script: GuestPath): Requirement {
  return {
    what: interpreter.name,
    found: interpreter.path !== undefined,
    evidence: interpreter.path ? { path: interpreter.path } : { path: script, line: 1 },
  };
}

/** Where a module lies: a package, a module, a compiled module, or in an egg. */
export async function findModule(
  image: Image,
  folders: readonly PackageFolder[],
  module: string,
): Promise<GuestPath | undefined> {
  for (const { path } of folders) {
    const entries = (await image.readDir(path)) ?? [];
    for (const { name } of entries) {
      const candidate = join(path, name);
      const compiled = name.startsWith(`${module}.`) && name.endsWith('.so');
      if ((name === `${module}.py` || compiled) && (await image.stat(candidate))?.type === 'file')
        return candidate;
      if (name === module && (await isPackage(image, candidate))) return candidate;
      const inEgg = name.endsWith('.egg') ? join(candidate, module) : undefined;
      if (inEgg && (await isPackage(image, inEgg))) return inEgg;
    }
  }
  return undefined;
}

/** A folder without `__init__.py` imports as an empty namespace: what a removed package can leave behind. */
async function isPackage(image: Image, folder: GuestPath): Promise<boolean> {
  for (const { name } of (await image.readDir(folder)) ?? []) {
    if (/^__init__\.(?:pyc?|.*so)$/.test(name) && (await image.stat(join(folder, name)))?.type === 'file')
      return true;
  }
  return false;
}

/** A module as a requirement, asked for by `askedBy`. */
export async function moduleRequirement(
  image: Image,
  folders: readonly PackageFolder[],
  module: string,
  askedBy: Evidence,
): Promise<Requirement> {
  const path = await findModule(image, folders, module);
  return { what: `module ${module}`, found: path !== undefined, evidence: path ? { path } : askedBy };
}
