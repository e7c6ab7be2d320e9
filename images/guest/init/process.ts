import { booleanOf } from '../../formats/unit-file.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { baseName, isAtOrBelow, join, parentOf } from '../../image/resolve.js';
import { findProgram } from '../agents/programs.js';
import type { Obstacle } from './obstacle.js';
import { realPathOf, statOf } from '../follow.js';
import { accountInputs, accountObstacles } from './process/accounts.js';
import { commandObstacle, programInputs } from './process/commands.js';
import { type Environment, environmentInputs, environmentOf, pathOf } from './process/environment.js';
import {
  type Access,
  MountView,
  binds,
  forbidsExecution,
  ownFolders,
  requiredPaths,
} from './process/mount-view.js';
import { initModules } from './init-modules.js';
import { type Needed, mountInputs, mountObstacles } from './process/mounted.js';
import { type Process, type ProcessSetting, valueOf, valuesOf } from './process/process.js';
import { filtered, lacksCapability, lacksDevice, lacksFamily, lacksNetwork } from './process/rights.js';
import { madeAtBoot } from './process/volatile.js';
import { limitObstacles } from './process/limits.js';
import type { Service, Services } from './service.js';

/** What a service has to be able to do once it is started. What is left out is not asked. */
export interface Work extends Pick<Needed, 'reads' | 'runs'> {
  /** Whether it has to be root. */
  readonly root?: boolean;
  /** Files that it writes or makes. */
  readonly writes?: readonly GuestPath[];
  /** Files that it writes on some servers and not on others: not being able to is a warning. */
  readonly mayWrite?: readonly GuestPath[];
  /** Character devices that it reads and writes, and the group of their driver: `/dev/xen/xenbus`, `char-misc`. */
  readonly devices?: readonly { readonly path: GuestPath; readonly group: string }[];
  /** configures: interfaces and routes of the server; uses: sockets. */
  readonly network?: 'configures' | 'uses';
  /** Linux capabilities: "CAP_CHOWN". */
  readonly capabilities?: readonly string[];
  /** System calls that it makes beyond those of every program that starts others. */
  readonly systemCalls?: readonly string[];
  /** Programs that it starts by their names, so that its own PATH decides. */
  readonly calls?: readonly string[];
}

/** What `processObstacles` reads; a fact that calls it declares them. */
export const processInputs: readonly Input[] = [
  ...accountInputs,
  ...programInputs,
  ...environmentInputs,
  ...mountInputs,
];

/**
 * What keeps a service's process from doing its work once it is started, or may keep it from that: a program that
 * cannot be executed, an account or file that is not there, and all that its unit takes from it.
 * @param work - what this service has to be able to do
 */
export async function processObstacles(
  image: Image,
  system: Services,
  service: Service,
  work: Work,
): Promise<readonly Obstacle[]> {
  if (service.state === 'masked') return [];
  const process = await system.process(service);
  const environment = await environmentOf(image, process);
  const obstacles = [...refusals(process)];
  for (const command of process.commands) {
    const obstacle = await commandObstacle(image, command);
    if (obstacle) obstacles.push(obstacle);
  }
  obstacles.push(...environment.obstacles, ...(await missingFiles(image, system, process)));
  obstacles.push(
    ...(await mountObstacles(image, system.system, await neededBy(image, process, environment, work))),
  );
  const main = process.commands.find(({ kind }) => kind === 'ExecStart');
  const bound = { root: main?.rights === 'unit', sandbox: main?.rights !== 'full' };
  if (bound.root || !work.root)
    obstacles.push(...(await accountObstacles(image, process, work.root === true && bound.root)));
  const view = await mountView(image, process);
  if (bound.sandbox) obstacles.push(...(await sandboxObstacles(image, process, view, work)));
  obstacles.push(...networkObstacles(process, work));
  const needs = { calls: (work.calls?.length ?? 0) > 0, writes: (work.writes?.length ?? 0) > 0 };
  obstacles.push(...limitObstacles(process, bound.sandbox, needs));
  if (bound.root) obstacles.push(...capabilityObstacles(process, work));
  obstacles.push(...(await callObstacles(image, process, view, environment, work)));
  return obstacles;
}

/** A unit that systemd does not load: systemd.service(5), "ExecStart=". */
function* refusals(process: Process): Iterable<Obstacle> {
  const [, second] = process.commands.filter(({ kind }) => kind === 'ExecStart');
  const type = valueOf(process, 'Type')?.value;
  if (!second || type === 'oneshot' || process.origin === 'script') return;
  yield {
    certain: true,
    evidence: second.evidence,
    because: `it has two commands (ExecStart), which systemd allows for Type=oneshot alone`,
  };
}

/** Files and folders that the unit names and that are not there: nothing is started then. */
async function missingFiles(
  image: Image,
  { system }: Services,
  process: Process,
): Promise<readonly Obstacle[]> {
  const obstacles: Obstacle[] = [];
  // Made before the process gets its file systems and its folder, and after its output is opened (exec-invoke.c).
  const own = [...ownFolders(process)].map(({ path }) => path);
  const missing = async (path: GuestPath, setting: ProcessSetting, what: string): Promise<void> => {
    if (await statOf(image, path)) return;
    if (!setting.key.startsWith('Standard') && own.some((one) => isAtOrBelow(one, path))) return;
    if (await initModules[system].makes(image, path)) return;
    const { key, value, evidence } = setting;
    obstacles.push({
      certain: !madeAtBoot(path),
      evidence,
      because: `${key}=${value}: there is no ${what} ${path}`,
    });
  };
  const working = valueOf(process, 'WorkingDirectory');
  if (working && isPlainPath(working.value)) await missing(working.value, working, 'folder');
  const netns = valueOf(process, 'NetworkNamespacePath');
  if (netns && isPlainPath(netns.value)) await missing(netns.value, netns, 'file');
  for (const key of ['StandardOutput', 'StandardError']) {
    const setting = valueOf(process, key);
    const path = setting && /^(?:file|append|truncate):(\/.*)$/.exec(setting.value)?.[1];
    if (setting && isPlainPath(path)) await missing(parentOf(path), setting, 'folder');
  }
  const input = valueOf(process, 'StandardInput');
  const inputFile = input && /^file:(\/.*)$/.exec(input.value)?.[1];
  if (input && isPlainPath(inputFile)) await missing(inputFile, input, 'file');
  for (const setting of valuesOf(process, 'LoadCredential')) {
    const path = setting.value.split(':')[1];
    if (isPlainPath(path)) await missing(path, setting, 'file');
  }
  for (const { path, setting } of requiredPaths(process)) await missing(path, setting, 'file or folder');
  return obstacles;
}

/** What a process needs of the file systems that the boot mounts: its commands, and what its work takes. */
async function neededBy(
  image: Image,
  process: Process,
  environment: Environment,
  { writes, mayWrite, reads = [], runs = [], calls = [] }: Work,
): Promise<Needed> {
  const programs: GuestPath[] = [...runs];
  for (const { words, mayFail } of process.commands) {
    const [program = ''] = words;
    if (!mayFail && isPlainPath(program)) programs.push(program);
  }
  for (const name of calls) {
    const found = await findProgram(image, name, pathOf(environment) ?? process.path);
    if (found) programs.push(found);
  }
  return { reads, runs: programs, writes: writes ?? [], mayWrite: mayWrite ?? [] };
}

function isPlainPath(value: string | undefined): value is GuestPath {
  return value?.startsWith('/') === true && !/[%$]/.test(value);
}

/** What the unit's own file systems and filters make impossible. */
async function sandboxObstacles(
  image: Image,
  process: Process,
  view: MountView,
  work: Work,
): Promise<readonly Obstacle[]> {
  for (const key of ['RootDirectory', 'RootImage']) {
    const root = valueOf(process, key);
    // Whatever it does, it does in another system.
    if (root && !/^\/*$/.test(root.value) && (work.root || work.writes))
      return [
        { certain: true, evidence: root.evidence, because: `${key}=${root.value} gives it another root` },
      ];
  }
  const obstacles: Obstacle[] = [];
  for (const path of work.writes ?? []) obstacles.push(...(await closed(image, view, path, true)));
  for (const path of work.mayWrite ?? []) obstacles.push(...(await closed(image, view, path, false)));
  for (const { path, group } of work.devices ?? []) {
    const { access, setting } = view.at(path);
    const refused =
      access === 'hidden' || access === 'elsewhere' ? setting : lacksDevice(process, path, group);
    if (refused) obstacles.push(because(refused, `takes ${path} from it`));
  }
  const users = valueOf(process, 'PrivateUsers');
  if (work.root && users && /^(?:1|yes|y|true|t|on|self|identity)$/i.test(users.value))
    obstacles.push(because(users, 'takes root’s rights over the system from it'));
  const filter = work.root ? filtered(process, work.systemCalls) : undefined;
  if (filter)
    obstacles.push({
      ...because(filter.setting, 'forbids system calls that it makes'),
      certain: filter.certain,
    });
  const name = valueOf(process, 'ProtectHostname');
  if (work.systemCalls?.includes('sethostname') && name && booleanOf(name.value) === true)
    obstacles.push(because(name, 'keeps it from setting the host name'));
  return unique(obstacles);
}

async function mountView(image: Image, process: Process): Promise<MountView> {
  const absent = new Set<GuestPath>();
  for (const { source, optional } of binds(process))
    if (optional && !madeAtBoot(source) && !(await statOf(image, source))) absent.add(source);
  return new MountView(process, absent);
}

const inWords: Readonly<Record<Exclude<Access, 'own'>, (path: GuestPath) => string>> = {
  'read-only': (path) => `makes ${path} read-only`,
  hidden: (path) => `hides ${path}`,
  elsewhere: (path) => `puts something else in the place of ${path}`,
};

/** A path that the process is to write, seen where its links lead as well. */
async function closed(
  image: Image,
  view: MountView,
  path: GuestPath,
  certain: boolean,
): Promise<readonly Obstacle[]> {
  const places = new Set<GuestPath>([path, await realPlace(image, path)]);
  for (const place of places) {
    const { access, setting } = view.at(place);
    if (access === 'own' || !setting) continue;
    return [{ ...because(setting, inWords[access](path)), certain }];
  }
  return [];
}

/** Where a file lies or would be made, with the links above it followed. */
async function realPlace(image: Image, path: GuestPath): Promise<GuestPath> {
  const real = await realPathOf(image, path);
  if (real !== undefined) return real;
  const folder = await realPathOf(image, parentOf(path));
  return folder === undefined ? path : join(folder, baseName(path));
}

function because({ key, value, evidence }: ProcessSetting, what: string): Obstacle {
  return { certain: true, evidence, because: `${key}=${value} ${what}` };
}

/** The families of sockets that setting addresses and routes takes: ip(7), rtnetlink(7). */
const families = { configures: ['AF_INET', 'AF_NETLINK'], uses: ['AF_INET'] } as const;

function networkObstacles(process: Process, { network }: Work): readonly Obstacle[] {
  if (!network) return [];
  const obstacles: Obstacle[] = [];
  const own = lacksNetwork(process);
  if (own) obstacles.push(because(own, 'gives it a network of its own, without the server’s interfaces'));
  for (const family of families[network]) {
    const refused = lacksFamily(process, family);
    if (refused) obstacles.push(because(refused, `keeps it from using ${family}`));
  }
  return unique(obstacles);
}

function capabilityObstacles(process: Process, work: Work): readonly Obstacle[] {
  const wanted = [...(work.capabilities ?? []), ...(work.network === 'configures' ? ['CAP_NET_ADMIN'] : [])];
  return wanted.flatMap((capability) => {
    const refused = lacksCapability(process, capability);
    return refused ? [because(refused, `takes ${capability} from it`)] : [];
  });
}

/** Programs that the process starts by name and does not find, or may not execute. */
async function callObstacles(
  image: Image,
  process: Process,
  view: MountView,
  environment: Environment,
  { calls }: Work,
): Promise<readonly Obstacle[]> {
  const folders = pathOf(environment);
  const evidence = environment.variables.get('PATH')?.evidence;
  const obstacles: Obstacle[] = [];
  for (const name of calls ?? []) {
    const found = folders && (await findProgram(image, name, folders));
    if (found) {
      const seen = view.at(found);
      const setting =
        seen.access === 'hidden' || seen.access === 'elsewhere'
          ? seen.setting
          : forbidsExecution(process, found);
      if (setting) obstacles.push(because(setting, `takes ${found} from it`));
      continue;
    }
    const anywhere = await findProgram(image, name, process.path);
    // Not being there at all is for whoever knows what it is needed for to say.
    if (anywhere && evidence)
      obstacles.push({
        certain: folders !== undefined,
        evidence,
        because: folders
          ? `PATH=${folders.join(':')} does not lead to ${anywhere}`
          : `PATH is not known here`,
      });
  }
  return unique(obstacles);
}

/** One finding for each line: a read-only /etc is one fact, however many files lie in it. */
function unique(obstacles: readonly Obstacle[]): readonly Obstacle[] {
  const seen = new Map<string, Obstacle>();
  for (const obstacle of obstacles) {
    const key = `${obstacle.evidence.path}:${String(obstacle.evidence.line ?? 0)}:${String(obstacle.certain)}`;
    if (!seen.has(key)) seen.set(key, obstacle);
  }
  return [...seen.values()];
}
