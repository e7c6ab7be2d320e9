import { serves } from '../../checks/lib/os-support.js';
import type { WantedPackage } from '../../images/install/source.js';
import type { Init } from '../../images/guest/init/init.js';
import type { Os } from '../../images/guest/os.js';

export interface AgentChoice extends WantedPackage {
  readonly generation: 1 | 2;
  readonly reason: string;
}

/**
 * Which generation of the agent a guest gets: 2.x where it supports the system and has a service for its init system,
 * else 1.x. Undefined when neither supports it.
 * @param asked - the generation that `--agent` asks for
 */
export function chooseAgent(os: Os, init: Init, asked: 'auto' | 1 | 2): AgentChoice | undefined {
  if (asked !== 'auto') return choice(asked, os, `--agent asks for ${asked}.x`);
  if (serves(2, os) && hasService(os, init))
    return choice(2, os, `2.x supports ${os.name}, and ${init.system} starts it`);
  if (!serves(1, os)) return undefined;
  const why = serves(2, os) ? `has no service for ${init.system}` : `does not support ${os.name}`;
  return choice(1, os, `2.x ${why}; 1.x does`);
}

/** Today's packages bring a unit; only those for Enterprise Linux 6 an init script, and Alpine's. */
function hasService({ family, version }: Os, { system }: Init): boolean {
  switch (system) {
    case 'systemd':
      return true;
    case 'sysv':
      return family === 'redhat' && version?.split('.')[0] === '6';
    case 'openrc':
      return family === 'alpine';
    case 'upstart':
    case 'unknown':
      return false;
  }
}

/** Its names: upstream's packages first, then the distribution's own, then those of older releases. */
function choice(generation: 1 | 2, { id, family }: Os, reason: string): AgentChoice {
  const major = String(generation);
  if (generation === 1 || family !== 'debian') return { generation, names: ['nova-agent'], major, reason };
  const own = id === 'ubuntu' ? ['rax-nova-agent'] : [];
  return {
    generation,
    names: ['python3-nova-agent', ...own, 'nova-agent', 'python-nova-agent'],
    major,
    reason,
  };
}
