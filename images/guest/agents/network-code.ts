import { parseUnitFile, settingsOf } from '../../formats/unit-file.js';
import type { GuestPath, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import type { Obstacle } from '../init/obstacle.js';
import type { Services } from '../init/service.js';
import type { Os } from '../os.js';
import { findProgram } from './programs.js';
import { isOlder } from './release.js';
import type { ServerKind } from './server-type.js';

/** What the 2.x agent does to give a server its addresses, on a system of the kind for which it takes this one. */
export interface NetworkCode {
  /** Files that it writes. */
  readonly writes: readonly GuestPath[];
  /** Programs that it starts by name; without one of them it dies (Popen raises, and nobody catches). */
  readonly calls: readonly string[];
  /** What is wrong beyond missing files and programs. */
  readonly obstacles: readonly Obstacle[];
}

/** Contents that are read: how NetworkManager treats resolv.conf. */
export const networkCodeInputs: readonly string[] = [
  '/etc/NetworkManager/NetworkManager.conf',
  '/etc/NetworkManager/conf.d/*.conf',
  '/usr/lib/NetworkManager/conf.d/*.conf',
];

interface Guest {
  readonly image: Image;
  readonly system: Services;
  readonly os: Os;
  readonly version: string | undefined;
}

/** resetnetwork() of novaagent/libs/debian.py, alpine.py, centos.py and redhat.py. */
export async function networkCode(guest: Guest, kind: ServerKind): Promise<NetworkCode> {
  switch (kind.type) {
    case 'debian':
      if (!isOlder(guest.version, '2.1.13') && (await guest.image.stat('/usr/sbin/netplan')))
        return { writes: ['/etc/netplan/rackspace-cloud.yaml'], calls: ['netplan'], obstacles: [] };
      return interfacesFile(guest, kind);
    case 'alpine':
      return interfacesFile(guest, kind);
    case 'centos':
    case 'redhat':
      return interfaceConfigurations(guest, kind);
  }
}

/** It writes /etc/network/interfaces, and takes each interface down and up. */
async function interfacesFile({ image, version }: Guest, kind: ServerKind): Promise<NetworkCode> {
  const flush = isOlder(version, '2.1.12') ? [] : ['ip'];
  const route: readonly Obstacle[] = (await findProgram(image, 'route'))
    ? []
    : [
        {
          certain: false,
          evidence: { path: kind.evidence },
          because:
            'it writes the cloud’s routes as "post-up route add … || true", and route (net-tools) is not in the image: routes other than the default one would be lost without a word',
        },
      ];
  return { writes: ['/etc/network/interfaces'], calls: ['ifdown', ...flush, 'ifup'], obstacles: route };
}

/** It writes ifcfg files, and has NetworkManager or the `network` service read them. */
async function interfaceConfigurations(guest: Guest, kind: ServerKind): Promise<NetworkCode> {
  const { image, system, version } = guest;
  const folder: GuestPath = '/etc/sysconfig/network-scripts';
  const writes: readonly GuestPath[] = ['/etc/sysconfig/network', `${folder}/ifcfg-eth0`];
  const manager = system.find('NetworkManager');
  const flush = isOlder(version, '2.1.12') ? [] : ['ip'];
  if (usesNetworkManager(guest) && manager?.state === 'enabled')
    return { writes, calls: [...flush, 'nmcli'], obstacles: await withoutPlugin(image, kind) };
  const restarts = (await image.stat('/usr/bin/systemctl')) ? 'systemctl' : 'service';
  const obstacles: Obstacle[] = [];
  if (!(await hasNetworkScript(image, system)))
    obstacles.push({
      certain: true,
      evidence: manager?.evidence[0] ?? { path: kind.evidence },
      because: manager
        ? `it restarts the service network, which is not in the image; of NetworkManager it makes use ${since(guest)}`
        : 'it restarts the service network, which is not in the image',
    });
  else if (manager?.state === 'enabled' && !(await leavesResolverAlone(image)))
    obstacles.push({
      certain: false,
      evidence: manager.evidence[0] ?? { path: manager.path },
      because:
        'NetworkManager starts, too; the agent keeps its interfaces from it (NM_CONTROLLED=no) and restarts the service network, and NetworkManager, without a connection of its own, may empty /etc/resolv.conf',
    });
  return { writes, calls: [...flush, restarts], obstacles };
}

const managed: Readonly<Record<string, number>> = { rhel: 8, almalinux: 8, centos: 8, rocky: 8, fedora: 29 };

/** _os_defaults_network_manager() in novaagent/libs/centos.py: five distributions by their names in os-release. */
function usesNetworkManager({ os, version }: Guest): boolean {
  const since = managed[os.id];
  return !isOlder(version, '2.1.25') && since !== undefined && Number.parseInt(os.version ?? '', 10) >= since;
}

function since({ os, version }: Guest): string {
  if (isOlder(version, '2.1.25')) return 'from 2.1.25 on';
  return managed[os.id] === undefined
    ? 'only on the distributions rhel, centos, almalinux, rocky and fedora'
    : 'only where it is enabled';
}

/** The network service: an init script until Enterprise Linux 8, in the package network-scripts since. */
async function hasNetworkScript(image: Image, system: Services): Promise<boolean> {
  if (system.find('network')) return true;
  for (const path of ['/etc/rc.d/init.d/network', '/etc/init.d/network'] as const)
    if (await image.stat(path)) return true;
  return false;
}

/**
 * NetworkManager reads ifcfg files with a plugin, which is a package of its own on Fedora since 36 and gone since 41
 * and in Enterprise Linux 10 (NetworkManager's NEWS).
 */
async function withoutPlugin(image: Image, kind: ServerKind): Promise<readonly Obstacle[]> {
  for (const library of ['/usr/lib64/NetworkManager', '/usr/lib/NetworkManager'] as const)
    for (const { name, type } of (await image.readDir(library)) ?? []) {
      if (type !== 'directory' || !/^\d/.test(name)) continue;
      const folder = join(library, name);
      const names = ((await image.readDir(folder)) ?? []).map((entry) => entry.name);
      const plugins = names.filter((one) => one.startsWith('libnm-'));
      if (plugins.length > 0 && !names.includes('libnm-settings-plugin-ifcfg-rh.so'))
        return [
          {
            certain: true,
            evidence: { path: folder },
            because: `it writes ifcfg files, which this NetworkManager does not read: there is no libnm-settings-plugin-ifcfg-rh.so (taken for ${kind.type} by ${kind.evidence})`,
          },
        ];
    }
  return [];
}

/** NetworkManager.conf(5): `dns=none` or `rc-manager=unmanaged` in [main]. */
async function leavesResolverAlone(image: Image): Promise<boolean> {
  const files: GuestPath[] = ['/etc/NetworkManager/NetworkManager.conf'];
  for (const folder of ['/usr/lib/NetworkManager/conf.d', '/etc/NetworkManager/conf.d'] as const)
    for (const { name } of (await image.readDir(folder)) ?? [])
      if (name.endsWith('.conf')) files.push(join(folder, name));
  for (const path of files) {
    if ((await image.stat(path))?.type !== 'file') continue;
    const settings = settingsOf(parseUnitFile((await image.readText(path)) ?? ''));
    const says = (key: string, value: string): boolean =>
      settings.some((one) => one.section === 'main' && one.key === key && one.value === value);
    if (says('dns', 'none') || says('rc-manager', 'unmanaged')) return true;
  }
  return false;
}
