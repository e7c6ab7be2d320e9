import type { GuestPath, Image } from '../../image/image.js';
import type { Agent } from './agent.js';
import { type AgentSearch, agentPackage } from './context.js';
import { treeRoot } from './tree-root.js';

/** Where a service of some name is defined, for every init system. */
export const definitions = (name: string): readonly GuestPath[] => [
  `/etc/systemd/system/${name}.service`,
  `/usr/local/lib/systemd/system/${name}.service`,
  `/usr/lib/systemd/system/${name}.service`,
  `/lib/systemd/system/${name}.service`,
  `/etc/init.d/${name}`,
  `/etc/rc.d/init.d/${name}`,
  `/etc/rc.d/${name}`,
  `/etc/init/${name}.conf`,
  `/usr/local/etc/rc.d/${name}`,
];

/** The names that an agent's service has had, as Debian orders them. */
export const customaryAgentServices = ['python3-nova-agent', 'nova-agent', 'python-nova-agent'] as const;

/**
 * The names an agent's service can have, the likeliest first: those that are defined in the guest, then the others in
 * the order in which its distribution has used them. Of a name that a 1.x tree has taken, its service is meant.
 */
export async function agentServiceNames(
  search: AgentSearch,
  generation: Agent['generation'],
): Promise<readonly string[]> {
  if (generation === 1) return ['nova-agent'];
  const packaged = agentPackage(search, generation)?.name;
  const [debian, ...others] = customaryAgentServices;
  const customary: string[] =
    search.os.family === 'debian' ? [debian, ...others] : ['nova-agent', debian, 'python-nova-agent'];
  if (packaged !== undefined && customary.includes(packaged)) customary.unshift(packaged);
  const defined: string[] = [];
  for (const name of customary) if (await isDefined(search.image, name)) defined.push(name);
  // A service of another name that starts this very program is its own beyond doubt.
  const unusual = search.startedBy.filter((name) => !customary.includes(name));
  return [...new Set([...unusual, ...defined, ...customary])];
}

async function isDefined(image: Image, name: string): Promise<boolean> {
  for (const path of definitions(name)) {
    const real = await image.realPath(path);
    if (real && !real.startsWith(`${treeRoot}/`)) return true;
  }
  return false;
}
