import type { GuestPath, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import { findProgram, isProgram } from '../agents/programs.js';
import { findModule, findPackageFolders } from '../agents/python.js';
import type { OsFamily } from '../os.js';
import { initModules } from '../init/init-modules.js';
import type { Service, Services } from '../init/service.js';

/** What writes the network's configuration for cloud-init, by the program that is to read it. */
export type Renderer = 'eni' | 'sysconfig' | 'netplan' | 'network-manager' | 'networkd';

/** cloud-init's own order (cloudinit/net/renderers.py, DEFAULT_PRIORITY), without those of the BSDs. */
export const customaryRenderers: readonly Renderer[] = [
  'eni',
  'sysconfig',
  'netplan',
  'network-manager',
  'networkd',
];

/** Whether cloud-init would take a renderer: the tests of `available()` in cloudinit/net. */
export interface RendererTest {
  readonly image: Image;
  readonly services: Services;
  readonly family: OsFamily;
  /** The folder of the modules `eni`, `netplan` …; undefined when cloud-init is not where packages put it. */
  readonly modules: GuestPath | undefined;
}

/** Where cloud-init's modules for the network are; undefined when they are not where packages and pip put them. */
export async function networkModules(image: Image): Promise<GuestPath | undefined> {
  const package_ = await findModule(image, await findPackageFolders(image), 'cloudinit');
  return package_ && join(package_, 'net');
}

/** Whether a renderer finds what it needs. A release that does not have the renderer does not take it. */
export async function isAvailable(renderer: Renderer, test: RendererTest): Promise<boolean> {
  const { image, modules } = test;
  const module = `${renderer.replace('-', '_')}.py`;
  if (modules && !(await image.stat(join(modules, module)))) return false;
  switch (renderer) {
    case 'eni':
      return (
        (await allIn(image, ['ifquery', 'ifup', 'ifdown'], ['/sbin', '/usr/sbin'])) &&
        (await isFile(image, '/etc/network/interfaces'))
      );
    case 'sysconfig':
      return hasSysconfig(test);
    case 'netplan':
      return allIn(image, ['netplan'], ['/usr/sbin', '/sbin']);
    case 'network-manager':
      return hasNetworkManager(test);
    case 'networkd':
      return allIn(image, ['ip', 'systemctl'], ['/usr/sbin', '/bin']);
  }
}

/** Programs or files of the network scripts, or what has NetworkManager read their files, which later releases take as well. */
async function hasSysconfig({ image, family }: RendererTest): Promise<boolean> {
  if (family !== 'redhat' && family !== 'suse') return false;
  if (await allIn(image, ['ifup', 'ifdown'], ['/sbin', '/usr/sbin'])) {
    for (const path of ['/etc/sysconfig/network-scripts/network-functions', '/etc/sysconfig/config'] as const)
      if (await isFile(image, path)) return true;
  }
  for (const library of ['/usr/lib64/NetworkManager', '/usr/lib/NetworkManager'] as const) {
    for (const { name } of (await image.readDir(library)) ?? [])
      if (await image.stat(join(join(library, name), 'libnm-settings-plugin-ifcfg-rh.so'))) return true;
  }
  return false;
}

async function hasNetworkManager({ image, services }: RendererTest): Promise<boolean> {
  if (!(await findProgram(image, 'nmcli'))) return false;
  const { assumesNetworkManager } = initModules[services.system];
  return assumesNetworkManager || isLinked(services.find('NetworkManager'));
}

/**
 * What `systemctl is-enabled` answers (network_manager.py asks it): whether a link starts the unit. One that only another
 * unit of the boot requires is started, and counts as disabled.
 */
function isLinked(service: Service | undefined): boolean {
  if (service?.state !== 'enabled') return false;
  return (
    service.origin === 'script' ||
    service.evidence.some(({ path }) => /\.(?:wants|requires)\/[^/]+$/.test(path))
  );
}

async function allIn(
  image: Image,
  names: readonly string[],
  folders: readonly GuestPath[],
): Promise<boolean> {
  for (const name of names) {
    const found = await Promise.all(folders.map((folder) => isProgram(image, join(folder, name))));
    if (!found.includes(true)) return false;
  }
  return true;
}

async function isFile(image: Image, path: GuestPath): Promise<boolean> {
  return (await image.stat(path))?.type === 'file';
}

/**
 * The services of which one must start at boot for what a renderer writes to take effect: cloud-init writes in its first
 * stage and starts none of them (found by experiment, with cloud-init 22.4 and 25.1).
 */
export function startersOf(renderer: Renderer, family: OsFamily): readonly string[] {
  switch (renderer) {
    case 'eni':
      return ['networking'];
    case 'sysconfig':
      return family === 'suse' ? ['wicked', 'network', 'NetworkManager'] : ['network', 'NetworkManager'];
    case 'netplan':
      return ['systemd-networkd', 'NetworkManager'];
    case 'network-manager':
      return ['NetworkManager'];
    case 'networkd':
      return ['systemd-networkd'];
  }
}
