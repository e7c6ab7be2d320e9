import type { GuestPath, Image } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';
import type { Fact } from '../fact.js';
import { packages } from '../packages.js';

export type InitSystem = 'systemd' | 'sysv' | 'upstart' | 'openrc' | 'unknown';

export interface Init {
  /** The init that /sbin/init starts. RHEL 6's upstart, which only runs the rc scripts, counts as sysv. */
  readonly system: InitSystem;
  readonly evidence: GuestPath | undefined;
  /** Others that are installed but do not run (a Debian with systemd and left-over insserv, say). */
  readonly alsoInstalled: readonly InitSystem[];
  /** Of systemd: its version, when a package database knows it ("252.39-1~deb12u2", "219-19.el7"). */
  readonly systemdVersion: string | undefined;
}

interface Running {
  readonly system: InitSystem;
  readonly evidence: GuestPath | undefined;
}

/** Programs that come with an init system and with no other. */
const traces: Readonly<Record<Exclude<InitSystem, 'unknown'>, readonly GuestPath[]>> = {
  systemd: ['/lib/systemd/systemd', '/usr/lib/systemd/systemd'],
  sysv: ['/lib/sysvinit/init', '/sbin/insserv', '/usr/lib/insserv/insserv'],
  upstart: ['/sbin/upstart', '/sbin/initctl'],
  openrc: ['/sbin/openrc', '/usr/sbin/openrc', '/usr/bin/openrc', '/sbin/rc'],
};

/** Which init system really starts this guest. */
export const init: Fact<Init> = {
  name: 'init',
  inputs: ['/etc/inittab', '/etc/init.d/rc', ...packages.inputs],
  async gather(image, get) {
    const running = await runningInit(image);
    const alsoInstalled: InitSystem[] = [];
    for (const system of ['systemd', 'sysv', 'upstart', 'openrc'] as const) {
      if (system === running.system || (system === 'upstart' && (await onlyRunsScripts(image)))) continue;
      if (await first(image, traces[system])) alsoInstalled.push(system);
    }
    const systemdVersion = (await get(packages)).installed.get('systemd')?.version;
    return { ...running, alsoInstalled, systemdVersion };
  },
};

/** The kernel starts the first of these that it can (Linux, init/main.c). */
const programs: readonly GuestPath[] = ['/sbin/init', '/etc/init', '/bin/init'];

async function runningInit(image: Image): Promise<Running> {
  const program = await first(image, programs);
  const real = program && (await image.realPath(program));
  if (!program || !real) return { system: 'unknown', evidence: undefined };
  switch (baseName(real)) {
    case 'systemd':
      return { system: 'systemd', evidence: program };
    case 'openrc-init':
      return { system: 'openrc', evidence: program };
    case 'upstart':
      return { system: (await onlyRunsScripts(image)) ? 'sysv' : 'upstart', evidence: program };
    case 'init':
    case 'busybox':
    case 'sysvinit':
      return judgeByCompanions(image, program);
    default:
      return { system: 'unknown', evidence: program };
  }
}

/** A program named init says little itself: what came with it, and what its inittab has it run, tells. */
async function judgeByCompanions(image: Image, program: GuestPath): Promise<Running> {
  if (await image.stat('/sbin/initctl')) {
    const scripts = await onlyRunsScripts(image);
    return { system: scripts ? 'sysv' : 'upstart', evidence: '/sbin/initctl' };
  }
  const inittab = await image.readText('/etc/inittab');
  const openrc = await first(image, traces.openrc);
  if (openrc && inittab !== undefined && runsOpenRc(inittab))
    return { system: 'openrc', evidence: '/etc/inittab' };
  // Debian's openrc package puts its own /etc/init.d/rc in place of that of sysv-rc, and leaves inittab alone.
  const rc = '/etc/init.d/rc';
  if (openrc && (await image.readText(rc))?.includes('openrc') === true)
    return { system: 'openrc', evidence: rc };
  if (inittab !== undefined) return { system: 'sysv', evidence: '/etc/inittab' };
  return (await image.stat('/sbin/telinit'))
    ? { system: 'sysv', evidence: '/sbin/telinit' }
    : { system: 'unknown', evidence: program };
}

/** A line such as `si::sysinit:/sbin/openrc sysinit`; OpenRC's program was once called rc. */
function runsOpenRc(inittab: string): boolean {
  return inittab
    .split('\n')
    .some((line) => !line.startsWith('#') && /:(?:\/usr)?\/s?bin\/(?:openrc|rc)\s/.test(line));
}

/** RHEL 6 has upstart run `/etc/rc.d/rc` and little else; only the Red Hat family has rc.sysinit. */
async function onlyRunsScripts(image: Image): Promise<boolean> {
  return (await image.stat('/etc/rc.d/rc.sysinit')) !== undefined;
}

async function first(image: Image, paths: readonly GuestPath[]): Promise<GuestPath | undefined> {
  for (const path of paths) if (await image.stat(path)) return path;
  return undefined;
}
