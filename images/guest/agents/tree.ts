import type { GuestPath, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import { statOf } from '../follow.js';
import type { Input } from '../../image/inputs.js';
import type { Agent, Requirement } from './agent.js';
import { type AgentSearch, type KnownVersion, packagedVersion } from './context.js';
import { isProgram } from './programs.js';
import { agentServiceNames } from './service-names.js';
import { treeRoot } from './tree-root.js';

type VersionLink = Agent['links'][number];

const program: GuestPath = '/usr/sbin/nova-agent';
const config: GuestPath = `${treeRoot}/nova-agent.py`;

/** Where the installer puts the init script or unit, by what kind of system it finds. */
const initFiles: readonly GuestPath[] = [
  '/etc/init.d/nova-agent',
  '/etc/rc.d/init.d/nova-agent',
  '/etc/systemd/system/nova-agent.service',
  '/usr/lib/systemd/system/nova-agent.service',
  '/lib/systemd/system/nova-agent.service',
  '/etc/rc.d/nova-agent',
  '/etc/nova-agent.init',
];

const programLimit = 32 * 1024 * 1024;

/** What is read of a tree: the program's first bytes, and the init script that its link leads to. */
export const treeInputs: readonly Input[] = [
  ...[program, `${treeRoot}/*/sbin/nova-agent`].map((glob) => ({ glob, limit: programLimit })),
  ...initFiles,
  `${treeRoot}/*/etc/**`,
];

/**
 * A 1.x agent: a folder for its version under /usr/share/nova-agent with the program, its libraries and its own
 * Python modules, and links into it from where the system looks.
 * @returns undefined when there is no such folder and no link to one
 */
export async function treeAgent(search: AgentSearch): Promise<Agent | undefined> {
  const { image } = search;
  const folders = await versionFolders(image);
  const target = await linkedVersion(image, program);
  if (folders.length === 0 && target === undefined) return undefined;
  const version = target ?? (folders.length === 1 ? folders[0] : undefined);
  const init = await findInit(image);
  return {
    generation: 1,
    form: 'tree',
    ...versionOf(search, version),
    program,
    serviceNames: await agentServiceNames(search, 1),
    requirements: await requirements(image, version, init),
    links: await versionLinks(image, init),
  };
}

function versionOf(search: AgentSearch, folder: string | undefined): KnownVersion {
  if (folder !== undefined && /^\d/.test(folder))
    return { version: folder, versionFrom: { path: join(treeRoot, folder) } };
  return packagedVersion(search, 1) ?? { version: undefined, versionFrom: undefined };
}

/** Folders that hold a program, its libraries or its configuration; an update can leave others behind. */
async function versionFolders(image: Image): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { name, type } of (await image.readDir(treeRoot)) ?? []) {
    if (type !== 'directory') continue;
    const parts = ['sbin/nova-agent', 'nova-agent.py', 'lib'].map((part) =>
      image.stat(join(join(treeRoot, name), part)),
    );
    if ((await Promise.all(parts)).some((entry) => entry !== undefined)) names.push(name);
  }
  return names;
}

/** The version whose folder a link leads to or, when it is broken, says that it leads to. */
async function linkedVersion(image: Image, path: GuestPath): Promise<string | undefined> {
  const target = (await image.realPath(path)) ?? (await image.readLink(path));
  return versionIn(target ?? '');
}

/** "1.39.1" of "/usr/share/nova-agent/1.39.1/lib". */
function versionIn(text: string): string | undefined {
  return /\/nova-agent\/([\w.+~-]+)\//.exec(text)?.[1];
}

interface InitFile {
  readonly path: GuestPath;
  /** Undefined when the link to it is broken. */
  readonly text: string | undefined;
}

/** The init script or unit that starts this generation; the other one has none that names the tree. */
async function findInit(image: Image): Promise<InitFile | undefined> {
  for (const path of initFiles) {
    if (!(await image.lstat(path))) continue;
    const text = await image.readText(path);
    if (
      (await linkedVersion(image, path)) !== undefined ||
      text?.includes(treeRoot) ||
      text?.includes(program)
    ) {
      return { path, text };
    }
  }
  return undefined;
}

/** The three links, and what the init script itself says of the version (`reallibdir`, LD_LIBRARY_PATH). */
async function versionLinks(image: Image, init: InitFile | undefined): Promise<readonly VersionLink[]> {
  const links: VersionLink[] = [];
  for (const path of [program, config, ...(init ? [init.path] : [])]) {
    const entry = await image.lstat(path);
    if (entry?.type !== 'link') continue;
    const broken = (await image.stat(path)) === undefined;
    links.push({ path, version: await linkedVersion(image, path), broken });
  }
  const named = new Set<string>();
  for (const [index, text] of (init?.text ?? '').split('\n').entries()) {
    const version = text.trimStart().startsWith('#') ? undefined : versionIn(text);
    if (!init || version === undefined || named.has(version)) continue;
    named.add(version);
    const broken = (await image.stat(join(treeRoot, version))) === undefined;
    links.push({ path: init.path, line: index + 1, version, broken });
  }
  return links;
}

/**
 * The configuration that the init script or unit hands to the program. The installer makes a link to it in the tree's
 * root; the RPM package 1.39.1-2 has none, and names the one in the version's folder.
 */
async function configOf(
  image: Image,
  version: string | undefined,
  init: InitFile | undefined,
): Promise<GuestPath> {
  for (const line of (init?.text ?? '').split('\n')) {
    const named = /^[^#]*?(\/usr\/share\/nova-agent\/(?:[\w.+~-]+\/)?nova-agent\.py)\b/.exec(line)?.[1];
    if (named !== undefined) return named as GuestPath;
  }
  if ((await image.lstat(config)) || version === undefined) return config;
  // A script can put the path together from variables.
  const versioned = join(join(treeRoot, version), 'nova-agent.py');
  return (await statOf(image, versioned)) ? versioned : config;
}

async function requirements(
  image: Image,
  version: string | undefined,
  init: InitFile | undefined,
): Promise<readonly Requirement[]> {
  const configured = await configOf(image, version, init);
  const isConfig = (await statOf(image, configured))?.type === 'file';
  const found: Requirement[] = [
    await elfRequirement(image),
    {
      what: isConfig ? configured : `${configured} as a file`,
      found: isConfig,
      evidence: { path: configured },
    },
  ];
  if (version !== undefined) {
    const lib = join(join(treeRoot, version), 'lib');
    const isFolder = (await image.stat(lib))?.type === 'directory';
    found.push({ what: isFolder ? lib : `${lib} as a folder`, found: isFolder, evidence: { path: lib } });
  }
  return found;
}

/** The program is a compiled one; a file that is empty, or no ELF (elf(5)), does not start. */
async function elfRequirement(image: Image): Promise<Requirement> {
  const bytes = (await isProgram(image, program)) ? await image.readFile(program, programLimit) : undefined;
  const found = bytes?.subarray(0, 4).toString('latin1') === '\x7fELF';
  return {
    what: found ? program : `${program} as an executable ELF file`,
    found,
    evidence: { path: program },
  };
}
