import { scriptProcess } from '../../images/guest/init/process/process.js';
import type { InstalledAgent } from '../../images/guest/agents/agent-services.js';
import type { Agent } from '../../images/guest/agents/agent.js';
import type { CloudInitNetwork } from '../../images/guest/cloud-init/network.js';
import type { CloudInit } from '../../images/guest/cloud-init/state.js';
import type { Init } from '../../images/guest/init/init.js';
import type { Os } from '../../images/guest/os.js';
import type { Packages } from '../../images/guest/packages.js';
import { type BootGoal, ordinaryGoal } from '../../images/guest/init/boot-goal.js';
import type { BootEdge } from '../../images/guest/init/boot-graph.js';
import type { Obstacle } from '../../images/guest/init/obstacle.js';
import type { Ordering, Service, Services, Starter } from '../../images/guest/init/service.js';
import type { Vpn } from '../../images/guest/vpn/vpn.js';
import type { XeTools } from '../../images/guest/agents/xe.js';

/** Plausible facts of a healthy guest, for cases to change one thing at a time. */

export function anOs(change: Partial<Os> = {}): Os {
  return {
    family: 'debian',
    id: 'debian',
    name: 'Debian GNU/Linux',
    version: '12',
    evidence: '/etc/os-release',
    kernels: ['6.1.0-18-amd64'],
    ...change,
  };
}

/** RHEL's rebuild as it was when rm14157 broke it. */
export function centos72(change: Partial<Os> = {}): Os {
  return anOs({
    family: 'redhat',
    id: 'centos',
    name: 'CentOS Linux',
    version: '7.2.1511',
    evidence: '/etc/centos-release',
    kernels: ['3.10.0-327.el7.x86_64'],
    ...change,
  });
}

/** The source documents' server: Debian 6 with a kernel that has no XenStore device. */
export function squeeze(change: Partial<Os> = {}): Os {
  return anOs({
    version: '6.0.1',
    evidence: '/etc/debian_version',
    kernels: ['2.6.32-5-xen-amd64'],
    ...change,
  });
}

export function aService(change: Partial<Service> = {}): Service {
  const name = change.name ?? 'nova-agent';
  return {
    id: `${name}.service`,
    name,
    aliases: [],
    origin: 'unit',
    path: `/lib/systemd/system/${name}.service`,
    state: 'enabled',
    evidence: [{ path: `/etc/systemd/system/multi-user.target.wants/${name}.service` }],
    exec: [
      { program: `/usr/bin/${name}`, evidence: { path: `/lib/systemd/system/${name}.service`, line: 8 } },
    ],
    ...change,
  };
}

export function aScript(change: Partial<Service> = {}): Service {
  const name = change.name ?? 'nova-agent';
  return aService({
    id: name,
    origin: 'script',
    path: `/etc/init.d/${name}`,
    evidence: [{ path: `/etc/rc2.d/S02${name}` }],
    exec: [{ program: `/etc/init.d/${name}`, evidence: { path: `/etc/init.d/${name}` } }],
    ...change,
  });
}

export const xeService = (change: Partial<Service> = {}): Service =>
  aService({ name: 'xe-linux-distribution', ...change });

export function agent2(change: Partial<Agent> = {}): Agent {
  return {
    generation: 2,
    form: 'zipapp',
    version: '2.1.25',
    versionFrom: { path: '/usr/bin/nova-agent' },
    program: '/usr/bin/nova-agent',
    serviceNames: ['nova-agent', 'python3-nova-agent', 'python-nova-agent'],
    requirements: [{ what: 'python3', found: true, evidence: { path: '/usr/bin/python3' } }],
    links: [],
    ...change,
  };
}

export function agent1(change: Partial<Agent> = {}): Agent {
  const version = 'version' in change ? change.version : '1.39.1';
  return {
    generation: 1,
    form: 'tree',
    version,
    versionFrom: { path: '/usr/sbin/nova-agent' },
    program: '/usr/sbin/nova-agent',
    serviceNames: ['nova-agent'],
    requirements: [],
    links: [
      { path: '/usr/sbin/nova-agent', version, broken: false },
      { path: '/usr/share/nova-agent/nova-agent.py', version, broken: false },
      { path: '/etc/init.d/nova-agent', version, broken: false },
      { path: '/etc/init.d/nova-agent', line: 28, version, broken: false },
    ],
    ...change,
  };
}

/** An agent with its services: one enabled unit unless said otherwise. */
export function installed(
  agent: Agent = agent2(),
  services: readonly Service[] = [aService()],
): InstalledAgent {
  return { ...agent, services };
}

export function anXe(change: Partial<XeTools> = {}): XeTools {
  return {
    name: 'xe-guest-utilities',
    version: '7.20.0',
    evidence: '/usr/sbin/xe-daemon',
    programs: ['/usr/sbin/xe-daemon', '/usr/sbin/xe-linux-distribution'],
    serviceNames: ['xe-linux-distribution', 'xe-daemon'],
    ...change,
  };
}

interface ServicesScript {
  readonly system?: Services['system'];
  readonly all?: readonly Service[];
  readonly orderings?: readonly Ordering[];
  readonly cycles?: readonly (readonly BootEdge[])[];
  readonly goal?: BootGoal;
  readonly changes?: Partial<Pick<Services, 'enable' | 'disable' | 'putBefore'>>;
  /** What starts services that are not enabled, by their ids. */
  readonly starters?: Readonly<Record<string, readonly Starter[]>>;
  /** What keeps services from being started, by their ids; of one that is not enabled, why it is in vain. */
  readonly obstacles?: Readonly<Record<string, readonly Obstacle[]>>;
}

/** An init system that knows these services and answers as told. */
export function someServices(script: ServicesScript = {}): Services {
  const all = script.all ?? [aService(), xeService()];
  const unexpected = (): Promise<never> => Promise.reject(new Error('not expected in this case'));
  return {
    system: script.system ?? 'systemd',
    all,
    graphs: async () => [],
    find: (name) => all.find(({ id, name: own, aliases }) => [id, own, ...aliases].includes(name)),
    order: async () => script.orderings ?? [xeFirst],
    cycles: async (through) =>
      (script.cycles ?? []).filter((edges) =>
        edges.some(({ first, then }) => through.includes(first) || through.includes(then)),
      ),
    enable: unexpected,
    disable: unexpected,
    putBefore: unexpected,
    goal: async () => script.goal ?? ordinaryGoal,
    setDefaultGoal: unexpected,
    process: async ({ path }) => scriptProcess(path),
    obstacles: async ({ id }) => script.obstacles?.[id] ?? [],
    enabledInVain: async ({ id }) => script.obstacles?.[id] ?? [],
    starters: async ({ id }) => script.starters?.[id] ?? [],
    ...script.changes,
  };
}

export const xeFirst: Ordering = {
  graph: 'default.target',
  verdict: 'before',
  chain: [],
  evidence: [],
  because: 'After=xe-linux-distribution.service',
};

export function aCloudInit(change: Partial<CloudInit> = {}): CloudInit {
  return {
    installed: true,
    version: '22.4.2',
    enabled: true,
    disabledBy: [],
    datasources: {
      list: ['ConfigDrive', 'None'],
      evidence: { path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg', line: 2 },
      probed: false,
    },
    network: { enabled: true, evidence: undefined },
    ignored: [],
    ...change,
  };
}

/** ifupdown, with all that it needs. */
export function aNetwork(change: Partial<CloudInitNetwork> = {}): CloudInitNetwork {
  return {
    known: true,
    renderer: 'eni',
    order: ['eni', 'sysconfig', 'netplan', 'network-manager', 'networkd'],
    orderFrom: undefined,
    starters: ['networking'],
    starter: 'networking',
    started: true,
    obstacles: [],
    lacksRoute: false,
    notTakenIn: undefined,
    ...change,
  };
}

export const noCloudInit: CloudInit = {
  installed: false,
  version: undefined,
  enabled: false,
  disabledBy: [],
  datasources: undefined,
  network: { enabled: false, evidence: undefined },
  ignored: [],
};

export function aVpn(change: Partial<Vpn> = {}): Vpn {
  return {
    product: 'openvpn',
    name: 'client1',
    evidence: { path: '/etc/default/openvpn', line: 14 },
    how: 'AUTOSTART="all"',
    tunnelLink: true,
    disable: async () => [],
    ...change,
  };
}

export function anInit(change: Partial<Init> = {}): Init {
  return {
    system: 'systemd',
    evidence: '/sbin/init',
    alsoInstalled: [],
    systemdVersion: '252.39-1',
    ...change,
  };
}

export function somePackages(...names: readonly string[]): Packages {
  return {
    manager: 'dpkg',
    installed: new Map(names.map((name) => [name, { name, version: '1', architecture: 'amd64' }])),
  };
}
