import { defineFixer } from './lib/fixer.js';
import { install } from './lib/install.js';

export const xeInstalled = defineFixer({
  meta: {
    id: 'xe-installed',
    title: 'Install the XenServer guest utilities',
    risk: 'reviewed',
    phase: 'install',
    docs: 'Installs the guest utilities from the file that `--install-xe FILE` names: a .deb, an .rpm, or the tools ISO, from which Hallmark takes the right package for the guest. It never installs them unasked, and never over complete utilities: the right version depends on the hypervisor.',
  },
  needs: {},
  plan: (context) =>
    install(context, context.installer?.xe, { names: ['xe-guest-utilities'] }, '--install-xe asks for it'),
});
