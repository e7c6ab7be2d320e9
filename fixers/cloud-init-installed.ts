import { overlay } from '../images/overlay.js';
import { defineFixer } from './lib/fixer.js';
import { installedSince } from './lib/installed-since.js';
import { givenInWords, sourceInWords } from './lib/installer.js';

export const cloudInitInstalled = defineFixer({
  meta: {
    id: 'cloud-init-installed',
    title: 'Install cloud-init',
    risk: 'reviewed',
    docs: 'Installs cloud-init when `--target cloud-init` is said (never when the evidence alone chose it): from the image’s own repositories, from `--cloud-init-repo URL|DIR`, or from `--cloud-init-package FILE`. The guest’s own package manager runs over a throw-away layer, and what it writes becomes the changes of the plan. A cloud-init that is there is never replaced.',
  },
  needs: {},
  async *plan({ image, changes, installer }) {
    const order = installer?.cloudInit;
    if (!installer || !order) return;
    const installed = await installer.install(order, { names: ['cloud-init'] }, image, changes);
    yield {
      kind: 'installation',
      what: await installedSince(image, await overlay(image, installed)),
      from: sourceInWords(order.source),
      reason: order.source.kind === 'file' ? givenInWords(order) : 'cloud-init is to own the server',
    };
    yield* installed;
  },
});
