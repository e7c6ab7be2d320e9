import { ImageError } from '../images/base/errors.js';
import { agents } from '../images/guest/agents/agents.js';
import { factsOf } from '../images/guest/fact.js';
import { init } from '../images/guest/init/init.js';
import { os } from '../images/guest/os.js';
import { overlay } from '../images/image/overlay.js';
import { chooseAgent } from './lib/agent-choice.js';
import { defineFixer } from './lib/fixer.js';
import { installedSince } from './lib/install.js';
import { givenInWords, sourceInWords } from './lib/installer.js';

export const agentInstalled = defineFixer({
  meta: {
    id: 'agent-installed',
    title: 'Install nova-agent',
    risk: 'reviewed',
    docs: 'Installs nova-agent, when it is asked for: with `--agent-package FILE` (a .deb, an .rpm, or the release of 1.x with its installer.sh), `--agent-repo URL|DIR`, or `--agent 2|1|auto` alone, which asks the image’s own repositories; a package with a repository has what it depends on from there. 2.x is taken where it serves the system and its init, else 1.x; an agent that is there is never replaced. The guest’s own package manager runs over a throw-away layer, with the network only to fetch from a repository elsewhere, and what it writes becomes the changes of the plan; with `--offline-install` no program of the guest is run. What the package leaves undone (a service that is not enabled, or not in order) the other repairs do in the same run.',
  },
  needs: { init, os },
  async *plan({ image, changes, installer, facts: { init, os } }) {
    const order = installer?.agent;
    if (!installer || !order) return;
    const given = order.source.kind === 'file' ? order.source.path : undefined;
    const choice = chooseAgent(os, init, order.generation);
    if (!choice && given === undefined)
      throw new ImageError(
        'no-agent',
        `neither 2.x nor 1.x of nova-agent serves ${os.name} with ${init.system}`,
      );
    const installed = await installer.install(order, choice ?? { names: ['nova-agent'] }, image, changes);
    const after = await overlay(image, installed);
    const [agent] = await factsOf(after)(agents);
    const generation = agent?.generation;
    if (generation !== undefined && order.generation !== 'auto' && generation !== order.generation) {
      throw new ImageError(
        'wrong-generation',
        `what was installed is nova-agent ${generation}.x, not ${order.generation}.x`,
      );
    }
    const what = await installedSince(image, after);
    yield {
      kind: 'installation',
      what: what.length > 0 ? what : [`nova-agent ${agent?.version ?? ''}`.trim()],
      from: sourceInWords(order.source),
      reason: given === undefined ? (choice?.reason ?? '') : givenInWords(order),
    };
    yield* installed;
  },
});
