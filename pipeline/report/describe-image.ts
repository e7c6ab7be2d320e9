import { agents } from '../../images/guest/agents/agents.js';
import type { Fact, Gather } from '../../images/guest/fact.js';
import { init } from '../../images/guest/init/init.js';
import { os } from '../../images/guest/os.js';
import { services } from '../../images/guest/init/services.js';
import type { Service, Services } from '../../images/guest/init/service.js';
import { xe } from '../../images/guest/agents/xe.js';
import type { Image } from '../../images/image/image.js';
import { type BootRole, type ReportedBoot, drawBoot } from './boot.js';
import type { ReportedImage } from './report.js';

/** Units and scripts of others between which the agent has to find its place. */
const landmarks: readonly (readonly [string, BootRole])[] = [
  ['cloud-init-local.service', 'cloud-init'],
  ['cloud-init.service', 'cloud-init'],
  ['cloud-init-network.service', 'cloud-init'],
  ['network-online.target', 'network'],
  ['cloud-init', 'cloud-init'],
  ['networking', 'network'],
  ['network', 'network'],
];

/**
 * What a report says of the image itself. What cannot be found out is left out here: the checks that need it end in
 * `error` and say why.
 * @param digest - of the file, as "sha256:" and hex digits
 */
export async function describeImage(image: Image, get: Gather, digest?: string): Promise<ReportedImage> {
  const system = await known(get, os);
  const initSystem = await known(get, init);
  const installed = await known(get, agents);
  const tools = await known(get, xe);
  return {
    kind: image.kind,
    source: image.source,
    ...(digest === undefined ? {} : { digest }),
    ...(system && { os: { id: system.id, name: system.name, ...versionOf(system) } }),
    ...(initSystem && { init: initSystem.system }),
    ...(installed && {
      agents: installed.map((agent) => ({
        generation: agent.generation,
        form: agent.form,
        ...versionOf(agent),
        program: agent.program,
      })),
    }),
    ...(tools && { xe: { name: tools.name, ...versionOf(tools) } }),
  };
}

/**
 * The boot order around the agent, as a report draws it; nothing when the services or their order could not be told,
 * which their checks report.
 */
export async function describeBoot(get: Gather): Promise<ReportedBoot[]> {
  return (await orUndefined(draw(get))) ?? [];
}

async function draw(get: Gather): Promise<ReportedBoot[]> {
  const guest = await get(services);
  const agent = pick(guest, (await known(get, agents))?.flatMap(({ serviceNames }) => serviceNames) ?? []);
  const tools = pick(guest, (await known(get, xe))?.serviceNames ?? []);
  const roles = new Map<string, BootRole>(landmarks);
  if (agent) roles.set(agent.id, 'agent');
  if (tools) roles.set(tools.id, 'xe');
  const wanted = agent &&
    tools && { first: tools.id, then: agent.id, orderings: await guest.order(tools, agent) };
  const cycles = await guest.cycles([...roles.keys()]);
  return drawBoot(await guest.graphs(), { roles, cycles, wanted });
}

/** The service that boots, if any of these names does; else the first that exists. */
function pick(guest: Services, names: readonly string[]): Service | undefined {
  const found = names.map((name) => guest.find(name)).filter((service) => service !== undefined);
  return found.find(({ state }) => state === 'enabled') ?? found[0];
}

function versionOf({ version }: { readonly version: string | undefined }): { readonly version?: string } {
  return version === undefined ? {} : { version };
}

function known<T>(get: Gather, fact: Fact<T>): Promise<T | undefined> {
  return orUndefined(get(fact));
}

/** Only for what a report mentions, never for what it judges: the check that needs the same ends in `error`. */
async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch {
    return undefined;
  }
}
