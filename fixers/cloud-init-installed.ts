import { defineFixer } from './lib/fixer.js';
import { install } from './lib/install.js';

export const cloudInitInstalled = defineFixer({
  meta: {
    id: 'cloud-init-installed',
    title: 'Install cloud-init',
    risk: 'reviewed',
    phase: 'install',
    docs: 'Installs cloud-init when you give `--target cloud-init` (not when `auto` chose that target): from the image’s own repositories, from `--cloud-init-repo URL|DIR`, or from `--cloud-init-package FILE`. The guest’s own package manager runs on a throw-away layer, and what it writes becomes the changes of the plan. An installed cloud-init is never replaced.',
  },
  needs: {},
  plan: (context) =>
    install(
      context,
      context.installer?.cloudInit,
      { names: ['cloud-init'] },
      'cloud-init will configure the server',
    ),
});
