import type { GuestPath, Image } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';
import { realPathOf, statOf } from '../follow.js';
import { environmentOf, pathOf } from '../init/process/environment.js';
import { valueOf } from '../init/process/process.js';
import type { Service, Services } from '../init/service.js';
import { findProgram } from './programs.js';
import type { PythonSurroundings } from './python.js';
import { customaryAgentServices } from './service-names.js';
import { type Invocation, invocationOf, scriptAt } from './started.js';

/** A program that a service starts as the agent. */
export interface StartedProgram {
  /** The service's name. */
  readonly service: string;
  readonly program: GuestPath;
  /** The module that it has Python run, which is then the program. */
  readonly module?: string;
  /** The Python that the command names, before what the program's first line says. */
  readonly python: string | undefined;
  /** The options that the command gives to it. */
  readonly options?: string | undefined;
  readonly surroundings: PythonSurroundings;
}

const names: readonly string[] = customaryAgentServices;

/**
 * What services start as the agent: those of its names, whatever they start, and others whose program has its name.
 * The enabled ones come first, since they decide what runs.
 */
export async function startedPrograms(image: Image, system: Services): Promise<readonly StartedProgram[]> {
  const found: StartedProgram[] = [];
  const candidates = system.all.filter((service) => service.state !== 'masked' && isCandidate(service));
  for (const service of [...candidates].sort(enabledFirst)) {
    const process = await system.process(service);
    const environment = await environmentOf(image, process);
    const home = environment.variables.get('PYTHONHOME');
    const surroundings: PythonSurroundings = {
      path: pathOf(environment),
      folders: (environment.variables.get('PYTHONPATH')?.value ?? '')
        .split(':')
        .filter((folder): folder is GuestPath => folder.startsWith('/')),
      home: home?.value && home.evidence ? { path: home.value, evidence: home.evidence } : undefined,
    };
    for (const command of process.commands.filter(({ kind }) => kind === 'ExecStart')) {
      const invocation = invocationOf(command.words);
      const { python, options } = invocation;
      if (invocation.isModule) {
        const working = valueOf(process, 'WorkingDirectory')?.value ?? '';
        // python(1), -m and -c: the working folder comes first; systemd.exec(5): that is / for the system's services.
        const own = (working.startsWith('/') ? working : '/') as GuestPath;
        const seen = { ...surroundings, folders: [own, ...surroundings.folders] };
        const { program: module } = invocation;
        if (!/^novaagent(?:\.\w+)*$/.test(module)) continue;
        const program = await findProgram(image, python ?? '', surroundings.path);
        if (program)
          found.push({ service: service.name, program, module, python, options, surroundings: seen });
        continue;
      }
      const program = await programOf(image, service, invocation, surroundings.path);
      if (program) found.push({ service: service.name, program, python, options, surroundings });
    }
  }
  return found;
}

function isCandidate({ name, aliases, exec }: Service): boolean {
  if ([name, ...aliases].some((one) => names.includes(one))) return true;
  return exec.some(({ program }) => /^nova-agent(?:\.\w+)?$/.test(baseName(`/${program}`)));
}

/** The agent's own program behind what a service names: a path, a name, an init script's or a wrapper's. */
async function programOf(
  image: Image,
  service: Service,
  { program, python }: Invocation,
  folders: readonly GuestPath[] | undefined,
): Promise<GuestPath | undefined> {
  if (program === '' || /[\s$%]/.test(program)) return undefined;
  if (service.origin === 'script') return programNamedIn(image, await scriptAt(image, program));
  // What Python reads need not be executable, and may be a folder with a __main__.py.
  const read = python !== undefined && program.startsWith('/') ? (program as GuestPath) : undefined;
  const path = read && (await statOf(image, read)) ? read : await findProgram(image, program, folders);
  if (path === undefined) return undefined;
  const behind = await programNamedIn(image, await scriptAt(image, path));
  if (behind !== undefined) return behind;
  // Of other programs under the agent's service nobody knows that they are the agent.
  return /nova-?agent/.test(path) ? path : undefined;
}

/** The agent's program that a script names outside its comments, if it is there. */
export async function programNamedIn(
  image: Image,
  script: string | undefined,
): Promise<GuestPath | undefined> {
  for (const line of (script?.startsWith('#!') ? script : '').split('\n')) {
    const named = /^[^#]*?(\/[\w./+-]*\/nova-agent(?:\.\w+)?)(?![\w/.-])/.exec(line)?.[1];
    if (named === undefined || /\/(?:init\.d|log|run|default|sysconfig)\//.test(named)) continue;
    if (await realPathOf(image, named as GuestPath)) return named as GuestPath;
  }
  return undefined;
}

function enabledFirst(a: Service, b: Service): number {
  return Number(b.state === 'enabled') - Number(a.state === 'enabled');
}
