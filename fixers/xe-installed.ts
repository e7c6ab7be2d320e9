import { overlay } from '../images/overlay.js';
import { defineFixer } from './lib/fixer.js';
import { installedSince } from './lib/installed-since.js';
import { givenInWords, sourceInWords } from './lib/installer.js';

export const xeInstalled = defineFixer({
  meta: {
    id: 'xe-installed',
    title: 'Install the XenServer guest utilities',
    risk: 'reviewed',
    docs: 'Installs the guest utilities from the file that `--install-xe FILE` names: a .deb, an .rpm, or the tools ISO, in which the right package for the guest is found. Never without being asked, and never over utilities that are there and complete: which version is right depends on the hypervisor.',
  },
  needs: {},
  async *plan({ image, changes, installer }) {
    const order = installer?.xe;
    if (!installer || !order) return;
    const installed = await installer.install(order, { names: ['xe-guest-utilities'] }, image, changes);
    yield {
      kind: 'installation',
      what: await installedSince(image, await overlay(image, installed)),
      from: sourceInWords(order.source),
      reason: givenInWords(order),
    };
    yield* installed;
  },
});
