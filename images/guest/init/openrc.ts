import type { GuestPath, Image } from '../../image/image.js';
import { type FirstProgram, firstThere, isNamedInit } from './first-program.js';
import type { InitModule } from './init-module.js';
import { unjudged } from './unjudged.js';
import { runsUpstart } from './upstart.js';

/** The program was once called rc. */
const programs: readonly GuestPath[] = ['/sbin/openrc', '/usr/sbin/openrc', '/usr/bin/openrc', '/sbin/rc'];

export const openrc: InitModule = {
  ...unjudged('openrc'),
  recognize: runsOpenRc,
  isInstalled: async (image) => (await firstThere(image, programs)) !== undefined,
  // Only Alpine's package brings it an init script.
  hasAgentService: ({ family }) => family === 'alpine',
};

async function runsOpenRc(image: Image, program: FirstProgram): Promise<GuestPath | undefined> {
  if (program.name === 'openrc-init') return program.path;
  if (!isNamedInit(program) || (await runsUpstart(image, program))) return undefined;
  if (!(await firstThere(image, programs))) return undefined;
  const inittab = await image.readText('/etc/inittab');
  if (inittab !== undefined && isNamedIn(inittab)) return '/etc/inittab';
  // Debian's openrc package puts its own /etc/init.d/rc in place of that of sysv-rc, and leaves inittab alone.
  const rc = '/etc/init.d/rc';
  return (await image.readText(rc))?.includes('openrc') === true ? rc : undefined;
}

/** A line such as `si::sysinit:/sbin/openrc sysinit`. */
function isNamedIn(inittab: string): boolean {
  return inittab
    .split('\n')
    .some((line) => !line.startsWith('#') && /:(?:\/usr)?\/s?bin\/(?:openrc|rc)\s/.test(line));
}
