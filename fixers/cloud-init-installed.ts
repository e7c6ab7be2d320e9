import { defineFixer } from './lib/fixer.js';
import { install } from './lib/install.js';

export const cloudInitInstalled = defineFixer({
  meta: {
    id: 'cloud-init-installed',
    title: 'Install cloud-init',
    risk: 'reviewed',
    docs: 'Installs cloud-init when `--target cloud-init` is said (never when the evidence alone chose it): from the image’s own repositories, from `--cloud-init-repo URL|DIR`, or from `--cloud-init-package FILE`. The guest’s own package manager runs over a throw-away layer, and what it writes becomes the changes of the plan. A cloud-init that is there is never replaced.',
  },
  needs: {},
  plan: (context) =>
    install(
      context,
      context.installer?.cloudInit,
      { names: ['cloud-init'] },
      'cloud-init is to own the server',
    ),
});
