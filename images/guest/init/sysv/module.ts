import type { GuestPath, Image } from '../../../image/image.js';
import { type FirstProgram, firstThere, isNamedInit } from '../first-program.js';
import type { InitModule } from '../init-module.js';
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
  lsbRole: lsbRoleUnder,
  // Of today's packages only those for Enterprise Linux 6 bring an init script.
  hasAgentService: ({ family, version }) => family === 'redhat' && version?.split('.')[0] === '6',
};

async function runsSysv(image: Image, program: FirstProgram): Promise<GuestPath | undefined> {
  const upstart = await runsUpstart(image, program);
  if (upstart) return (await onlyRunsScripts(image)) ? upstart : undefined;
  if (!isNamedInit(program) || (await openrc.recognize(image, program))) return undefined;
  if ((await image.readText('/etc/inittab')) !== undefined) return '/etc/inittab';
  return (await image.stat('/sbin/telinit')) ? '/sbin/telinit' : undefined;
}
