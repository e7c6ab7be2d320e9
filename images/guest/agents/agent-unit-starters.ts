import type { Change, Image } from '../../image/image.js';
import { overlay } from '../../image/overlay.js';
import { type Fact, factsOf } from '../fact.js';
import type { Service, Starter } from '../init/service.js';
import { services } from '../init/services.js';
import { keepOff, mask } from '../init/systemd/keep-off.js';
import { installedAgents } from './agent-services.js';

/** A unit of the boot that starts a service of an agent which is not enabled itself: a timer, say. */
export interface AgentUnitStarter extends Starter {
  readonly service: Service;
}

/** Of every agent, what has its services started although nobody has enabled them. */
export const agentUnitStarters: Fact<readonly AgentUnitStarter[]> = {
  name: 'agent-unit-starters',
  inputs: [...installedAgents.inputs, ...services.inputs],
  async gather(_, get) {
    const system = await get(services);
    const found: AgentUnitStarter[] = [];
    for (const { services: own } of await get(installedAgents))
      for (const service of own)
        for (const starter of await system.starters(service)) found.push({ ...starter, service });
    return found;
  },
};

/**
 * Changes after which no other unit starts an agent: its own unit is masked. Where that is a file of the administrator,
 * which a mask would have to replace, the timers, paths and sockets that start it are kept off.
 */
export async function withoutUnitStarters(image: Image): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { service, by } of await factsOf(image)(agentUnitStarters)) {
    const now = await overlay(image, changes);
    const stillStarts = async (then: Image): Promise<boolean> =>
      (await factsOf(then)(agentUnitStarters)).some((one) => one.by === by && one.service.id === service.id);
    if (!(await stillStarts(now))) continue;
    const masked = await mask(now, service.id);
    if (masked.length > 0) changes.push(...masked);
    else if (!by.endsWith('.service')) changes.push(...(await keepOff(now, by, stillStarts)));
  }
  return changes;
}
