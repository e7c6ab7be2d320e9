import { ImageError } from '../images/base/errors.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import {
  type CloudInitNetwork,
  cloudInitNetwork,
  takeInOwnFile,
} from '../images/guest/cloud-init/network.js';
import { factsOf } from '../images/guest/fact.js';
import { type OsFamily, os } from '../images/guest/os.js';
import { services } from '../images/guest/init/services.js';
import type { Change, Image } from '../images/image/image.js';
import { collapse, overlay } from '../images/image/overlay.js';
import { defineFixer } from './lib/fixer.js';
import { installedSince } from './lib/install.js';
import { sourceInWords } from './lib/installer.js';

export const cloudInitNetworkFixer = defineFixer({
  meta: {
    id: 'cloud-init-network',
    title: 'Enable cloud-init to bring up the network',
    risk: 'reviewed',
    phase: 'cloud-init',
    docs: 'Makes /etc/network/interfaces include the file that cloud-init writes, and enables the service that brings up what it configures. When you give `--target cloud-init`, missing software is installed from the same source as cloud-init itself: ifupdown and net-tools (for `route`) or netplan on Debian and Ubuntu, NetworkManager on Red Hat systems.',
  },
  needs: { cloudInit, cloudInitNetwork, os },
  async *plan({ image, changes, installer, facts: { cloudInit, cloudInitNetwork: found, os } }) {
    if (!cloudInit.installed) return;
    const all: Change[] = [...(await startManager(image, found))];
    const missing = all.length > 0 ? [] : missingPackages(found, os.family);
    const order = installer?.cloudInit;
    if (missing.length > 0 && installer && order) {
      const source = order.source.kind === 'file' ? order.source.dependencies : order.source;
      if (!source) {
        const what = `${missing.join(' and ')} is not installed, and does not come with cloud-init`;
        const hint =
          'Install it in the image first, or name a repository that has it with --cloud-init-repo.';
        throw new ImageError('not-installable', what, { hint });
      }
      for (const name of missing) {
        const view = await overlay(image, all);
        all.push(
          ...(await installer.install({ ...order, source }, { names: [name] }, view, [...changes, ...all])),
        );
      }
      const installed = await overlay(image, all);
      yield {
        kind: 'installation',
        what: await installedSince(image, installed),
        from: sourceInWords(source),
        reason: 'cloud-init configures the network for it',
      };
      all.push(...(await startManager(installed, await factsOf(installed)(cloudInitNetwork))));
    }
    const view = await overlay(image, all);
    const now = await factsOf(view)(cloudInitNetwork);
    if (now.notTakenIn !== undefined) all.push(...(await takeInOwnFile(view)));
    if (now.starter !== undefined && !now.started) {
      const system = await factsOf(await overlay(image, all))(services);
      const service = system.find(now.starter);
      if (service) all.push(...(await system.enable(service)));
    }
    yield* collapse(all);
  },
});

/** Where there is nothing but NetworkManager: cloud-init takes it only when it is enabled. */
async function startManager(image: Image, { renderer, order }: CloudInitNetwork): Promise<Change[]> {
  if (renderer || !order.includes('network-manager')) return [];
  const system = await factsOf(image)(services);
  const service = system.find('NetworkManager');
  return service ? system.enable(service) : [];
}

/** What cloud-init lacks. Where it finds nothing at all, the renderer that its configuration prefers decides. */
function missingPackages(
  { known, renderer, order, lacksRoute }: CloudInitNetwork,
  family: OsFamily,
): string[] {
  if (lacksRoute) return ['net-tools'];
  if (renderer || !known) return [];
  if (family === 'redhat') return ['NetworkManager'];
  if (family !== 'debian') return [];
  const preferred = order.find((name) => name === 'eni' || name === 'netplan');
  if (preferred === undefined) return [];
  return preferred === 'eni' ? ['ifupdown', 'net-tools'] : ['netplan.io'];
}
