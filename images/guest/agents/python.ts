import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { baseName, join, parentOf } from '../../image/resolve.js';
import { realPathOf, statOf } from '../follow.js';
import { programInputs } from '../init/process/commands.js';
import type { Requirement } from './agent.js';
import type { Evidence } from '../evidence.js';
import { findProgram, isProgram, searchPath } from './programs.js';
import { scriptAt } from './started.js';

/** The interpreter that a script's first line names. */
export interface Interpreter {
  /** As the line has it: "python3", "/usr/bin/python2". */
  readonly name: string;
  readonly path: GuestPath | undefined;
  /** "3.11", "2.7"; when only the major version shows, "3". */
  readonly version: string | undefined;
  /** Where it is installed, so that its modules lie below: "/usr", "/usr/local", "/opt/python". */
  readonly prefix: GuestPath;
  /** The virtual environment that it belongs to (pyvenv.cfg, PEP 405). */
  readonly environment?: { readonly path: GuestPath; readonly system: boolean } | undefined;
  /** With -E or -I it reads none of the variables that begin with PYTHON (python(1)). */
  readonly isolated: boolean;
  /** With -S it does not import site, which adds the folders of packages (python(1), site(3)). */
  readonly withoutSite: boolean;
}

/** What decides which Python a script's first line finds, and which modules that sees. */
export interface PythonSurroundings {
  /** undefined: the usual one. */
  readonly path: readonly GuestPath[] | undefined;
  /** PYTHONPATH. */
  readonly folders: readonly GuestPath[];
  /** PYTHONHOME. */
  readonly home: { readonly path: string; readonly evidence: Evidence } | undefined;
}

export const usualSurroundings: PythonSurroundings = { path: undefined, folders: [], home: undefined };

/** Where Python packages lie; `*` is "python3", "python2.7" … */
const libraries: readonly GuestPath[] = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64'];
/** The last is of Debian 6 and 7's python-support. */
export const packageFolders: readonly string[] = ['dist-packages', 'site-packages'];
const pythonSupport: GuestPath = '/usr/lib/pymodules';

/** What `pip install --user` makes for root, and Python looks into unless told not to. */
const userLibrary: GuestPath = '/root/.local/lib';

/** What is read of an interpreter: the environment that it belongs to, and a script in its place. */
export const pythonInputs: readonly Input[] = [
  '/**/pyvenv.cfg',
  ...programInputs,
  '/**/cryptography/hazmat/bindings/openssl/binding.py',
];

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
  for (const library of [...libraries, userLibrary, pythonSupport]) {
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

/** The folders that an interpreter looks into for modules; all of them when nothing is known of it. */
export async function foldersOf(
  image: Image,
  folders: readonly PackageFolder[],
  interpreter: Interpreter | undefined,
  surroundings: PythonSurroundings = usualSurroundings,
): Promise<readonly PackageFolder[]> {
  if (!interpreter) return folders;
  const { version, prefix, environment, isolated, withoutSite } = interpreter;
  const own = isolated ? [] : surroundings.folders.map((path) => ({ path, python: version ?? '' }));
  if (withoutSite) return own;
  const visible = environment
    ? [
        ...(await foldersBelow(image, environment.path)),
        ...(environment.system ? folders.filter(({ path }) => isBelow(path, prefix)) : []),
      ]
    : [...folders.filter(({ path }) => isBelow(path, prefix)), ...(await foldersBelow(image, prefix))];
  return [...own, ...visible.filter(({ python }) => fits(python, version))];
}

/** Whether a folder of one version of Python is looked into by another: "3" by all of 3. */
export function fits(python: string, version: string | undefined): boolean {
  if (version === undefined || python === '') return true;
  return python === version || python.startsWith(`${version}.`) || version.startsWith(`${python}.`);
}

/**
 * Whether a folder is one of an installation's: site.py looks below the prefix, and for root in its home. The system's
 * own Python also looks below /usr/local; one that was built there sees neither Debian's dist-packages nor /usr/lib.
 */
function isBelow(folder: GuestPath, prefix: GuestPath): boolean {
  if (folder.startsWith(`${userLibrary}/`)) return true;
  if (prefix === '/usr') return folder.startsWith('/usr/');
  return folder.startsWith(`${prefix}/`) && !(prefix === '/usr/local' && folder.endsWith('/dist-packages'));
}

/** The package folders of an installation or environment that is none of the usual places. */
async function foldersBelow(image: Image, prefix: GuestPath): Promise<readonly PackageFolder[]> {
  if (prefix === '/usr' || prefix === '/usr/local') return [];
  const found: PackageFolder[] = [];
  for (const library of ['lib', 'lib64']) {
    const base = join(prefix, library);
    for (const { name } of (await image.readDir(base)) ?? []) {
      const python = /^python(\d(?:\.\d+)?)$/.exec(name)?.[1];
      const path = join(join(base, name), 'site-packages');
      if (python !== undefined && (await statOf(image, path))?.type === 'directory')
        found.push({ path, python });
    }
  }
  return found;
}

const versionInName = /python(\d(?:\.\d+)?)/;

/**
 * The interpreter of a script: what its `#!` line names, through env(1) if it says so. Its version is told from the
 * name of the file that the links end at (python3 → python3.11), or of the alternative (`/etc/alternatives`).
 *
 * The kernel takes all that follows the program for one argument, a carriage return included (execve(2)): env(1) then
 * looks for a program of that very name, unless it is given -S.
 * @returns undefined when the line names no Python
 */
export async function interpreterOf(
  image: Image,
  script: string,
  { path: folders }: PythonSurroundings = usualSurroundings,
): Promise<Interpreter | undefined> {
  if (!script.startsWith('#!')) return undefined;
  const line =
    script
      .slice(2, 256)
      .split('\n', 1)[0]
      ?.replace(/^[ \t]+|[ \t]+$/g, '') ?? '';
  const [, program = '', argument = ''] = /^([^ \t]*)[ \t]*(.*)$/s.exec(line) ?? [];
  const viaEnv = baseName(program as GuestPath) === 'env';
  const [name, options] = viaEnv ? envArgument(argument) : [program, argument];
  if (!/python/.test(baseName(`/${name}`))) return undefined;
  const there = !viaEnv || (await isProgram(image, program as GuestPath));
  const found = there ? await (viaEnv ? findByEnv : findProgram)(image, name, folders) : undefined;
  return describe(image, there ? name : program, found, options);
}

/**
 * env(1) looks as execvp(3) does: where a script's own interpreter is not there, the kernel says ENOENT, and the next
 * folder is tried.
 */
async function findByEnv(
  image: Image,
  name: string,
  folders: readonly GuestPath[] = searchPath,
): Promise<GuestPath | undefined> {
  for (const folder of folders) {
    const path = await findProgram(image, name, [folder]);
    const of = path && /^#![ \t]*(\/\S+)/.exec((await scriptAt(image, path)) ?? '')?.[1];
    if (path && (of === undefined || (await statOf(image, of as GuestPath)))) return path;
  }
  return undefined;
}

/** What env(1) runs: its one argument as a name, or with -S its words after options and variables. */
function envArgument(argument: string): readonly [string, string] {
  const split = /^(?:-\w*S|--split-string=?)[ \t]*(.*)$/s.exec(argument)?.[1];
  if (split === undefined) return [argument, ''];
  const words = split.split(/[ \t\r]+/);
  const at = words.findIndex((word) => !word.startsWith('-') && !word.includes('='));
  return [words[at] ?? '', words.slice(at + 1).join(' ')];
}

async function describe(
  image: Image,
  name: string,
  found: GuestPath | undefined,
  options: string,
): Promise<Interpreter> {
  const path = found && ((await behindScript(image, found)) ?? found);
  const real = path && (await realPathOf(image, path));
  const version = versionInName.exec(baseName(real ?? `/${name}`)) ?? versionInName.exec(name);
  const folder = parentOf(real ?? '/usr/bin/python');
  return {
    name,
    path,
    version: version?.[1],
    prefix: parentOf(folder) === '/' ? '/usr' : parentOf(folder),
    environment: path && (await environmentAt(image, path)),
    isolated: /(?:^|\s)-\w*[EI]/.test(options),
    withoutSite: /(?:^|\s)-\w*S/.test(options),
  };
}

/** A script in the place of an interpreter that only runs another one. */
async function behindScript(image: Image, path: GuestPath): Promise<GuestPath | undefined> {
  const text = await scriptAt(image, path);
  const other = /^[^#]*?(\/[\w./+-]*\/python[\d.]*)\b/m.exec(text?.slice(text.indexOf('\n')) ?? '')?.[1];
  return other !== undefined && (await isProgram(image, other as GuestPath))
    ? (other as GuestPath)
    : undefined;
}

/** PEP 405: pyvenv.cfg beside the interpreter or one folder above, its links not followed. */
async function environmentAt(image: Image, path: GuestPath): Promise<Interpreter['environment']> {
  for (const folder of [parentOf(parentOf(path)), parentOf(path)]) {
    const file = join(folder, 'pyvenv.cfg');
    if ((await statOf(image, file))?.type !== 'file') continue;
    const text = (await image.readText(file)) ?? '';
    return { path: folder, system: /^\s*include-system-site-packages\s*=\s*true\s*$/im.test(text) };
  }
  return undefined;
}

/** Where a module lies: a package, a module, a compiled module, or in an egg. */
export async function findModule(
  image: Image,
  folders: readonly PackageFolder[],
  module: string,
  version?: string,
): Promise<GuestPath | undefined> {
  for (const { path } of folders) {
    const entries = (await image.readDir(path)) ?? [];
    for (const { name } of entries) {
      const candidate = join(path, name);
      if (
        (name === `${module}.py` || isCompiled(name, module, version)) &&
        (await image.stat(candidate))?.type === 'file'
      )
        return candidate;
      if (name === module && (await isPackage(image, candidate))) return candidate;
      const inEgg = name.endsWith('.egg') ? join(candidate, module) : undefined;
      if (inEgg && (await isPackage(image, inEgg))) return inEgg;
    }
  }
  return undefined;
}

/** Whether a file is a module that this version of Python can load: PEP 3149's tag, `abi3` for all of 3 (PEP 384). */
function isCompiled(name: string, module: string, version: string | undefined): boolean {
  if (!name.startsWith(`${module}.`) || !name.endsWith('.so')) return false;
  const tag = /^\.cpython-(\d)(\d+)/.exec(name.slice(module.length));
  if (!tag || version === undefined) return true;
  return version.includes('.') ? version === `${tag[1] ?? ''}.${tag[2] ?? ''}` : version === tag[1];
}

/** A folder without `__init__.py` imports as an empty namespace: what a removed package can leave behind. */
async function isPackage(image: Image, folder: GuestPath): Promise<boolean> {
  for (const { name } of (await image.readDir(folder)) ?? []) {
    if (/^__init__\.(?:pyc?|.*so)$/.test(name) && (await image.stat(join(folder, name)))?.type === 'file')
      return true;
  }
  return false;
}

/** A module as a requirement, asked for by `askedBy`; of cryptography also what it is compiled of. */
export async function moduleRequirements(
  image: Image,
  folders: readonly PackageFolder[],
  module: string,
  askedBy: Evidence,
  interpreter: Interpreter | undefined,
): Promise<readonly Requirement[]> {
  const { version, prefix } = interpreter ?? {};
  const path = await findModule(image, folders, module, version);
  // Of another Python than the system's own the modules of packages do not help.
  const whose = prefix === undefined || prefix === '/usr' ? '' : ` for ${interpreter?.path ?? prefix}`;
  const found = {
    what: `module ${module}${whose}`,
    found: path !== undefined,
    evidence: path ? { path } : askedBy,
  };
  if (module !== 'cryptography' || !path) return [found];
  return [found, ...(await compiledParts(image, folders, path, version))];
}

/**
 * What `from cryptography.hazmat.backends.openssl.backend import backend` loads beyond Python: the library that
 * bindings/openssl/binding.py names (`_openssl` until 39, `_rust` since), for this version of Python, and cffi's
 * `_cffi_backend`, without which either fails to load.
 */
async function compiledParts(
  image: Image,
  folders: readonly PackageFolder[],
  cryptography: GuestPath,
  version: string | undefined,
): Promise<readonly Requirement[]> {
  const hazmat = join(cryptography, 'hazmat');
  const init = await statOf(image, join(cryptography, '__init__.py'));
  if ((await statOf(image, hazmat))?.type !== 'directory') {
    if (!init || init.size === 0) return [];
    return [{ what: 'module cryptography.hazmat', found: false, evidence: { path: cryptography } }];
  }
  const bindings = join(hazmat, 'bindings');
  const source = join(bindings, 'openssl/binding.py');
  const text = (await statOf(image, source))?.type === 'file' ? await image.readText(source) : undefined;
  const named = new Set((text ?? '').match(/\b_(?:openssl|rust)\b/g) ?? []);
  const wanted = named.has('_rust') ? ['_rust'] : named.has('_openssl') ? ['_openssl'] : [];
  const names = ((await image.readDir(bindings)) ?? []).map(({ name }) => name);
  // Until 39 both were there, and the backend loads _rust, too, for certificates.
  if (names.includes('_rust') && !wanted.includes('_rust')) wanted.push('_rust');
  const requirements = wanted.map((module) => ({
    what: `module cryptography.hazmat.bindings.${module}${version === undefined ? '' : ` for Python ${version}`}`,
    found: names.some((name) => isCompiled(name, module, version)),
    evidence: { path: bindings },
  }));
  if (wanted.length === 0) return [];
  const backend = await findModule(image, folders, '_cffi_backend', version);
  return [
    ...requirements,
    {
      what: `module _cffi_backend${version === undefined ? '' : ` for Python ${version}`} (cffi)`,
      found: backend !== undefined,
      evidence: { path: backend ?? bindings },
    },
  ];
}
