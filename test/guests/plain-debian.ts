import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type RealRoots, sh } from '../support/real-roots.js';

/** Debian 12 as its own tools leave it, with nothing of cloud-init nor of what cloud-init would configure. */
export function plainDebian(roots: RealRoots): string {
  const root = roots.unpack('systemd');
  sh('chroot', root, 'dpkg', '--purge', 'cloud-init', 'net-tools', 'ifupdown', 'openvpn');
  sh('chroot', root, 'apt-get', '--yes', '--purge', 'autoremove');
  for (const left of ['etc/cloud', 'etc/network', 'var/lib/cloud'])
    rmSync(join(root, left), { recursive: true, force: true });
  return root;
}

/**
 * A folder to install from, with cloud-init, what cloud-init configures the network with, and all that these need beyond the
 * roots: fetched by each root's own apt from where the root was made of, listed by dpkg-scanpackages(1).
 */
export function cloudInitRepository(roots: RealRoots, shipped: readonly string[]): string {
  const folder = roots.folder('repository');
  for (const root of shipped) {
    const fetching = roots.copy(root);
    const resolver = join(fetching, 'etc/resolv.conf');
    rmSync(resolver, { force: true });
    cpSync('/etc/resolv.conf', resolver, { dereference: true });
    sh('chroot', fetching, 'apt-get', 'update');
    const options = ['--yes', '--download-only', '--no-install-recommends'];
    sh('chroot', fetching, 'apt-get', ...options, 'install', 'cloud-init', 'ifupdown', 'net-tools');
    const archives = join(fetching, 'var/cache/apt/archives');
    for (const name of readdirSync(archives).filter((each) => each.endsWith('.deb')))
      cpSync(join(archives, name), join(folder, name));
    roots.release(fetching);
  }
  sh('sh', '-c', 'cd "$1" && dpkg-scanpackages -m . >Packages 2>/dev/null', 'sh', folder);
  return folder;
}

/** What nova-agent writes of the network on Debian: the whole file, without a word of what other files say. */
export const interfacesOfAgent = [
  '# Created by nova-agent',
  'auto lo',
  'iface lo inet loopback',
  '',
  '# Label public',
  'auto eth0',
  'iface eth0 inet static',
  '    address 10.0.0.5',
  '    netmask 255.255.255.0',
  '    gateway 10.0.0.1',
  '    dns-nameservers 10.0.0.2',
  '',
].join('\n');

/** Has a package installed in a root by its own dpkg. */
export function installDeb(root: string, file: string): void {
  cpSync(file, join(root, 'package.deb'));
  sh('chroot', root, 'dpkg', '--install', '/package.deb');
  rmSync(join(root, 'package.deb'));
}
