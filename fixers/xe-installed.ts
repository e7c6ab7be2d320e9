import { defineFixer } from './lib/fixer.js';
import { install } from './lib/install.js';

export const xeInstalled = defineFixer({
  meta: {
    id: 'xe-installed',
    title: 'Install the XenServer guest utilities',
    risk: 'reviewed',
    docs: 'Installs the guest utilities from the file that `--install-xe FILE` names: a .deb, an .rpm, or the tools ISO, in which the right package for the guest is found. Never without being asked, and never over utilities that are there and complete: which version is right depends on the hypervisor.',
  },
  needs: {},
  plan: (context) =>
    install(context, context.installer?.xe, { names: ['xe-guest-utilities'] }, 'it was asked for'),
});
