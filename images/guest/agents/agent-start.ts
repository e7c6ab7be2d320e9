import type { GuestPath } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { Fact, Gather } from '../fact.js';
import { firstBoot } from '../first-boot.js';
import type { Service } from '../init/service.js';
import { installedAgents } from './agent-services.js';
import { agentStarters } from './agent-starters.js';
import { agentUnitStarters } from './agent-unit-starters.js';

/** What starts an agent at the next boot: its own service, or else something that nobody may have thought of. */
export type AgentStart = { readonly evidence: Evidence } & (
  | { readonly by: 'service'; readonly service: Service }
  /** A timer or another unit; `because` quotes the line. */
  | { readonly by: 'unit'; readonly unit: string; readonly service: Service; readonly because: string }
  /** systemd presets all units, and so enables the agent's. */
  | { readonly by: 'first-boot'; readonly service: Service; readonly because: string }
  /** `searched`: the PATH that cron gives the agent. */
  | { readonly by: 'rc.local' | 'cron' | 'inittab'; readonly searched?: readonly GuestPath[] | undefined }
);

/** Undefined where nothing starts an agent. */
export const agentStart: Fact<AgentStart | undefined> = {
  name: 'agent-start',
  inputs: [
    ...new Set([installedAgents, agentUnitStarters, firstBoot, agentStarters].flatMap((fact) => fact.inputs)),
  ],
  async gather(_, get) {
    const all = (await get(installedAgents)).flatMap(({ services }) => services);
    const service = all.find(({ state }) => state === 'enabled');
    if (service) return { by: 'service', service, evidence: service.evidence[0] ?? { path: service.path } };
    const unit = (await get(agentUnitStarters)).find(({ isLater }) => !isLater);
    if (unit) return { by: 'unit', unit: unit.by, service: unit.service, ...evident(unit) };
    const preset = await presetOf(all, get);
    if (preset) return preset;
    const [line] = await get(agentStarters);
    return line && { by: line.by, searched: line.searched, evidence: { path: line.path, line: line.line } };
  },
};

/** The service of an agent that the first boot of a server enables, as far as the image says by itself that it is one. */
async function presetOf(all: readonly Service[], get: Gather): Promise<AgentStart | undefined> {
  const first = await get(firstBoot);
  const outcomes = first?.outcomes.filter(({ likelihood }) => likelihood !== 'unusual') ?? [];
  if (!first?.isStated || first.doubt !== undefined || outcomes.length === 0) return undefined;
  const service = all.find(({ id }) =>
    outcomes.every(({ started }) => started.some((one) => one.service.id === id)),
  );
  return service && { by: 'first-boot', service, ...evident(first) };
}

const evident = ({
  because,
  evidence,
}: {
  readonly because: string;
  readonly evidence: Evidence;
}): { because: string; evidence: Evidence } => ({ because, evidence });
