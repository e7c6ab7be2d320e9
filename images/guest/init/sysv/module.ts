import type { GuestPath, Image } from '../../../image/image.js';
import { type FirstProgram, firstThere, isNamedInit } from '../first-program.js';
import { statOf } from '../../follow.js';
import type { InitModule } from '../init-module.js';
import type { Services } from '../service.js';
import { openrc } from '../openrc.js';
import { onlyRunsScripts, runsUpstart } from '../upstart.js';
import { fsckFails } from './required-mount.js';
import { lsbRoleUnder } from './dialect.js';
import { sysvInputs, sysvServices } from './index.js';

export const sysv: InitModule = {
  recognize: runsSysv,
  isInstalled: async (image) =>
    (await firstThere(image, ['/lib/sysvinit/init', '/sbin/insserv', '/usr/lib/insserv/insserv'])) !==
    undefined,
  inputs: sysvInputs,
  services: sysvServices,
  judgesServices: true,
  servicesFolder: '/etc/init.d',
  hasUnitFiles: false,
  runsGenerators: false,
  assumesNetworkManager: true,
  stopsWithout: fsckFails,
  queuesStarts: false,
  presetsUnits: false,
  readsInittab: true,
  runsLocal,
  makes: async () => false,
  rootMount: {
    // checkroot.sh of Debian remounts it with "ro" wherever that stands (`_read_fstab` of /lib/init/mount-functions.sh),
    // rc.sysinit of Red Hat with rw.
    asksReadOnly: async (image, options) =>
      (await statOf(image, '/etc/init.d/checkroot.sh')) ? options.includes('ro') : undefined,
    mask: async () => undefined,
    staysWithoutLine: false,
  },
  lsbRole: lsbRoleUnder,
  // Of today's packages only those for Enterprise Linux 6 bring an init script.
  hasAgentService: ({ family, version }) => family === 'redhat' && version?.split('.')[0] === '6',
};

/** Debian by a script of that name, Red Hat by S99local. */
async function runsLocal(image: Image, services: Services): Promise<boolean> {
  const script = services.find('rc.local') ?? services.find('local');
  return script ? script.state === 'enabled' : (await image.stat('/etc/init.d/rc.local')) === undefined;
}

async function runsSysv(image: Image, program: FirstProgram): Promise<GuestPath | undefined> {
  const upstart = await runsUpstart(image, program);
  if (upstart) return (await onlyRunsScripts(image)) ? upstart : undefined;
  if (!isNamedInit(program) || (await openrc.recognize(image, program))) return undefined;
  if ((await image.readText('/etc/inittab')) !== undefined) return '/etc/inittab';
  return (await image.stat('/sbin/telinit')) ? '/sbin/telinit' : undefined;
}
