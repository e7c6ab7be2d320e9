import { compareDottedVersions } from '../../formats/version.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Fact } from '../fact.js';
import { services } from '../init/services.js';
import { type Os, os } from '../os.js';

/** What nova-agent writes when the cloud has it set the network (`resetnetwork`). */
export interface AgentNetwork {
  /** undefined: it does not know this distribution. */
  readonly writes: 'interfaces' | 'netplan' | 'ifcfg' | undefined;
  /** The file, or the folder of files. */
  readonly path: GuestPath;
  /** Of `ifcfg`: whether it leaves the files to NetworkManager. Otherwise they say NM_CONTROLLED=no. */
  readonly managed: boolean;
}

/**
 * How the 2.x agent tells distributions apart: by the first of these files (novaagent/novaagent.py, get_server_type).
 * Of 1.x, which asks Python's platform module, the answer for a distribution is the same.
 */
const byFile: readonly (readonly [GuestPath, 'interfaces' | 'ifcfg'])[] = [
  ['/etc/alpine-release', 'interfaces'],
  ['/etc/centos-release', 'ifcfg'],
  ['/etc/fedora-release', 'ifcfg'],
  ['/etc/redhat-release', 'ifcfg'],
  ['/etc/debian_version', 'interfaces'],
];

/** Since which release a distribution's network is NetworkManager's to the agent (novaagent/libs/centos.py). */
const managedSince: Readonly<Record<string, string>> = {
  rhel: '8',
  almalinux: '8',
  centos: '8',
  rocky: '8',
  fedora: '29',
};

/** Source: novaagent/libs/{debian,centos,alpine}.py, resetnetwork. */
export const agentNetwork: Fact<AgentNetwork> = {
  name: 'agent-network',
  inputs: os.inputs,
  async gather(image, get) {
    const system = await get(os);
    const writes = await formOf(image, system);
    if (writes === 'ifcfg') {
      const path: GuestPath = '/etc/sysconfig/network-scripts';
      const since = managedSince[system.id];
      const late = since !== undefined && compareDottedVersions(system.version ?? '0', since) >= 0;
      const managed = late && (await get(services)).find('NetworkManager')?.state === 'enabled';
      return { writes, path, managed };
    }
    const netplan = writes === 'interfaces' && system.family === 'debian' && (await hasNetplan(image));
    return netplan
      ? { writes: 'netplan', path: '/etc/netplan/rackspace-cloud.yaml', managed: false }
      : { writes, path: '/etc/network/interfaces', managed: false };
  },
};

async function hasNetplan(image: Image): Promise<boolean> {
  return (await image.stat('/usr/sbin/netplan')) !== undefined;
}

async function formOf(image: Image, { family }: Os): Promise<'interfaces' | 'ifcfg' | undefined> {
  for (const [path, form] of byFile) if (await image.stat(path)) return form;
  if (family === 'debian' || family === 'alpine') return 'interfaces';
  return family === 'redhat' ? 'ifcfg' : undefined;
}
