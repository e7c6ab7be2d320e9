import type { CommandWords } from '../../formats/command-wrappers.js';
import type { Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { Fact } from '../fact.js';
import { type BootCommand, bootCommands } from '../init/boot-commands.js';
import { isolates } from '../init/isolate-command.js';
import { type Seen, killingSignal } from '../init/kill-command.js';
import { type Process, valueOf } from '../init/process/process.js';
import type { Service, Services } from '../init/service.js';
import {
  type Interest,
  type ServiceCommand,
  serviceCommandInputs,
  serviceCommands,
} from '../init/service-commands.js';
import { initModules } from '../init/init-modules.js';
import { services } from '../init/services.js';
import { type Stop, signalOf, stopOf, undoes } from '../init/start-command.js';
import { installedAgents } from './agent-services.js';
import { startsAgent } from './agent-starters.js';

/** A command of the boot that stops an agent which the boot has started, or will. */
export interface AgentStopper extends Evidence {
  readonly line: number;
  /** "systemctl disable --now nova-agent". */
  readonly command: string;
  /** Whether each boot runs it, and the agent does not run after it. */
  readonly certain: boolean;
}

/** Lines of rc.local, crontabs and inittab, and of the services of the boot, that stop a service of an agent. */
export const agentStoppers: Fact<readonly AgentStopper[]> = {
  name: 'agent-stoppers',
  inputs: [
    ...new Set([
      ...bootCommands.inputs,
      ...installedAgents.inputs,
      ...services.inputs,
      ...serviceCommandInputs,
    ]),
  ],
  async gather(image, get) {
    const targets = await targetsOf(await get(services), await get(installedAgents));
    if (targets.length === 0) return [];
    return [
      ...ofLines(await get(bootCommands), targets),
      ...(await ofServices(image, await get(services), targets)),
    ];
  },
};

/** A service of an agent, as commands know it. */
interface Target {
  readonly service: Service;
  readonly names: readonly string[];
  readonly seen: Seen;
  /** Values of Restart= that start it again, whatever ends it: systemd.service(5). */
  readonly restart: string;
}

/** Those that the boot starts; where it starts none, all, since something else may start one. */
async function targetsOf(
  system: Services,
  agents: readonly { readonly program: string; readonly services: readonly Service[] }[],
): Promise<readonly Target[]> {
  const all: Target[] = [];
  for (const { program, services: own } of agents)
    for (const service of own) {
      const process = await system.process(service);
      all.push({
        service,
        names: [service.name, ...service.aliases],
        seen: seenOf(process, program),
        restart: valueOf(process, 'Restart')?.value ?? 'no',
      });
    }
  const enabled = all.filter(({ service }) => service.state === 'enabled');
  return enabled.length > 0 ? enabled : all;
}

function seenOf({ origin, commands }: Process, program: string): Seen {
  const main = origin === 'unit' ? commands.find(({ kind }) => kind === 'ExecStart') : undefined;
  const line = main?.words.join(' ') ?? program;
  const path = main?.words[0] ?? program;
  return { name: path.slice(path.lastIndexOf('/') + 1), line };
}

/** What a command does to a service of an agent. */
type Effect = Stop | 'isolated';

interface Hit {
  readonly effect: Effect;
  readonly certain: boolean;
  readonly target: Target;
}

function effectOf(words: CommandWords, targets: readonly Target[]): Hit | undefined {
  for (const target of targets) {
    for (const name of target.names) {
      const effect = stopOf(words, name);
      if (effect === 'killed' && isStartedAgain(target, signalOf(words))) continue;
      if (effect) return { effect, certain: true, target };
    }
    const signal = killingSignal(words, target.seen);
    if (signal !== undefined && !isStartedAgain(target, signal))
      return { effect: 'killed', certain: true, target };
    const isolation = isolates(words);
    if (isolation) return { effect: 'isolated', certain: isolation.certain, target };
  }
  return undefined;
}

/** systemd.service(5), Restart=, the table: these four signals are a clean end. */
function isStartedAgain({ restart }: Target, signal: string): boolean {
  const isClean = /^(?:SIG)?(?:HUP|INT|TERM|PIPE|1|2|13|15)$/i.test(signal);
  return (
    restart === 'always' ||
    restart === (isClean ? 'on-success' : 'on-failure') ||
    (!isClean && /^on-ab/.test(restart))
  );
}

/** Whether a command after it starts the agent again, or takes back what keeps it from being started. */
function isUndone({ effect, target }: Hit, later: readonly { readonly words: CommandWords }[]): boolean {
  const stop = effect === 'isolated' ? 'stopped' : effect;
  return later.some(
    ({ words }) =>
      target.names.some((name) => undoes(words, name, stop)) ||
      ((stop === 'stopped' || stop === 'killed') && startsAgent(words)),
  );
}

const inWords = (words: CommandWords): string => words.map((word) => word ?? '?').join(' ');

function ofLines(commands: readonly BootCommand[], targets: readonly Target[]): readonly AgentStopper[] {
  return commands.flatMap(({ path, line, words, certain = false }, at) => {
    const hit = effectOf(words, targets);
    if (!hit) return [];
    const later = commands.slice(at + 1).filter((one) => one.path === path);
    return isUndone(hit, later)
      ? []
      : [{ path, line, command: inWords(words), certain: certain && hit.certain }];
  });
}

/** A cheap look at a text, before it is taken apart. */
function interestIn(targets: readonly Target[]): Interest {
  const names = ['nova', ...targets.flatMap((target) => [...target.names, target.seen.name])];
  const isNamed = (text: string): boolean => names.some((name) => text.includes(name));
  const stops = (text: string): boolean => /\b(?:stop|disable|mask|remove|off|--del)\b|kill/.test(text);
  const isolates = (text: string): boolean =>
    /\b(?:isolate|rescue|emergency|job-mode=isolate|(?:tel)?init\s+[1Ss])\b/.test(text);
  return {
    inLine: (text) => isolates(text) || (stops(text) && (isNamed(text) || /[$*?[]/.test(text))),
    inScript: (text) => isolates(text) || (stops(text) && isNamed(text)),
  };
}

/** Programs by which a service that is not enabled may stop another: its line is asked for only then. */
const mayRunIt =
  /(?:^|\/)(?:systemctl|service|pkill|killall|telinit|init|env|(?:ba|da|k)?sh|[^/]*\.sh)$|^\/(?:usr\/local|opt|root|srv)\//;

async function ofServices(
  image: Image,
  system: Services,
  targets: readonly Target[],
): Promise<readonly AgentStopper[]> {
  const found: AgentStopper[] = [];
  const interest = interestIn(targets);
  for (const service of system.all) {
    const isEnabled = service.state === 'enabled';
    if (
      service.state === 'masked' ||
      (!isEnabled && !service.exec.some(({ program }) => mayRunIt.test(program)))
    )
      continue;
    const commands = await serviceCommands(image, await system.process(service), interest);
    for (const [at, command] of commands.entries()) {
      const hit = effectOf(command.words, targets);
      if (!hit || isUndone(hit, commands.slice(at + 1))) continue;
      const certain = await isCertain(system, service, command, hit);
      if (certain === undefined) continue;
      const { path, line = 1 } = command.evidence;
      found.push({ path, line, command: inWords(command.words), certain });
    }
  }
  return found;
}

/** Whether what comes after a service waits for the end of its command: systemd.service(5), Type=. */
async function isWaitedFor(
  system: Services,
  service: Service,
  kind: ServiceCommand['kind'],
): Promise<boolean> {
  if (kind === 'ExecCondition' || kind === 'ExecStartPre') return true;
  const process = await system.process(service);
  return process.origin === 'script' || valueOf(process, 'Type')?.value === 'oneshot';
}

/** Whether a command of a service ends the agent for sure; undefined where it does not. */
async function isCertain(
  system: Services,
  service: Service,
  { kind, certain }: ServiceCommand,
  { effect, certain: hits, target }: Hit,
): Promise<boolean | undefined> {
  const isKill = effect === 'killed' || (effect === 'stopped' && !initModules[system.system].queuesStarts);
  if (service.id === target.service.id) {
    // Before it starts its own agent it ends one that was left over.
    if (isKill && kind !== 'ExecStartPost') return undefined;
    return service.state === 'enabled' && service.origin === 'unit' ? certain && hits : undefined;
  }
  const obstacles = await system.obstacles(service);
  if (obstacles.some((obstacle) => obstacle.certain)) return undefined;
  const isSure = certain && hits && obstacles.length === 0;
  if (service.state !== 'enabled') {
    const starters = await system.starters(service);
    if (starters.length === 0) return undefined;
    return (
      isSure && !isKill && target.service.state === 'enabled' && starters.some(({ isLater }) => !isLater)
    );
  }
  // `systemctl stop` takes a start that waits out of the queue (core/job.c, job_install() cancels the job that
  // conflicts), so it ends the agent at whatever time it comes. A signal, or a stop under SysV, finds a process or none.
  if (!isKill) return isSure;
  const orders = await system.order(service, target.service);
  const isBefore = orders.length > 0 && orders.every(({ verdict }) => verdict === 'before');
  if (isBefore && (await isWaitedFor(system, service, kind))) return undefined;
  return isSure && orders.length > 0 && orders.every(({ verdict }) => verdict === 'after');
}
