import type { GuestPath, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import type { Services } from '../init/service.js';
import { isOfRoot } from '../network/profile-trust.js';
import { scriptVpns } from './boot-scripts.js';
import type { Mechanism } from './mechanism.js';
import type { Vpn } from './vpn.js';

/** A folder of scripts that something runs when a network comes up. */
interface HookFolder {
  /** The strongest first: a script hides those of its name in the others. */
  readonly folders: readonly GuestPath[];
  readonly name: RegExp;
  /** With these arguments, one run for each. */
  readonly runs: readonly (readonly (string | undefined)[])[];
  /** One of these services must be enabled, as far as there is any of them. */
  readonly services: readonly string[];
  /** Without any of them, one of these programs must be there: something else may start it. */
  readonly programs?: readonly GuestPath[];
  /** The unit that runs them, which a mask keeps off. */
  readonly runner?: string;
  /** Whether scripts without an execute bit are read, too: a shell takes them in. */
  readonly isSourced?: true;
  /** Whether only scripts are run that nobody but root can change. */
  readonly isOfRoot?: true;
  readonly by: string;
}

/** run-parts(8) passes over names with other characters. */
const runParts = /^[A-Za-z0-9_-]+$/;
const visible = /^[^.].*(?<!~|\.(?:bak|orig|rpmsave|rpmnew|rpmorig|swp|dpkg-\w{1,8}))$/;

/** Actions with which NetworkManager calls its dispatcher when a connection comes up (NetworkManager-dispatcher(8)). */
const dispatched = ['up', 'dhcp4-change', 'connectivity-change', 'hostname'];

const hookFolders: readonly HookFolder[] = [
  ...['', '/no-wait.d', '/pre-up.d'].map((below): HookFolder => ({
    folders: [`/etc/NetworkManager/dispatcher.d${below}`, `/usr/lib/NetworkManager/dispatcher.d${below}`],
    name: visible,
    runs: (below === '/pre-up.d' ? ['pre-up'] : dispatched).map((action) => [undefined, action]),
    services: ['NetworkManager', 'network-manager'],
    programs: ['/usr/sbin/NetworkManager', '/usr/bin/NetworkManager'],
    runner: 'NetworkManager-dispatcher',
    isOfRoot: true,
    by: "NetworkManager's dispatcher",
  })),
  // networkd-dispatcher(8): what it runs has the new state for its folder.
  ...['routable', 'configured', 'configuring', 'carrier', 'degraded', 'dormant', 'initialized'].map(
    (state): HookFolder => ({
      folders: [`/etc/networkd-dispatcher/${state}.d`, `/usr/lib/networkd-dispatcher/${state}.d`],
      name: visible,
      runs: [[]],
      services: ['networkd-dispatcher'],
      by: 'networkd-dispatcher',
    }),
  ),
  // interfaces(5): also for lo, which every boot brings up.
  ...['if-up.d', 'if-pre-up.d'].map((folder): HookFolder => ({
    folders: [`/etc/network/${folder}`],
    name: runParts,
    runs: [[]],
    services: ['networking', 'ifupdown', 'ifupdown-pre'],
    by: 'ifupdown',
  })),
  // dhclient-script(8), as Debian and Red Hat have it.
  ...['dhclient-exit-hooks.d', 'dhclient-enter-hooks.d', 'dhclient.d'].map((folder): HookFolder => ({
    folders: [`/etc/dhcp/${folder}`],
    name: visible,
    runs: [[]],
    services: [],
    isSourced: true,
    by: 'dhclient',
  })),
  // SUSE's ifup, and Red Hat's network scripts.
  {
    folders: ['/etc/sysconfig/network/if-up.d'],
    name: visible,
    runs: [[]],
    services: ['network', 'wicked'],
    by: 'ifup',
  },
];

/** Scripts that Red Hat's network scripts run when they are there and executable (sysconfig.txt of initscripts). */
const single: readonly GuestPath[] = ['/sbin/ifup-local', '/sbin/ifup-pre-local'];

/** Scripts that bring a VPN up when another network comes up. */
export const hooks: Mechanism = {
  inputs: [...hookFolders.flatMap(({ folders }) => folders.map((folder) => `${folder}/*`)), ...single],
  async find(guest) {
    const { image, services } = guest;
    const found: Vpn[] = [];
    const add = async (path: GuestPath, by: string, runs: HookFolder['runs']): Promise<void> => {
      const seen = new Map<string, Vpn>();
      for (const args of runs) {
        for (const vpn of await scriptVpns(guest, path, `${by} runs ${path} when a network comes up`, args))
          seen.set(`${vpn.evidence.line ?? 0} ${vpn.product}`, vpn);
      }
      found.push(...seen.values());
    };
    for (const {
      folders,
      name,
      runs,
      services: names,
      programs,
      runner = '',
      isSourced,
      isOfRoot,
      by,
    } of hookFolders) {
      if (!isAnyEnabled(services, names) || services.find(runner)?.state === 'masked') continue;
      if (programs && !hasAny(services, names) && !(await isAnyThere(image, programs))) continue;
      for (const path of await scriptsIn(image, folders, name, isSourced === true))
        if (isOfRoot !== true || (await isSafe(image, path))) await add(path, by, runs);
    }
    for (const path of single)
      if (isAnyEnabled(services, ['network']) && (await isRun(image, path, false)))
        await add(path, 'ifup', [[]]);
    return found;
  },
};

/** Whether one of these services is enabled; also when the guest has none of them, for then something else may be. */
function isAnyEnabled(services: Services, names: readonly string[]): boolean {
  const there = names.flatMap((name) => services.find(name) ?? []);
  return there.length === 0 || there.some(({ state }) => state === 'enabled');
}

const hasAny = (services: Services, names: readonly string[]): boolean =>
  names.some((name) => services.find(name));

async function isAnyThere(image: Image, programs: readonly GuestPath[]): Promise<boolean> {
  for (const program of programs) if (await image.stat(program)) return true;
  return false;
}

async function scriptsIn(
  image: Image,
  folders: readonly GuestPath[],
  wanted: RegExp,
  isSourced: boolean,
): Promise<GuestPath[]> {
  const byName = new Map<string, GuestPath>();
  for (const folder of folders) {
    for (const { name } of (await image.readDir(folder)) ?? [])
      if (wanted.test(name) && !byName.has(name)) byName.set(name, join(folder, name));
  }
  const found: GuestPath[] = [];
  for (const path of byName.values()) if (await isRun(image, path, isSourced)) found.push(path);
  return found;
}

async function isRun(image: Image, path: GuestPath, isSourced: boolean): Promise<boolean> {
  const entry = await image.stat(path);
  return entry?.type === 'file' && entry.size > 0 && (isSourced || (entry.mode & 0o111) !== 0);
}

/**
 * nm-dispatcher.c, check_permissions(): a script that is not root's, that its group or others may write, that is set-uid,
 * or that its owner may not execute is passed over (NetworkManager-dispatcher(8)).
 */
async function isSafe(image: Image, path: GuestPath): Promise<boolean> {
  const entry = await image.stat(path);
  if (!entry || (entry.mode & 0o4022) !== 0 || (entry.mode & 0o100) === 0) return false;
  return isOfRoot(image, entry);
}
