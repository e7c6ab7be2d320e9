import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildRoots, rootsFolder } from '../guests/roots.js';

/**
 * `npm run test:e2e`: the tests that need root and Debian's programs. What is missing is said, and fails: a test
 * that was silently left out proves nothing.
 */
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

if (process.argv.includes('--packages')) {
  console.log([...new Set(Object.values(programs))].sort().join(' '));
  process.exit();
}

const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const missing = Object.keys(programs).filter((name) =>
  name.startsWith('/') ? !existsSync(name) : spawnSync('which', [name], { env: { PATH: path } }).status !== 0,
);
if (process.getuid?.() !== 0) {
  console.error('The end-to-end tests need root: they build root file systems, and boot one.');
  process.exit(1);
}
if (missing.length > 0) {
  console.error(`Missing: ${missing.join(', ')}.`);
  console.error(`apt-get install ${[...new Set(missing.map((name) => programs[name]))].join(' ')}`);
  process.exit(1);
}

await buildRoots();
const mocha = fileURLToPath(new URL('../../../node_modules/mocha/bin/mocha.js', import.meta.url));
const tests = fileURLToPath(new URL('./*.e2e.js', import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [mocha, '--no-config', '--forbid-only', '--timeout', '600000', tests],
  {
    stdio: 'inherit',
    env: { ...process.env, PATH: path, HALLMARK_E2E_ROOTS: rootsFolder },
  },
);
process.exitCode = status ?? 1;
