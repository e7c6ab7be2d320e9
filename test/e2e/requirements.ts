import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What the end-to-end tests run, or read, and the Debian package that brings it. */
const programs: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  insserv: 'insserv',
  systemctl: 'systemd',
  'systemd-analyze': 'systemd',
  'systemd-nspawn': 'systemd-container',
  rpm: 'rpm',
  rpmbuild: 'rpm',
  rpmsign: 'rpm',
  gpg: 'gnupg',
  'dpkg-deb': 'dpkg',
  'dpkg-scanpackages': 'dpkg-dev',
  createrepo_c: 'createrepo-c',
  bwrap: 'bubblewrap',
  bsdtar: 'libarchive-tools',
  xorriso: 'xorriso',
  tar: 'tar',
  xz: 'xz-utils',
  zstd: 'zstd',
  getfattr: 'attr',
  xmllint: 'libxml2-utils',
  ip: 'iproute2',
  openssl: 'openssl',
  perl: 'perl',
  python3: 'python3',
  'mkfs.ext4': 'e2fsprogs',
  socat: 'socat',
  'xenstore-read': 'xenstore-utils',
  '/usr/lib/python3/dist-packages/pyxs/client.py': 'python3-pyxs',
  'mkfs.xfs': 'xfsprogs',
  'mkfs.btrfs': 'btrfs-progs',
  sfdisk: 'fdisk',
  partx: 'util-linux',
  cryptsetup: 'cryptsetup-bin',
  mkpasswd: 'whois',
  strip: 'binutils',
  'qemu-system-x86_64': 'qemu-system-x86',
  '/usr/share/distro-info/debian.csv': 'distro-info-data',
};

/** The packages, for apt-get. */
export const packages = [...new Set(Object.values(programs))].sort();

/** @returns the programs and files that this machine lacks */
export function missingPrograms(path: string): string[] {
  return Object.keys(programs).filter((name) =>
    name.startsWith('/')
      ? !existsSync(name)
      : spawnSync('which', [name], { env: { PATH: path } }).status !== 0,
  );
}

/** @returns the packages that bring these programs */
export const packagesOf = (names: readonly string[]): string[] => [
  ...new Set(names.flatMap((name) => programs[name] ?? [])),
];
