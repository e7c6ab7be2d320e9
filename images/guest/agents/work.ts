import { programName, runCommand } from '../../formats/command-wrappers.js';
import { parseTimeSpan } from '../../formats/time-span.js';
import { passwordField } from '../../formats/shadow.js';
import type { GuestPath, Image } from '../../image/image.js';
import { parentOf } from '../../image/resolve.js';
import type { Fact } from '../fact.js';
import type { Obstacle } from '../init/obstacle.js';
import { type Work, processInputs, processObstacles } from '../init/process.js';
import { filledWords } from '../init/process/environment.js';
import { ownFolders } from '../init/process/mount-view.js';
import { type Process, valueOf } from '../init/process/process.js';
import { mountObstacles } from '../init/process/mounted.js';
import { startOf } from '../init/script-obstacles.js';
import type { Service, Services } from '../init/service.js';
import { services } from '../init/services.js';
import { type Os, os } from '../os.js';
import { textsIn } from '../texts.js';
import type { Agent } from './agent.js';
import { type InstalledAgent, installedAgents } from './agent-services.js';
import { type AgentStart, agentStart } from './agent-start.js';
import { parseArguments } from './arguments.js';
import { type NetworkCode, networkCode, networkCodeInputs } from './network-code.js';
import { findProgram } from './programs.js';
import { isOlder } from './release.js';
import { type ServerKind, serverKind } from './server-type.js';
import { invocationOf, startsAgent } from './started.js';
import { writablePlace } from './writable-place.js';

const sysusers: GuestPath = '/usr/lib/sysusers.d';

/** What keeps an agent, once it is started, from doing its work. */
export interface AgentWork {
  readonly agent: InstalledAgent;
  /** The id of the service whose process it is; undefined: the agent fails however it is started. */
  readonly service: string | undefined;
  readonly obstacles: readonly Obstacle[];
}

/** Whether each installed agent can configure the server that it is started on. */
export const agentWork: Fact<readonly AgentWork[]> = {
  name: 'agent-work',
  inputs: [
    ...installedAgents.inputs,
    ...agentStart.inputs,
    ...services.inputs,
    ...os.inputs,
    ...processInputs,
    ...networkCodeInputs,
    '/etc/shadow',
    `${sysusers}/*.conf`,
  ],
  async gather(image, get) {
    const guest = { image, system: await get(services), os: await get(os) };
    const found: AgentWork[] = [];
    for (const agent of await get(installedAgents)) {
      const own = agent.generation === 2 ? await ownWork(guest, agent) : await treeWork(guest);
      const obstacles = [...own.obstacles, ...(await lostToCron(image, own.work, await get(agentStart)))];
      if (obstacles.length > 0) found.push({ agent, service: undefined, obstacles });
      const parts = partsOf(agent);
      for (const service of agent.services) {
        if (service.state === 'masked') continue;
        const work = { ...own.work, ...parts };
        const ofProcess = await processObstacles(image, guest.system, service, work);
        const ofCommand = await commandObstacles(guest, agent, service);
        const obstacles = [...ofCommand.filter((one) => !isOfFstab(one, ofProcess)), ...ofProcess];
        if (obstacles.length > 0) found.push({ agent, service: service.id, obstacles });
      }
    }
    return found;
  },
};

/** The programs that an agent calls by name and cron's PATH does not lead to: ifup and ifdown (booted). */
async function lostToCron(
  image: Image,
  { calls = [] }: Work,
  start: AgentStart | undefined,
): Promise<Obstacle[]> {
  if (start?.by !== 'cron' || !start.searched) return [];
  const lost: GuestPath[] = [];
  for (const name of calls) {
    const anywhere = await findProgram(image, name);
    if (anywhere && !(await findProgram(image, name, start.searched))) lost.push(anywhere);
  }
  if (lost.length === 0) return [];
  const because = `cron starts it with PATH=${start.searched.join(':')}, which does not lead to ${lost.join(' and ')}`;
  return [{ certain: true, evidence: start.evidence, because }];
}

interface Guest {
  readonly image: Image;
  readonly system: Services;
  readonly os: Os;
}

/** Whether the log suffers from a mount that is told already. */
function isOfFstab({ evidence }: Obstacle, told: readonly Obstacle[]): boolean {
  if (evidence.path !== '/etc/fstab') return false;
  return told.some((one) => one.evidence.path === evidence.path && one.evidence.line === evidence.line);
}

/** The agent's own files, and of them what is executed or mapped: the interpreter, compiled modules, 1.x's program. */
function partsOf({ program, requirements, generation }: Agent): Pick<Work, 'reads' | 'runs'> {
  const found = requirements.filter((one) => one.found);
  const runs = found
    .filter(({ what, evidence }) => evidence.path !== program && !/^module (?!_|cryptography\.)/.test(what))
    .map(({ evidence }) => evidence.path);
  return {
    reads: [program, ...found.map(({ evidence }) => evidence.path)],
    runs: generation === 1 ? [program, ...runs] : runs,
  };
}

interface OwnWork {
  readonly work: Work;
  readonly obstacles: readonly Obstacle[];
}

/** 1.x edits /etc/shadow and the network's files itself, and brings all programs but the system's own. */
async function treeWork(guest: Guest): Promise<OwnWork> {
  return {
    work: { root: true, writes: ['/etc/shadow'], mayWrite: ['/root/.ssh'], network: 'configures' },
    obstacles: await missingInShadow(guest),
  };
}

/** What 2.x does, by the source of 2.1.25, and what of it this guest cannot give it. */
async function ownWork(guest: Guest, agent: Agent): Promise<OwnWork> {
  const { image } = guest;
  const kind = await serverKind(image, agent.version);
  if (!kind)
    return {
      work: {},
      obstacles: [
        {
          certain: true,
          evidence: { path: agent.program },
          because:
            'it knows the system by /etc/alpine-release, centos-release, fedora-release, redhat-release or debian_version, not by os-release; none of them is in the image, so it ends as soon as it starts',
        },
      ],
    };
  const network = await networkCode({ ...guest, version: agent.version }, kind);
  // novaagent/libs/__init__.py asks for hostnamectl by this very path.
  const setsByItself = !(await image.stat('/usr/bin/hostnamectl'));
  const calls = ['passwd', ...(setsByItself ? ['hostname'] : ['hostnamectl']), ...network.calls];
  const work: Work = {
    root: true,
    writes: ['/etc/shadow', '/etc/hostname', ...network.writes],
    // The cloud injects a key only where the server was asked for with one.
    mayWrite: ['/root/.ssh'],
    devices: [{ path: '/dev/xen/xenbus', group: 'char-misc' }],
    network: 'configures',
    capabilities: ['CAP_CHOWN', ...((await readableToRoot(image)) ? [] : ['CAP_DAC_OVERRIDE'])],
    systemCalls: setsByItself ? ['sethostname'] : [],
    calls,
  };
  const obstacles = [
    ...(await missingCalls(image, calls, kind)),
    ...(await missingPlaces(guest, network, kind)),
    ...(await missingAccounts(image)),
    ...network.obstacles,
    ...(await missingRegistration(guest, kind)),
  ];
  return { work, obstacles };
}

/** Enterprise Linux has /etc/shadow with mode 0000: root reads it by CAP_DAC_OVERRIDE alone (capabilities(7)). */
async function readableToRoot(image: Image): Promise<boolean> {
  const entry = await image.stat('/etc/shadow');
  return entry === undefined || (entry.mode & 0o600) === 0o600;
}

/** Popen() raises for a program that is not there, and nothing in the agent catches it: it dies. */
async function missingCalls(image: Image, calls: readonly string[], kind: ServerKind): Promise<Obstacle[]> {
  const missing: string[] = [];
  for (const name of calls) if (!(await findProgram(image, name))) missing.push(name);
  if (missing.length === 0) return [];
  const names = missing.join(', ');
  return [
    {
      certain: true,
      evidence: { path: kind.evidence },
      because: `it starts ${names}, which ${missing.length === 1 ? 'is' : 'are'} not in the image (it takes this system for ${kind.type}, by ${kind.evidence})`,
    },
  ];
}

/**
 * Files that it opens to write: open() raises without their folder, and the agent dies. A root without the files of every
 * installed system (/etc/passwd; in the Red Hat family /etc/sysconfig) may be a part of one, so what it lacks is
 * a warning.
 */
async function missingPlaces(
  guest: Guest,
  { writes }: NetworkCode,
  kind: ServerKind,
): Promise<readonly Obstacle[]> {
  const { image, os } = guest;
  for (const path of writes) {
    const place = await writablePlace(guest, path, true);
    if (!place) continue;
    const bare =
      !(await image.stat('/etc/passwd')) || (os.family === 'redhat' && !(await image.stat('/etc/sysconfig')));
    return [
      {
        ...place,
        certain: place.certain && !bare,
        because: `it writes ${path}, and ${place.because} (it takes this system for ${kind.type}, by ${kind.evidence})`,
      },
    ];
  }
  return [];
}

/** The file of sysusers.d(5) by which systemd-sysusers makes root when /usr is newer than /etc (booted with Debian 12). */
async function makerOfRoot(image: Image): Promise<GuestPath | undefined> {
  if (!(await image.stat('/usr/lib/systemd/system/systemd-sysusers.service'))) return undefined;
  for (const { path, text } of await textsIn(image, sysusers, (name) => name.endsWith('.conf')))
    if (/^u!?[ \t]+root[ \t]/m.test(text)) return path;
  return undefined;
}

/** passwd(1) sets root's password in /etc/shadow, where /etc/passwd says that it is there. */
async function missingAccounts(image: Image): Promise<readonly Obstacle[]> {
  const passwd = await image.readText('/etc/passwd');
  const because = (text: string): Obstacle => ({
    certain: passwd !== undefined,
    evidence: { path: '/etc/passwd' },
    because: text,
  });
  if (passwd === undefined)
    return [
      because('there is no /etc/passwd: this may be a part of a system, and root’s password cannot be set'),
    ];
  const root = passwd.split('\n').find((line) => line.startsWith('root:'));
  if (root === undefined) {
    const gone = because('/etc/passwd has no root, whose password it is to set');
    const maker = await makerOfRoot(image);
    if (!maker) return [gone];
    return [{ ...gone, certain: false, because: `${gone.because}, unless ${maker} makes it at boot` }];
  }
  if (root.split(':')[1] !== 'x') return [];
  // Of a shadow(5) without root, pam_unix(8) makes the line anew: tried with Debian 12.
  return (await image.stat('/etc/shadow'))
    ? []
    : [
        {
          ...because('there is no /etc/shadow, so root’s password cannot be set'),
          evidence: { path: '/etc/shadow' },
        },
      ];
}

/**
 * 1.x rewrites the line of root in /etc/shadow itself (commands/password.py): where there is none it changes nothing,
 * and says that it did. A root without /etc/passwd is a part of a system.
 */
async function missingInShadow({ image, os }: Guest): Promise<readonly Obstacle[]> {
  if (os.family === 'freebsd' || !(await image.stat('/etc/passwd'))) return [];
  const shadow = await image.stat('/etc/shadow');
  const text = shadow?.type === 'file' ? ((await image.readText('/etc/shadow')) ?? '') : '';
  if (passwordField(text, 'root') !== undefined) return [];
  const what = shadow ? '/etc/shadow has no root' : 'there is no /etc/shadow';
  return [
    {
      certain: true,
      evidence: { path: '/etc/shadow' },
      because: `${what}, so root’s password cannot be set`,
    },
  ];
}

/** novaagent/common/kms.py: only Red Hat Enterprise Linux itself is registered, and only `kmsactivate` fails. */
async function missingRegistration({ image, os }: Guest, kind: ServerKind): Promise<readonly Obstacle[]> {
  if (kind.type !== 'redhat' || os.id !== 'rhel' || (await findProgram(image, '/usr/sbin/rhnreg_ks')))
    return [];
  return [
    {
      certain: false,
      evidence: { path: kind.evidence },
      because: 'it registers Red Hat Enterprise Linux with /usr/sbin/rhnreg_ks, which is not in the image',
    },
  ];
}

/** What is wrong with the command by which a service starts the agent. */
async function commandObstacles(guest: Guest, agent: Agent, service: Service): Promise<readonly Obstacle[]> {
  const { image, system } = guest;
  const process = await system.process(service);
  const main = process.commands.filter(({ kind }) => kind === 'ExecStart');
  if (process.origin === 'script') return scriptLogObstacles(guest, agent, service);
  if (main.length === 0) return [];
  const starts = await startsAgent(image, main, agent);
  if (!starts.starts) return starts.obstacle ? [starts.obstacle] : [];
  if (agent.generation !== 2 || !starts.words) return [];
  const { command, words } = starts;
  const own = await filledWords(image, process, command, words);
  const { refused, forks, log } = parseArguments(own, agent.version);
  const { evidence } = command;
  const obstacle = (because: string): Obstacle => ({ certain: true, evidence, because });
  if (refused !== undefined) return [obstacle(refused)];
  const broken = lifeOf(process, forks, agent);
  return [
    ...(await logObstacles(guest, log, foldersMadeFor(process))),
    ...(broken === undefined ? [] : [obstacle(broken)]),
    ...endOfLife(process, forks),
  ];
}

/** The agent opens its log before all else, and ends when it cannot. */
async function logObstacles(
  guest: Guest,
  log: string | undefined,
  made: readonly string[] = [],
): Promise<readonly Obstacle[]> {
  if (!log?.startsWith('/')) return [];
  const path = log as GuestPath;
  const folder = parentOf(path);
  if (made.some((one) => one === folder || one.startsWith(`${folder}/`))) return [];
  const place = await writablePlace(guest, path, false);
  const found = place ? [place] : await mountObstacles(guest.image, guest.system.system, { logs: [path] });
  return found.map((each) => ({ ...each, because: `it cannot open its log ${log}: ${each.because}` }));
}

/** Folders that are there once the agent starts: systemd makes them, or a command before it. */
function foldersMadeFor(process: Process): readonly string[] {
  const made = [...ownFolders(process)].map(({ path }): string => path);
  for (const { kind, words } of process.commands) {
    const [program, ...args] = words;
    const makes = /^(?:mkdir|install)$/.test(programName(program)) && kind !== 'ExecStart';
    if (makes) made.push(...args.filter((word) => word.startsWith('/')));
  }
  return made;
}

/** The log that an init script of 2.x gives to the agent. What the script itself keeps from starting is the init's. */
async function scriptLogObstacles(
  guest: Guest,
  agent: Agent,
  { path }: Service,
): Promise<readonly Obstacle[]> {
  if (agent.generation !== 2) return [];
  const own = programName(agent.program);
  for (const { words, certain } of await startOf(guest.image, path)) {
    const run = runCommand(words);
    if (run?.kind !== 'program') continue;
    // A word that only the running shell knows is left as such: it ends what can be told.
    const invocation = invocationOf(run.words.map((word) => word ?? '$'));
    if (programName(invocation.program) !== own) continue;
    const { log } = parseArguments(invocation.words ?? [], agent.version);
    const obstacles = await logObstacles(guest, log);
    if (obstacles.length > 0) return obstacles.map((each) => ({ ...each, certain: each.certain && certain }));
  }
  return [];
}

/** Up to this many seconds an agent that is ended then has not done the work of a build. */
const build = 600;

/** Values of Restart= that start a service again whose time has run out, or whose watchdog has (systemd.service(5)). */
const restarts = /^(?:always|on-failure|on-abnormal)$/;

/** What ends the agent though it does nothing wrong: it sends no keep-alive, and never ends by itself. */
function* endOfLife(process: Process, forks: boolean): Iterable<Obstacle> {
  const restart = valueOf(process, 'Restart')?.value ?? 'no';
  if (restarts.test(restart)) return;
  const limits: (readonly [key: string, what: string])[] = [['RuntimeMaxSec', 'ends it after that time']];
  if (restart !== 'on-watchdog') limits.push(['WatchdogSec', 'ends it, because it sends no keep-alive']);
  // The agent itself is the start job of such a unit, which is never done unless it goes into the background.
  if (valueOf(process, 'Type')?.value === 'oneshot' && !forks)
    for (const key of ['TimeoutStartSec', 'TimeoutSec'])
      limits.push([key, 'ends it, since a oneshot is to be done by then']);
  for (const [key, what] of limits) {
    const setting = valueOf(process, key);
    const seconds = setting && parseTimeSpan(setting.value);
    if (!setting || seconds === undefined || seconds === 0 || seconds === Infinity) continue;
    const because = `${key}=${setting.value} ${what}`;
    yield { certain: seconds <= build, evidence: setting.evidence, because };
  }
}

/** Whether the agent lives on, by the type of the unit: systemd.service(5), Type=, and tried with systemd 252. */
function lifeOf(process: Process, forks: boolean, agent: Agent): string | undefined {
  const type = valueOf(process, 'Type')?.value ?? 'simple';
  const remains = /^(?:1|yes|y|true|t|on)$/i.test(valueOf(process, 'RemainAfterExit')?.value ?? '');
  if (type === 'notify' && isOlder(agent.version, '2.1.14'))
    return `Type=notify waits for a message that ${agent.version ?? 'this agent'} never sends, and ends the agent`;
  if (type === 'forking')
    return forks
      ? undefined
      : 'Type=forking waits for the agent to go into the background, which --no-fork forbids';
  if (type === 'notify' || type === 'notify-reload')
    return forks
      ? `Type=${type} takes the agent for dead when it goes into the background (no --no-fork)`
      : undefined;
  if (forks && !remains) return `Type=${type} ends the agent when it goes into the background (no --no-fork)`;
  return undefined;
}
