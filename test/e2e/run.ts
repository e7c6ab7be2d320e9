import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** These look at every disk of the machine, or make the one executable: never two of them at once. */
const onlyOne = /^(?:rescue|standalone)/;
const here = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(here).filter((name) => name.endsWith('.e2e.js'));
const queue = [...files.filter((name) => onlyOne.test(name)), ...files.filter((name) => !onlyOne.test(name))];
const logs = mkdtempSync(join(tmpdir(), 'hallmark-e2e-'));
const failed: string[] = [];
let isOneRunning = false;

/** Most of their time they wait for a guest to boot, or for something to be killed at the right moment: two at a time. */
async function lane(): Promise<void> {
  for (;;) {
    const at = queue.findIndex((name) => !isOneRunning || !onlyOne.test(name));
    const [name] = at < 0 ? [] : queue.splice(at, 1);
    if (name === undefined) return;
    const isOne = onlyOne.test(name);
    isOneRunning ||= isOne;
    if (!(await passes(name))) failed.push(name);
    if (isOne) isOneRunning = false;
  }
}

/**
 * Runs the tests of a file, and shows what they said once they have ended. They see no mounts of others: a namespace that
 * one makes holds all that is mounted at that moment, of another's disks, too.
 */
function passes(name: string): Promise<boolean> {
  const mocha = fileURLToPath(new URL('../../../node_modules/mocha/bin/mocha.js', import.meta.url));
  const tests = [mocha, '--no-config', '--forbid-only', '--timeout', '600000', join(here, name)];
  const log = join(logs, name);
  const file = openSync(log, 'w');
  const child = spawn('unshare', ['--mount', '--propagation', 'private', process.execPath, ...tests], {
    // No pipe, which whatever it leaves behind could hold open.
    stdio: ['ignore', file, file],
    env: { ...process.env, PATH: path, HALLMARK_E2E_ROOTS: rootsFolder },
  });
  closeSync(file);
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('exit', (status) => {
      process.stdout.write(`${name}\n${readFileSync(log, 'utf8')}`);
      resolve(status === 0);
    });
  });
}

await Promise.all([lane(), lane()]);
rmSync(logs, { recursive: true });
console.log(failed.length === 0 ? `${files.length} files passed` : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
