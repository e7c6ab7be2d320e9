import type { CheckContext } from '../checks/lib/check.js';
import { ImageError } from '../images/base/errors.js';
import { installedAgents } from '../images/guest/agents/agent-services.js';
import { withoutStarters } from '../images/guest/agents/agent-starters.js';
import { withoutUnitStarters } from '../images/guest/agents/agent-unit-starters.js';
import { agentPackageNames } from '../images/guest/agents/context.js';
import { removeTraces } from '../images/guest/agents/traces.js';
import { cloudInit as cloudInitFact } from '../images/guest/cloud-init/cloud-init.js';
import { enableCloudInit, setNetwork } from '../images/guest/cloud-init/changes.js';
import type { CloudInit } from '../images/guest/cloud-init/state.js';
import { type CloudInitNetwork, cloudInitNetwork } from '../images/guest/cloud-init/network.js';
import { factsOf } from '../images/guest/fact.js';
import { packages } from '../images/guest/packages.js';
import { services } from '../images/guest/init/services.js';
import type { Change, Image } from '../images/image/image.js';
import { collapse, overlay } from '../images/image/overlay.js';
import { defineFixer } from './lib/fixer.js';

export const agentRetiredFixer = defineFixer({
  meta: {
    id: 'agent-retired',
    title: 'Disable or remove nova-agent',
    risk: 'reviewed',
    phase: 'network-owner',
    docs: 'With `--agent disable`, disables the services of every installed agent, comments out its line in rc.local, and masks a service that a timer or another unit starts. With `--agent remove`, the guest’s own package manager removes the agent’s package with its configuration (`dpkg --purge`, `rpm --erase`; with `--offline-install` no program of the guest runs), and Hallmark removes what no package owns: programs, the 1.x tree, units, scripts, links, log. The agent’s dependencies, the guest utilities and the network configuration stay. In the same step cloud-init takes over the network; where cloud-init could not bring it up, nothing is changed.',
  },
  needs: { cloudInit: cloudInitFact, cloudInitNetwork, packages },
  async *plan({ image, changes, installer, agentFate, facts: { cloudInit, cloudInitNetwork, packages } }) {
    if (agentFate === undefined) return;
    refuseWithoutSuccessor(cloudInit, cloudInitNetwork, agentFate);
    const all: Change[] = await setNetwork(image, 'enabled');
    if (agentFate === 'remove') {
      const found = agentPackageNames.flatMap((name) => packages.installed.get(name) ?? []);
      if (found.length > 0) {
        if (!installer) return;
        const names = found.map(({ name }) => name);
        const view = await overlay(image, all);
        all.push(...(await installer.remove(names, view, [...changes, ...all])));
      }
      yield {
        kind: 'installation',
        removes: true,
        what:
          found.length > 0
            ? found.map(({ name, version }) => `${name} ${version}`)
            : ['nova-agent, which no package owns'],
        from: 'the image',
        reason: 'cloud-init will configure the server',
      };
    }
    all.push(...(await disableAll(await overlay(image, all))));
    if (agentFate === 'remove') all.push(...(await removeTraces(await overlay(image, all))));
    // The agent's unit wants cloud-init's first stage, which may have been started by that alone.
    const rest = await overlay(image, all);
    if (!(await factsOf(rest)(cloudInitFact)).enabled) all.push(...(await enableCloudInit(rest)));
    yield* collapse(all);
  },
});

/** Without an agent, a server whose cloud-init cannot do its work would be unreachable. */
function refuseWithoutSuccessor(
  { installed, enabled }: CloudInit,
  { known, renderer, started, lacksRoute, notTakenIn }: CloudInitNetwork,
  fate: NonNullable<CheckContext['agentFate']>,
): void {
  const lacks = !installed
    ? 'is not installed'
    : !enabled
      ? 'does not run at boot'
      : known && (!renderer || !started || lacksRoute || notTakenIn !== undefined)
        ? 'cannot bring up the network'
        : undefined;
  if (lacks === undefined) return;
  throw new ImageError(
    'no-successor',
    `cloud-init ${lacks}, so nova-agent is not ${fate}d: the server would be unreachable`,
  );
}

async function disableAll(image: Image): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { services: own } of await factsOf(image)(installedAgents)) {
    for (const { id, state } of own) {
      const system = await factsOf(await overlay(image, changes))(services);
      const service = state === 'enabled' ? system.find(id) : undefined;
      if (service) changes.push(...(await system.disable(service)));
    }
  }
  changes.push(...(await withoutStarters(await overlay(image, changes))));
  return [...changes, ...(await withoutUnitStarters(await overlay(image, changes)))];
}
