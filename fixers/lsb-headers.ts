import { remove, write } from '../images/image/change.js';
import { factsOf } from '../images/guest/fact.js';
import { installedAgents, servicesNamed } from '../images/guest/agents/agent-services.js';
import { type InitScripts, initScripts } from '../images/guest/init/init-scripts.js';
import { services } from '../images/guest/init/services.js';
import type { Service } from '../images/guest/init/service.js';
import { layoutOf } from '../images/guest/init/sysv/layout.js';
import { readLinks } from '../images/guest/init/sysv/links.js';
import { xe } from '../images/guest/agents/xe.js';
import type { Change, Image } from '../images/image/image.js';
import { overlay } from '../images/image/overlay.js';
import { defineFixer } from './lib/fixer.js';
import { repairHeader } from './lib/lsb-repair.js';

export const lsbHeaders = defineFixer({
  meta: {
    id: 'lsb-headers',
    title: 'Correct the LSB headers of nova-agent and of the guest utilities',
    risk: 'safe',
    phase: 'register',
    // A script that a native unit replaces needs no header any more.
    after: ['sysv-symlink'],
    docs: 'Writes the header from "All About Nova-Agent" into a nova-agent script that has none, names the service of the guest utilities (as it is called on this guest) in Required-Start and Required-Stop, removes facilities that no script provides, and sets Provides to the script’s own name. Nothing else in the script changes. If the script is a link, the file behind it is edited; if it has an override in /etc/insserv/overrides, the override is edited instead. Where insserv numbers the links, the links of enabled services are created again.',
  },
  needs: { installedAgents, initScripts, services, xe },
  async *plan({ image, facts: { installedAgents, initScripts, services, xe } }) {
    const xeServices = servicesNamed(xe?.serviceNames ?? [], services);
    const agentServices = installedAgents.flatMap((agent) => agent.services);
    const changes = [
      ...(await repair(image, xeServices, initScripts, [], false)),
      ...(await repair(image, agentServices, initScripts, xeServices, true)),
    ];
    if (changes.length === 0) return;
    yield* changes;
    if (services.system === 'sysv' && initScripts.numbering === 'insserv') {
      yield* await renumber(image, changes, [...xeServices, ...agentServices]);
    }
  },
});

async function repair(
  image: Image,
  of: readonly Service[],
  scripts: InitScripts,
  before: readonly Service[],
  isAgent: boolean,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { name, origin } of of) {
    const script = origin === 'script' ? scripts.all.get(name) : undefined;
    if (!script) continue;
    const { file } = script.effective;
    const text = (await image.readText(file)) ?? '';
    const repaired = repairHeader(text, script, scripts, before, isAgent);
    if (repaired !== undefined && repaired !== text) changes.push(...(await write(image, file, repaired)));
  }
  return changes;
}

/**
 * The links of enabled scripts, as insserv makes them anew from the new headers. The old ones are taken away first:
 * insserv lets links that are there stand against the header's runlevels, with a warning.
 * @param scripts - what is required before what requires it
 */
async function renumber(
  image: Image,
  changes: readonly Change[],
  scripts: readonly Service[],
): Promise<Change[]> {
  const enabled = scripts.filter(({ origin, state }) => origin === 'script' && state === 'enabled');
  const names = enabled.map(({ name }) => name);
  const made: Change[] = [];
  for (const { script, path } of await readLinks(image, await layoutOf(image))) {
    if (names.includes(script)) made.push(...(await remove(image, path)));
  }
  for (const { id } of enabled) {
    const now = await factsOf(await overlay(image, [...changes, ...made]))(services);
    const service = now.find(id);
    if (service) made.push(...(await now.enable(service)));
  }
  return made;
}
