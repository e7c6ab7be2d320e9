import { type FstabEntry, isOptional, isSet } from '../../formats/fstab.js';
import type { GuestPath, Image } from '../../image/image.js';
import { statOf } from '../follow.js';
import { type FirstProgram, firstThere, isNamedInit } from './first-program.js';
import type { InitModule } from './init-module.js';
import { unjudged } from './unjudged.js';

const initctl: GuestPath = '/sbin/initctl';

const rest = unjudged('upstart');

export const upstart: InitModule = {
  ...rest,
  async recognize(image, program) {
    if (await onlyRunsScripts(image)) return undefined;
    return runsUpstart(image, program);
  },
  async isInstalled(image) {
    if (await onlyRunsScripts(image)) return false;
    return (await firstThere(image, ['/sbin/upstart', initctl])) !== undefined;
  },
  stopsWithout: mountallWaitsFor,
  rootMount: {
    ...rest.rootMount,
    // mountall(8), whose builtin fstab makes a root without a line writable.
    asksReadOnly: async (image, options) =>
      (await statOf(image, '/sbin/mountall')) ? isSet(options, 'ro', 'rw') : undefined,
  },
  // Today's packages bring it no job.
  hasAgentService: () => false,
};

/** Whether a program is upstart, whatever that runs: the path that says so. */
export async function runsUpstart(image: Image, program: FirstProgram): Promise<GuestPath | undefined> {
  if (program.name === 'upstart') return program.path;
  return isNamedInit(program) && (await image.stat(initctl)) ? initctl : undefined;
}

/** RHEL 6 has upstart run `/etc/rc.d/rc` and little else; only the Red Hat family has rc.sysinit. */
export async function onlyRunsScripts(image: Image): Promise<boolean> {
  return (await image.stat('/etc/rc.d/rc.sysinit')) !== undefined;
}

/**
 * mountall(8) holds the boot up, and asks at the console, for every local file system that is not marked otherwise. Its own
 * option for that is `nobootwait`; `nofail` means the same to it.
 */
async function mountallWaitsFor(entry: FstabEntry): Promise<boolean> {
  const { type, options } = entry;
  if (type === 'swap' || !entry.mountPoint.startsWith('/') || isOptional(entry)) return false;
  if (isSet(options, 'noauto', 'auto') || options.includes('_netdev')) return false;
  return !isSet(options, 'nobootwait', 'bootwait') && !options.includes('optional');
}
