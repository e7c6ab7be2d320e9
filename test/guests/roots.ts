import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { setting } from '../support/switches.js';

/** A real root file system, built by the distribution's own tools. */
interface Root {
  readonly name: string;
  /** Debian's name for the release. */
  readonly suite: string;
  readonly packages: readonly string[];
}

const common = [
  'openvpn',
  'openssh-server',
  'ifupdown',
  'python3',
  'python3-cryptography',
  'python3-pkg-resources',
  'netbase',
  'iproute2',
];

/** What Debian has of VPNs that does not shut out another of them. */
const vpns = [
  'charon-systemd',
  'n2n',
  'nebula',
  'network-manager-openvpn',
  'ocserv',
  'openconnect',
  'pptpd',
  'strongswan-starter',
  'strongswan-swanctl',
  'tinc',
  'vpnc',
  'wireguard-tools',
  'xl2tpd',
];

/** cloud-init's own configuration for ifupdown makes routes with route(8), and no dependency of its brings that. */
const cloudInit = ['cloud-init', 'net-tools'];

/** A system to boot with a kernel of its own, as a cloud's rescue mode does. */
const rescueSystem = [
  'linux-image-cloud-amd64',
  'initramfs-tools',
  'dosfstools',
  'fdisk',
  'kmod',
  'libstdc++6',
  'lvm2',
  'mount',
  'openssl',
  'perl',
  'xfsprogs',
];

const agentNeeds = ['python3', 'python3-cryptography', 'python3-pkg-resources', 'netbase', 'iproute2'];

/** Debian 12 with either init; Debian 13 with the later cloud-init, whose units have other names, and with every VPN;
 * Debian 11; and the package managers of the RPM world, which Debian has as well: of dnf5 since Debian 14. */
const roots: readonly Root[] = [
  {
    name: 'bullseye',
    suite: 'bullseye',
    packages: [
      'systemd',
      'systemd-sysv',
      'ifupdown',
      'net-tools',
      'python3',
      'python3-cryptography',
      'python3-pkg-resources',
    ],
  },
  {
    name: 'rpm',
    suite: 'bookworm',
    packages: ['dnf', 'zypper', 'rpm', 'systemd', 'systemd-sysv', 'python3', 'python3-cryptography'],
  },
  {
    name: 'dnf5',
    suite: 'forky',
    packages: ['dnf5', 'rpm', 'systemd', 'systemd-sysv', 'python3', 'python3-cryptography'],
  },
  { name: 'systemd', suite: 'bookworm', packages: ['systemd', 'systemd-sysv', ...cloudInit, ...common] },
  { name: 'trixie', suite: 'trixie', packages: ['systemd', 'systemd-sysv', ...cloudInit, ...common] },
  { name: 'vpn', suite: 'trixie', packages: ['systemd', 'systemd-sysv', ...vpns, ...common] },
  // What an agent and cloud-init of Debian 11 really write, and the three ways besides ifupdown.
  {
    name: 'elder',
    suite: 'bullseye',
    packages: ['systemd', 'systemd-sysv', 'ifupdown', ...cloudInit, ...agentNeeds],
  },
  {
    name: 'networks',
    suite: 'bookworm',
    packages: ['systemd', 'systemd-sysv', 'netplan.io', 'network-manager', 'cloud-init', ...agentNeeds],
  },
  { name: 'rescue', suite: 'bookworm', packages: rescueSystem },
  {
    name: 'sysv',
    suite: 'bookworm',
    packages: ['sysvinit-core', 'sysv-rc', 'insserv', 'initscripts', 'rsyslog', 'cron', ...common],
  },
];

/** Where the roots are kept between runs: they take a minute to build, and change only with what they are made of. */
export const rootsFolder =
  setting('HALLMARK_E2E_ROOTS') ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'hallmark-roots');

/**
 * Builds the roots that are not there yet, or were made of other packages, each as a tarball. Two at a time: while one
 * waits for its packages, the other unpacks them.
 */
export async function buildRoots(): Promise<void> {
  mkdirSync(rootsFolder, { recursive: true });
  const left = [...roots];
  const builder = async (): Promise<void> => {
    for (let root = left.shift(); root !== undefined; root = left.shift()) await build(root);
  };
  await Promise.all([builder(), builder()]);
}

async function build({ name, suite, packages }: Root): Promise<void> {
  const tarball = join(rootsFolder, `${name}.tar`);
  const recipe = `${tarball}.packages`;
  const written = `${suite}: ${packages.join(' ')}\n`;
  if (existsSync(tarball) && existsSync(recipe) && readFileSync(recipe, 'utf8') === written) return;
  console.log(`building the ${name} root …`);
  const unfinished = `${tarball}.unfinished.tar`;
  // A mirror that is behind serves as well; who signed it is still looked at.
  const behind = '--aptopt=Acquire::Check-Valid-Until "false"';
  await $({
    quiet: true,
  })`mmdebstrap --variant=minbase ${behind} --include=${packages.join(',')} ${suite} ${unfinished}`;
  renameSync(unfinished, tarball);
  writeFileSync(recipe, written);
}
