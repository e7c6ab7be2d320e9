import { decode } from '../../base/text.js';
import type { GuestPath } from '../../image/image.js';
import type { Fact } from '../fact.js';
import { realPathOf, statOf } from '../follow.js';
import { type Init, init } from '../init/init.js';
import { initModules } from '../init/init-modules.js';
import { environmentInputs } from '../init/process/environment.js';
import { services } from '../init/services.js';
import { os } from '../os.js';
import { packageDatabase, packages } from '../packages.js';
import type { Agent } from './agent.js';
import type { AgentSearch } from './context.js';
import { executableRequirement } from './programs.js';
import {
  findModule,
  findPackageFolders,
  foldersOf,
  interpreterOf,
  pythonInputs,
  usualSurroundings,
} from './python.js';
import { join } from '../../image/resolve.js';
import { agentServiceNames } from './service-names.js';
import { sitePackagesAgent, sitePackagesInputs } from './site-packages.js';
import { type StartedProgram, programNamedIn, startedPrograms } from './started-programs.js';
import { treeAgent, treeInputs } from './tree.js';
import { wrappedRequirements } from './wrapper.js';
import { treeRoot } from './tree-root.js';
import { isZipapp, zipappAgent } from './zipapp.js';

/** 2.x: where packages and where pip put the program. */
const programs: readonly GuestPath[] = ['/usr/bin/nova-agent', '/usr/local/bin/nova-agent'];
const programLimit = 32 * 1024 * 1024;

/** Names under which the program may stand elsewhere, when a service starts it there. */
const elsewhere = ['/**/nova-agent', '/**/nova-agent.py', '/**/nova-agent.pyz', '/**/nova-agent.sh'];

/** Every nova-agent in the guest, newest generation first; empty when there is none. */
export const agents: Fact<readonly Agent[]> = {
  name: 'agents',
  inputs: [
    ...[...programs, ...elsewhere].map((glob) => ({ glob, limit: programLimit })),
    ...sitePackagesInputs,
    ...pythonInputs,
    ...environmentInputs,
    ...treeInputs,
    ...os.inputs,
    ...packages.inputs,
    ...services.inputs,
  ],
  async gather(image, get) {
    const started = hasServices(await get(init)) ? await startedPrograms(image, await get(services)) : [];
    const search: AgentSearch = {
      image,
      os: await get(os),
      installed: (await get(packages)).installed,
      packageDatabase: await get(packageDatabase),
      folders: await findPackageFolders(image),
      surroundings: usualSurroundings,
      startedBy: [],
      isRead: false,
    };
    const found = [...(await pythonAgents(search, started)), await treeAgent(search)];
    return found.filter((agent) => agent !== undefined);
  },
};

/** Of an init system whose services cannot be judged, only the usual places tell. */
function hasServices({ system }: Init): boolean {
  return initModules[system].judgesServices;
}

/** The agents of generation 2: one for each program, or one for a package that has lost its program. */
async function pythonAgents(
  search: AgentSearch,
  started: readonly StartedProgram[],
): Promise<readonly Agent[]> {
  const { image } = search;
  const found = new Map<string, Agent>();
  // What a service starts comes first: of two that are there, it is the one that runs.
  for (const path of new Set([...started.map(({ program }) => program), ...programs])) {
    const starters = started.filter(({ program }) => program === path);
    const [first] = starters;
    const own: AgentSearch = {
      ...search,
      surroundings: first?.surroundings ?? usualSurroundings,
      startedBy: starters.map(({ service }) => service),
      isRead: first?.python !== undefined,
    };
    const agent =
      first?.module === undefined ? await pythonAgent(own, path, first) : await moduleAgent(own, first);
    const real = await realPathOf(image, path);
    if (agent && !found.has(real ?? path)) found.set(real ?? path, agent);
  }
  if (found.size > 0) return [...found.values()];
  const orphan = await sitePackagesAgent(search, '/usr/bin/nova-agent', undefined, undefined);
  return orphan ? [orphan] : [];
}

/** Wrappers that start wrappers. */
const maxWrappers = 3;

async function pythonAgent(
  search: AgentSearch,
  path: GuestPath,
  started: StartedProgram | undefined,
  depth = 0,
): Promise<Agent | undefined> {
  const { image } = search;
  const real = await realPathOf(image, path);
  if (!real || real.startsWith(`${treeRoot}/`)) return undefined;
  // Where 1.x keeps its program; without the link into its tree it is still that.
  if (real === '/usr/sbin/nova-agent' && (await statOf(image, treeRoot))) return undefined;
  const entry = await statOf(image, path);
  if (entry?.type === 'directory' && started?.python !== undefined)
    return folderAgent(search, path, firstLine(started));
  if (entry?.type !== 'file') return undefined;
  if (!isDeclared(path)) return plainAgent(search, path);
  const bytes = await image.readFile(path, programLimit);
  if (!bytes) return undefined;
  const line = started?.python === undefined ? decode(bytes.subarray(0, 256)) : firstLine(started);
  const interpreter = await interpreterOf(image, line, search.surroundings);
  if (isZipapp(bytes)) return zipappAgent(search, path, bytes, interpreter);
  const script = decode(bytes.subarray(0, 64 * 1024));
  const behind = interpreter ? undefined : await programNamedIn(image, script);
  if (behind !== undefined && behind !== path && depth < maxWrappers)
    return pythonAgent(search, behind, started && { ...started, python: undefined }, depth + 1);
  const python = interpreter || bytes.length === 0 || !/^(?:#!|\x7fELF)/.test(script);
  const agent = python ? await sitePackagesAgent(search, path, script, interpreter) : undefined;
  return agent ?? (started && plainAgent(search, path, script));
}

/** What the first line of a script would say, to have it run as the command does. */
function firstLine({ python = '', options = '' }: StartedProgram): string {
  return `#!${python} ${options}\n`;
}

/** The modules of an agent that Python is to run by name, `-m novaagent.novaagent`: there is no program then. */
async function moduleAgent(search: AgentSearch, started: StartedProgram): Promise<Agent | undefined> {
  const { image, surroundings } = search;
  const [top = '', ...parts] = started.module?.split('.') ?? [];
  const interpreter = await interpreterOf(
    image,
    `#!${started.program} ${started.options ?? ''}\n`,
    surroundings,
  );
  const folders = await foldersOf(image, search.folders, interpreter, surroundings);
  const location = await findModule(image, folders, top);
  if (location === undefined) return undefined;
  const module = parts.reduce<GuestPath>((folder, part) => join(folder, part), location);
  const isPackage = (await statOf(image, module))?.type === 'directory';
  const program: GuestPath = isPackage ? join(module, '__main__.py') : `${module}.py`;
  return sitePackagesAgent(search, program, '#!novaagent\n', interpreter);
}

/** A folder that Python is to run: its `__main__.py` (python(1)), with the folder as the first to find modules in. */
async function folderAgent(search: AgentSearch, folder: GuestPath, line: string): Promise<Agent | undefined> {
  const surroundings = { ...search.surroundings, folders: [folder, ...search.surroundings.folders] };
  const interpreter = await interpreterOf(search.image, line, surroundings);
  const main = join(folder, '__main__.py');
  return sitePackagesAgent({ ...search, surroundings }, main, '#!novaagent\n', interpreter);
}

/** Whether the content of a program is kept of a tarball. */
function isDeclared(path: GuestPath): boolean {
  return /\/nova-agent(?:\.(?:py|pyz|sh))?$/.test(path);
}

/** A program of which nothing can be read: it is the agent because a service starts it under that name. */
async function plainAgent(search: AgentSearch, program: GuestPath, script = ''): Promise<Agent> {
  return {
    generation: 2,
    form: 'program',
    version: undefined,
    versionFrom: undefined,
    program,
    serviceNames: await agentServiceNames(search, 2),
    requirements: [
      await executableRequirement(search.image, program, search.isRead),
      ...(await wrappedRequirements(search.image, program, script)),
    ],
    links: [],
  };
}
