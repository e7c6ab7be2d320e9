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
    phase: 'install',
    docs: 'Installs nova-agent when you ask for it: with `--agent-package FILE` (a .deb, an .rpm, or the 1.x release with its installer.sh), with `--agent-repo URL|DIR`, or with `--agent 2|1|auto` alone, which uses the image’s own repositories. With both a package and a repository, the package’s dependencies come from the repository. Hallmark takes 2.x where it supports the operating system and its init system, and 1.x otherwise; it never replaces an installed agent. The guest’s own package manager runs on a throw-away layer, and what it writes becomes the changes of the plan; it has network access only to fetch from a remote repository. With `--offline-install` no program of the guest runs. Whatever the package leaves undone (a service that is not enabled or not ordered), the other repairs do in the same run.',
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
        `neither nova-agent 2.x nor 1.x supports ${os.name} with ${init.system}`,
      );
    const installed = await installer.install(order, choice ?? { names: ['nova-agent'] }, image, changes);
    const after = await overlay(image, installed);
    const [agent] = await factsOf(after)(agents);
    const generation = agent?.generation;
    if (generation !== undefined && order.generation !== 'auto' && generation !== order.generation) {
      throw new ImageError(
        'wrong-generation',
        `the installed package is nova-agent ${generation}.x, not ${order.generation}.x`,
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
