import { xeSeverity } from '../../checks/lib/xenstore.js';
import { type LogFile, agentLogs } from '../../images/guest/agents/agent-log.js';
import { installedAgents, servicesNamed } from '../../images/guest/agents/agent-services.js';
import { agents } from '../../images/guest/agents/agents.js';
import { customaryAgentServices } from '../../images/guest/agents/service-names.js';
import type { Gather } from '../../images/guest/fact.js';
import { init } from '../../images/guest/init/init.js';
import { services } from '../../images/guest/init/services.js';
import type { Service } from '../../images/guest/init/service.js';
import { nameService } from '../../images/guest/network/name-service.js';
import { os } from '../../images/guest/os.js';
import { vpns } from '../../images/guest/vpn/vpns.js';
import { xe } from '../../images/guest/agents/xe.js';
import { isUnreadable } from './evidence/unreadable.js';
import { bootedInits } from './init/booted-inits.js';
import type { GuestFacts } from './running-guest.js';

/** What a rehearsal has to know of a guest before it starts it. */
export async function guestFacts(get: Gather): Promise<GuestFacts> {
  const guestInit = await get(init);
  const logs = await readableLogs(get);
  return {
    init: guestInit,
    ...(bootedInits[guestInit.system] ? await serviceFacts(get) : await onlyAgent(get)),
    logLines: new Map(logs.map(({ path, lines }) => [path, lines.at(-1)?.number ?? 0])),
  };
}

/** A log that nobody can read has no lines that are older than the rehearsal. */
async function readableLogs(get: Gather): Promise<readonly LogFile[]> {
  try {
    return await get(agentLogs);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return [];
  }
}

/** Whether a VPN starts with the guest. */
export async function hasVpn(get: Gather): Promise<boolean> {
  return bootedInits[(await get(init)).system] !== undefined && (await get(vpns)).length > 0;
}

type ServiceFacts = Omit<GuestFacts, 'init' | 'logLines'>;

async function serviceFacts(get: Gather): Promise<ServiceFacts> {
  const installed = await get(installedAgents);
  // Of two that race for the same requests the one that starts at boot is the one to watch.
  const starts = ({ state }: Service): boolean => state === 'enabled';
  const agent = installed.find((one) => one.services.some(starts)) ?? installed[0];
  const tools = await get(xe);
  const xeServices = tools ? servicesNamed(tools.serviceNames, await get(services)) : [];
  // A service whose program is gone starts nothing, and the rehearsal is to show it.
  const agentService = agent
    ? agent.services[0]
    : servicesNamed(customaryAgentServices, await get(services))[0];
  const xeService = xeServices.find(starts) ?? xeServices[0];
  const orderings =
    xeService && agentService ? await (await get(services)).order(xeService, agentService) : [];
  return {
    agent,
    agentService,
    xeService,
    isOrdered: orderings.length === 0 ? undefined : orderings.every(({ verdict }) => verdict === 'before'),
    orderSeverity: xeSeverity(installed, await get(os)),
    nameServersInDoubt: await nameServersInDoubt(get),
  };
}

/**
 * Who answers at the servers that the image names itself, only the cloud knows; and where it has no resolv.conf at all,
 * one may still be brought. The check network-dns says so, and refuses neither.
 */
async function nameServersInDoubt(get: Gather): Promise<GuestFacts['nameServersInDoubt']> {
  const { fixed, missing, unheard } = await get(nameService);
  return fixed || missing ? Object.fromEntries(unheard.map((owner) => [owner, 'as in the image'])) : {};
}

async function onlyAgent(get: Gather): Promise<ServiceFacts> {
  const installed = await get(agents);
  return {
    agent: installed[0],
    agentService: undefined,
    xeService: undefined,
    isOrdered: undefined,
    orderSeverity: xeSeverity(installed, await get(os)),
    nameServersInDoubt: { 'nova-agent': 'and no init was booted to hand them on' },
  };
}
