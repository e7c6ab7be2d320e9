import type { GuestPath, Image } from '../../image/image.js';
import type { Fact } from '../fact.js';
import { packages } from '../packages.js';
import { firstProgram } from './first-program.js';
import type { InitSystem } from './init-system.js';
import { initModules } from './init-modules.js';

export type { InitSystem } from './init-system.js';

export interface Init {
  /** The init that /sbin/init starts. RHEL 6's upstart, which only runs the rc scripts, counts as sysv. */
  readonly system: InitSystem;
  readonly evidence: GuestPath | undefined;
  /** Others that are installed but do not run (a Debian with systemd and left-over insserv, say). */
  readonly alsoInstalled: readonly InitSystem[];
  /** Of systemd: its version, when a package database knows it ("252.39-1~deb12u2", "219-19.el7"). */
  readonly systemdVersion: string | undefined;
}

const modules = Object.entries(initModules) as readonly (readonly [
  InitSystem,
  (typeof initModules)[InitSystem],
])[];

/** Which init system really starts this guest. */
export const init: Fact<Init> = {
  name: 'init',
  inputs: ['/etc/inittab', '/etc/init.d/rc', ...packages.inputs],
  async gather(image, get) {
    const running = await runningInit(image);
    const alsoInstalled: InitSystem[] = [];
    for (const [system, module] of modules)
      if (system !== running.system && (await module.isInstalled(image))) alsoInstalled.push(system);
    const systemdVersion = (await get(packages)).installed.get('systemd')?.version;
    return { ...running, alsoInstalled, systemdVersion };
  },
};

async function runningInit(image: Image): Promise<Pick<Init, 'system' | 'evidence'>> {
  const program = await firstProgram(image);
  if (program)
    for (const [system, module] of modules) {
      const evidence = await module.recognize(image, program);
      if (evidence) return { system, evidence };
    }
  return { system: 'unknown', evidence: undefined };
}
