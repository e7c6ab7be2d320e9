import { type InstalledAgent, servicesNamed } from '../../images/guest/agents/agent-services.js';
import { factsOf } from '../../images/guest/fact.js';
import { services } from '../../images/guest/init/services.js';
import type { Service, Services } from '../../images/guest/init/service.js';
import type { XeTools } from '../../images/guest/agents/xe.js';
import type { Change, Image } from '../../images/image/image.js';
import { overlay } from '../../images/image/overlay.js';

interface Facts {
  readonly installedAgents: readonly InstalledAgent[];
  readonly services: Services;
  readonly xe: XeTools | undefined;
}

/**
 * Changes after which the guest utilities start before every nova-agent that starts. Each step sees what the steps
 * before it changed. Nothing for an agent for which no candidate works without a cycle.
 */
export async function putXeBeforeAgents(
  image: Image,
  { installedAgents, services: system, xe }: Facts,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { id } of installedAgents.flatMap((agent) => agent.services).filter(starts)) {
    const now = changes.length === 0 ? system : await factsOf(await overlay(image, changes))(services);
    const first = servicesNamed(xe?.serviceNames ?? [], now).find(starts);
    const then = now.find(id);
    if (first && then) changes.push(...((await now.putBefore(first, then)) ?? []));
  }
  return changes;
}

function starts({ state }: Service): boolean {
  return state === 'enabled';
}
