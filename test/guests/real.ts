import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { hallmark } from '../support/command.js';
import { type RealRoots, sh } from '../support/real-roots.js';
import { type Fault, systemdFaults, sysvFaults } from './faults.js';
import { install, linkInto, registerPackages, systemdParts, sysvParts } from './healthy.js';
import { agentTree, agentTreeScript, xePrograms, xeScriptWithBadProvides } from './parts.js';

/** The real roots by their init system, with what goes into them. */
export const guests = {
  systemd: { parts: systemdParts, faults: systemdFaults },
  sysv: { parts: sysvParts, faults: sysvFaults },
} as const;

/** A guest with cloud-init and without an agent would otherwise be taken to be meant for cloud-init. */
export const target = ['--target', 'nova-agent'];

/** A real root with the agent and the guest utilities as their packages leave them. */
export function shippedRoot(roots: RealRoots, name: keyof typeof guests): string {
  const root = roots.unpack(name);
  install(root, guests[name].parts);
  registerPackages(root, { 'python3-nova-agent': '2.1.25-1', 'xe-guest-utilities': '7.20.0-1' });
  if (name === 'sysv') sh('chroot', root, '/sbin/insserv', 'xe-linux-distribution', 'nova-agent');
  return root;
}

/** The same root with nothing wrong: what is shipped has no order under systemd, so prepare has been there. */
export function healthyRoot(roots: RealRoots, shipped: string): string {
  const root = roots.copy(shipped);
  prepare(roots, root);
  return root;
}

/** Runs `hallmark prepare` on a directory; anything but a golden image fails the test. */
export function prepare(roots: RealRoots, root: string, options: readonly string[] = target): void {
  const { status, stdout, stderr } = hallmark(['prepare', root, '--yes', ...options], {
    state: roots.folder('state'),
  });
  if (status !== 0) throw new Error(`prepare: exit ${status}\n${stdout}${stderr}`);
}

/** The repairable faults that can be had together: one of each check and file, so that none undoes another. */
export function together(faults: readonly Fault[]): readonly Fault[] {
  return faults.filter(({ repaired, asShipped }) => repaired && !asShipped).filter(compatible);
}

function compatible(fault: Fault, at: number, all: readonly Fault[]): boolean {
  return !all
    .slice(0, at)
    .some(({ check, path }) => check === fault.check || (path !== '' && path === fault.path));
}

/**
 * The server of "All About Nova-Agent" on a real root without agent and guest utilities: a 1.x tree whose script has
 * no LSB block and is reached through a link, guest utilities that provide three words that are not their name, and
 * the links that update-rc.d made of both before it had heard of insserv.
 */
export function putDocumentedServer(root: string): void {
  install(root, {
    ...xePrograms,
    '/etc/init.d/xe-linux-distribution': xeScriptWithBadProvides,
    ...agentTree('1.39.1', agentTreeScript('1.39.1', [])),
  });
  for (const level of [0, 1, 2, 3, 4, 5, 6]) {
    const kind = level >= 2 && level <= 5 ? 'S' : 'K';
    for (const name of ['nova-agent', 'xe-linux-distribution'])
      linkInto(root, `/etc/rc${level}.d/${kind}20${name}`, `../init.d/${name}`);
  }
}

/** Takes cloud-init out as its users do. */
export function purgeCloudInit(root: string): void {
  sh('chroot', root, 'dpkg', '--purge', 'cloud-init');
  rmSync(join(root, 'etc/cloud'), { recursive: true, force: true });
}
