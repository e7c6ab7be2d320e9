import { sh } from '../support/real-roots.js';
import { install, take } from './healthy.js';
import { xeScript, xeUnitV10 } from './parts.js';
import { purgeCloudInit } from './real.js';

/** How the guest utilities are started, and whether cloud-init is there: what decides which orders make a cycle. */
export interface BootSet {
  readonly name: string;
  readonly cloudInit: boolean;
  readonly xe: 'unit' | 'script';
  /** Whether the obvious drop-in, After= on the agent's unit, makes a cycle. */
  readonly naiveOrderIsCircular: boolean;
}

export const bootSets: readonly BootSet[] = [
  { name: 'cloud-init, xe v10 as a unit', cloudInit: true, xe: 'unit', naiveOrderIsCircular: true },
  { name: 'cloud-init, xe from a script', cloudInit: true, xe: 'script', naiveOrderIsCircular: true },
  { name: 'no cloud-init, xe v10 as a unit', cloudInit: false, xe: 'unit', naiveOrderIsCircular: true },
  { name: 'no cloud-init, xe from a script', cloudInit: false, xe: 'script', naiveOrderIsCircular: false },
];

const unit = '/lib/systemd/system/xe-linux-distribution.service';

/** Makes one of the sets of a real systemd root as the packages leave it. */
export function putBootSet(root: string, { cloudInit, xe }: BootSet): void {
  if (!cloudInit) purgeCloudInit(root);
  if (xe === 'unit') {
    install(root, { [unit]: xeUnitV10 });
    return;
  }
  take(root, unit, '/etc/systemd/system/multi-user.target.wants/xe-linux-distribution.service');
  install(root, { '/etc/init.d/xe-linux-distribution': xeScript });
  sh('chroot', root, 'update-rc.d', 'xe-linux-distribution', 'defaults');
}

/** What "After=" in every how-to leads to. */
export function putNaiveDropIn(root: string): void {
  install(root, {
    '/etc/systemd/system/python3-nova-agent.service.d/after-xe.conf':
      '[Unit]\nWants=xe-linux-distribution.service\nAfter=xe-linux-distribution.service\n',
  });
}
