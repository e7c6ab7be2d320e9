import { agentLogs } from '../../images/guest/agents/agent-log.js';
import { installedAgents, servicesNamed } from '../../images/guest/agents/agent-services.js';
import { agents } from '../../images/guest/agents/agents.js';
import { customaryAgentServices } from '../../images/guest/agents/service-names.js';
import type { Gather } from '../../images/guest/fact.js';
import { init } from '../../images/guest/init/init.js';
import { services } from '../../images/guest/init/services.js';
import type { Service } from '../../images/guest/init/service.js';
import { vpns } from '../../images/guest/vpn/vpns.js';
import { xe } from '../../images/guest/agents/xe.js';
import type { Known } from './evidence/guest.js';
import { boots } from './payload.js';

/** What a rehearsal has to know of a guest before it starts it. */
export async function known(get: Gather): Promise<Known> {
  const guestInit = await get(init);
  const logs = await get(agentLogs);
  return {
    init: guestInit,
    ...(boots(guestInit) ? await knownServices(get) : await onlyAgent(get)),
    logLines: new Map(logs.map(({ path, lines }) => [path, lines.at(-1)?.number ?? 0])),
  };
}

/** Whether a VPN starts with the guest. */
export async function hasVpn(get: Gather): Promise<boolean> {
  return boots(await get(init)) && (await get(vpns)).length > 0;
}

type KnownServices = Pick<Known, 'agent' | 'agentService' | 'xeService'>;

async function knownServices(get: Gather): Promise<KnownServices> {
  const installed = await get(installedAgents);
  // Of two that race for the same requests the one that starts at boot is the one to watch.
  const starts = ({ state }: Service): boolean => state === 'enabled';
  const agent = installed.find((one) => one.services.some(starts)) ?? installed[0];
  const tools = await get(xe);
  const xeServices = tools ? servicesNamed(tools.serviceNames, await get(services)) : [];
  return {
    agent,
    // A service whose program is gone starts nothing, and the rehearsal is to show it.
    agentService: agent ? agent.services[0] : servicesNamed(customaryAgentServices, await get(services))[0],
    xeService: xeServices.find(starts) ?? xeServices[0],
  };
}

async function onlyAgent(get: Gather): Promise<KnownServices> {
  return { agent: (await get(agents))[0], agentService: undefined, xeService: undefined };
}
