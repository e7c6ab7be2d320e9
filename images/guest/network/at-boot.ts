import type { GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import { isExecutable } from '../agents/programs.js';
import { entryOf, parseKeyfile } from '../../formats/keyfile.js';
import type { Evidence } from '../evidence.js';
import type { Fact } from '../fact.js';
import { initModules } from '../init/init-modules.js';
import type { Obstacle } from '../init/obstacle.js';
import { processInputs, processObstacles } from '../init/process.js';
import type { Service, Services } from '../init/service.js';
import { services } from '../init/services.js';
import { textAt } from '../texts.js';
import { type AgentNetwork, agentNetwork } from './agent-network.js';

/** Whether the network that nova-agent has configured is brought up again at the next boot. */
export interface NetworkAtBoot {
  /** What the agent writes. */
  readonly file: GuestPath;
  /** Why nothing would read it; undefined when something does. */
  readonly fault: NetworkFault | undefined;
  /** The service that brings it up; undefined when it is not in the image. */
  readonly service: string | undefined;
  /** What keeps that service from being started although it is enabled. */
  readonly obstacles: readonly Obstacle[];
}

export interface NetworkFault {
  readonly kind:
    /** The service is there, and does not start. */
    | 'not-enabled'
    | 'masked'
    /** It is not there. Something else may do its work. */
    | 'absent'
    /** netplan's files are made into systemd-networkd's at boot by its generator alone. */
    | 'no-generator'
    /** NetworkManager without what reads ifcfg files. */
    | 'not-read';
  /** What is meant: a service, a program. */
  readonly what: string;
  readonly evidence: Evidence | undefined;
}

const generatorFolders: readonly GuestPath[] = [
  '/etc/systemd/system-generators',
  '/usr/local/lib/systemd/system-generators',
  '/usr/lib/systemd/system-generators',
  '/lib/systemd/system-generators',
];

const rcLocal: readonly GuestPath[] = ['/etc/rc.local', '/etc/rc.d/rc.local'];
const managerConfig: GuestPath = '/etc/NetworkManager/NetworkManager.conf';

/** Undefined where it is not known what the agent writes. */
export const networkAtBoot: Fact<NetworkAtBoot | undefined> = {
  name: 'network-at-boot',
  inputs: [...rcLocal, managerConfig, ...processInputs],
  async gather(image, get) {
    const agent = await get(agentNetwork);
    if (agent.writes === undefined) return undefined;
    const system = await get(services);
    const name = serviceOf(agent);
    const service = system.find(name);
    const fault = await faultOf(image, agent, system, name, service);
    const obstacles = !fault && service?.state === 'enabled' ? await heldUp(image, system, service) : [];
    return { file: agent.path, fault, service: service?.id, obstacles };
  },
};

/** What keeps an enabled service from being started, or its program from being executed. */
async function heldUp(image: Image, system: Services, service: Service): Promise<readonly Obstacle[]> {
  return [
    ...(await system.obstacles(service)),
    ...(await processObstacles(image, system, service, { network: 'configures' })),
  ];
}

function serviceOf({ writes, managed }: AgentNetwork): string {
  if (writes === 'interfaces') return 'networking';
  if (writes === 'netplan') return 'systemd-networkd';
  return managed ? 'NetworkManager' : 'network';
}

async function faultOf(
  image: Image,
  agent: AgentNetwork,
  system: Services,
  name: string,
  service: Service | undefined,
): Promise<NetworkFault | undefined> {
  const evidence = service && (service.evidence[0] ?? { path: service.path });
  if (service?.state === 'masked') return { kind: 'masked', what: service.id, evidence };
  if (agent.writes === 'netplan')
    return service ? netplanFault(image) : { kind: 'absent', what: name, evidence };
  if (agent.managed)
    return (await readsIfcfg(image)) ? undefined : { kind: 'not-read', what: 'NetworkManager', evidence };
  if (service?.state === 'enabled' || (await isStartedOtherwise(image, agent, system))) return undefined;
  return service
    ? { kind: 'not-enabled', what: service.id, evidence }
    : { kind: 'absent', what: name, evidence: { path: agent.path } };
}

/** netplan's generator makes the files, and has systemd-networkd started, whether or not that is enabled (netplan-generate(8)). */
async function netplanFault(image: Image): Promise<NetworkFault | undefined> {
  for (const folder of generatorFolders) {
    const path = join(folder, 'netplan');
    const own = await image.lstat(path);
    if (!own) continue;
    const entry = await image.stat(path);
    if (own.target !== '/dev/null' && entry && isExecutable(entry)) return undefined;
    return { kind: 'no-generator', what: path, evidence: { path } };
  }
  const path: GuestPath = '/usr/lib/systemd/system-generators/netplan';
  return { kind: 'no-generator', what: path, evidence: { path } };
}

/** The plugin for ifcfg files, which later releases have in a package of its own and the latest not at all. */
async function readsIfcfg(image: Image): Promise<boolean> {
  let isKnown = false;
  for (const library of ['/usr/lib64/NetworkManager', '/usr/lib/NetworkManager'] as const) {
    for (const { name, type } of (await image.readDir(library)) ?? []) {
      if (type !== 'directory' || !/^\d/.test(name)) continue;
      isKnown = true;
      if (await image.stat(join(join(library, name), 'libnm-settings-plugin-ifcfg-rh.so'))) return true;
    }
  }
  return !isKnown;
}

/**
 * Debian's init scripts of the boot itself are linked in runlevel S (init(8)), before any runlevel starts services.
 * systemd has no runlevel S: it starts no script for such a link (systemd-sysv-generator(8)).
 */
async function isStartedEarly(image: Image, { system }: Services, script: string): Promise<boolean> {
  if (initModules[system].runsGenerators) return false;
  for (const { name } of (await image.readDir('/etc/rcS.d')) ?? [])
    if (/^S\d\d/.test(name) && name.slice(3) === script && (await image.stat(`/etc/rcS.d/${name}`)))
      return true;
  return false;
}

/** Whether a service of another name, a line of rc.local or NetworkManager brings ifupdown's interfaces up. */
async function isStartedOtherwise(
  image: Image,
  { writes }: AgentNetwork,
  system: Services,
): Promise<boolean> {
  const starters = writes === 'interfaces' ? /^(?:ifup|networking)$/ : /^(?:ifup|network)$/;
  const byService = system.all.some(
    ({ state, name, exec }) =>
      state === 'enabled' &&
      (/^ifup@/.test(name) || exec.some(({ program }) => starters.test(baseName(`/${program}`)))),
  );
  if (byService || (await isStartedEarly(image, system, writes === 'interfaces' ? 'networking' : 'network')))
    return true;
  for (const path of rcLocal) {
    const entry = await image.stat(path);
    if (entry?.type !== 'file' || !isExecutable(entry)) continue;
    const text = (await image.readText(path)) ?? '';
    if (text.split('\n').some((line) => /^[^#]*\b(?:ifup|networking|network\s+(?:re)?start)\b/.test(line)))
      return true;
  }
  if (writes !== 'interfaces' || system.find('NetworkManager')?.state !== 'enabled') return false;
  // NetworkManager.conf(5), "IFUPDOWN SECTION".
  for (const { text } of await textAt(image, managerConfig))
    if (/^(?:true|yes|on|1)$/i.test(entryOf(parseKeyfile(text), 'ifupdown', 'managed')?.value ?? ''))
      return true;
  return false;
}
