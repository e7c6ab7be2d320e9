import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { $ } from 'zx';
import type { MemoryNode } from '../../../images/image/memory.js';
import { plant } from '../../support/trees.js';
import { zipOf } from '../../support/zip.js';
import { type Files, agentUnit, xeUnitV7 } from '../parts.js';
import { inProject } from '../../support/project.js';
import { rootsFolder } from '../roots.js';

/** How a root boots. */
export type Init = 'systemd' | 'sysv';

export interface StandInOptions {
  /** Seconds between two looks of the agent; the real one takes 10. */
  readonly poll?: number;
  /** Debian's packages of what the agent's network configuration is made for; both unless given. */
  readonly companions?: readonly Companion[];
}

/** How often the stand-in looks; the real agent has nothing like it. */
export const pollVariable = 'STAND_IN_POLL';

const sources = inProject('test/guests/rehearsal');

/**
 * What the lines that the agent writes into /etc/network/interfaces are for: without resolvconf nobody reads
 * `dns-nameservers`, without net-tools nothing carries out `post-up route add`.
 */
type Companion = 'resolvconf' | 'net-tools';

/** A Debian package, before it is packed. */
interface Package {
  readonly control: Readonly<Record<string, string>>;
  /** Scripts that dpkg runs. */
  readonly scripts: Files;
  readonly files: Files;
}

/**
 * Installs stand-ins for nova-agent and the guest utilities into a real root, as packages, by the root's own dpkg:
 * the agent does what the real one does (Rackspace-DOT/nova-agent on GitHub), the utilities only run.
 * Needs dpkg-deb, and root.
 */
export async function installStandIns(root: string, init: Init, options: StandInOptions = {}): Promise<void> {
  await installCompanions(root, options.companions ?? ['resolvconf', 'net-tools']);
  const folder = mkdtempSync(join(tmpdir(), 'hallmark-packages-'));
  try {
    const files = [];
    for (const one of [guestUtilities(init), agent(init, options)]) files.push(await pack(one, folder));
    await install(root, files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Installs what is not yet in a root, as Debian has it. */
export async function installCompanions(root: string, names: readonly Companion[]): Promise<void> {
  const missing = names.filter((name) => !existsSync(join(root, 'var/lib/dpkg/info', `${name}.list`)));
  if (missing.length > 0) await install(root, await Promise.all(missing.map(debianPackage)));
}

/** By the root's own dpkg. lsb-base is an empty package since Debian 12. */
async function install(root: string, files: readonly string[]): Promise<void> {
  const inside = '/var/cache/apt/archives';
  for (const file of files) cpSync(file, join(root, inside, basename(file)));
  const names = files.map((file) => `${inside}/${basename(file)}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  await $({ quiet: true, env })`chroot ${root} dpkg --install --ignore-depends=lsb-base ${names}`;
  for (const name of names) rmSync(join(root, name));
}

/** Debian's own package, kept beside the roots. @returns its path */
async function debianPackage(name: Companion): Promise<string> {
  const folder = join(rootsFolder, 'packages');
  const kept = (): string | undefined =>
    existsSync(folder) ? readdirSync(folder).find((file) => file.startsWith(`${name}_`)) : undefined;
  if (kept() === undefined) {
    const unfinished = mkdtempSync(join(tmpdir(), 'hallmark-download-'));
    await $({ quiet: true, cwd: unfinished })`apt-get download ${name}`;
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(unfinished)) cpSync(join(unfinished, file), join(folder, file));
    rmSync(unfinished, { recursive: true });
  }
  return join(folder, kept() ?? name);
}

/** python3-nova-agent as it is since 2.1.23: the whole program is one zip file. */
function agent(init: Init, options: StandInOptions): Package {
  const control = {
    Package: 'python3-nova-agent',
    Version: '2.1.25-1',
    Section: 'admin',
    Depends: 'python3, python3-cryptography, python3-pkg-resources',
    Conflicts: 'python-nova-agent, rax-nova-agent',
    Description: 'a stand-in for the guest agent of Xen clouds',
  };
  const program: MemoryNode = {
    content: zipOf(agentSources(), { prefix: '#!/usr/bin/env python3\n' }),
    mode: 0o755,
  };
  const poll = options.poll === undefined ? '' : `${pollVariable}=${options.poll}`;
  if (init === 'sysv') {
    const text = source('nova-agent.init');
    const script = {
      content: poll === '' ? text : text.replace(/^PATH=/m, `export ${poll}\n$&`),
      mode: 0o755,
    };
    const files = { '/usr/bin/nova-agent': program, '/etc/init.d/nova-agent': script };
    return { control, scripts: sysvScripts('nova-agent'), files };
  }
  const unit = 'python3-nova-agent.service';
  const text = poll === '' ? agentUnit : agentUnit.replace('[Service]\n', `$&Environment=${poll}\n`);
  const files = { '/usr/bin/nova-agent': program, [`/lib/systemd/system/${unit}`]: text };
  return { control, scripts: systemdScripts(unit), files };
}

/** The agent's modules, with empty ones in the place of those that the real one bundles besides. */
function agentSources(): Record<string, string> {
  const folder = join(sources, 'agent');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.py'),
  );
  const own = names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  return { ...(Object.fromEntries(own) as Record<string, string>), 'yaml/__init__.py': '', 'distro.py': '' };
}

/** The guest utilities, with a unit as they had before 7.12. */
function guestUtilities(init: Init): Package {
  const control = {
    Package: 'xe-guest-utilities',
    Version: '7.10.0-1',
    Section: 'admin',
    Description: 'a stand-in for the guest utilities of XenServer',
  };
  const programs: Files = {
    '/usr/sbin/xe-daemon': { content: source('xe-daemon'), mode: 0o755 },
    '/usr/sbin/xe-linux-distribution': { content: source('xe-linux-distribution'), mode: 0o755 },
  };
  if (init === 'sysv') {
    const script = { content: source('xe-linux-distribution.init'), mode: 0o755 };
    const files = { ...programs, '/etc/init.d/xe-linux-distribution': script };
    return { control, scripts: sysvScripts('xe-linux-distribution'), files };
  }
  const unit = 'xe-linux-distribution.service';
  const files = { ...programs, [`/lib/systemd/system/${unit}`]: anywhere(xeUnitV7) };
  return { control, scripts: systemdScripts(unit), files };
}

/** A unit of the guest utilities that is started under any hypervisor, and in a container. */
export function anywhere(unit: string): string {
  return unit.replace(/^ConditionVirtualization=.*\n/m, '');
}

function source(name: string): string {
  return readFileSync(join(sources, 'scripts', name), 'utf8');
}

/** What dh_installsystemd generates, as far as a root that is not running is concerned. */
function systemdScripts(unit: string): Files {
  return {
    postinst: script('configure', [
      `deb-systemd-helper unmask '${unit}' >/dev/null || true`,
      `if deb-systemd-helper --quiet was-enabled '${unit}'; then`,
      `  deb-systemd-helper enable '${unit}' >/dev/null || true`,
      'else',
      `  deb-systemd-helper update-state '${unit}' >/dev/null || true`,
      'fi',
    ]),
    postrm: script('purge', [`deb-systemd-helper purge '${unit}' >/dev/null || true`]),
  };
}

/** What dh_installinit generates. */
function sysvScripts(name: string): Files {
  return {
    postinst: script('configure', [`update-rc.d ${name} defaults >/dev/null`]),
    postrm: script('purge', [`update-rc.d ${name} remove >/dev/null`]),
  };
}

function script(when: string, lines: readonly string[]): MemoryNode {
  const body = [
    '#!/bin/sh',
    'set -e',
    `if [ "$1" = ${when} ]; then`,
    ...lines.map((line) => `  ${line}`),
    'fi',
    '',
  ];
  return { content: body.join('\n'), mode: 0o755 };
}

/** @returns the path of the .deb */
async function pack({ control, scripts, files }: Package, folder: string): Promise<string> {
  const name = control['Package'] ?? '';
  const tree = join(folder, name);
  const fields = { ...control, Architecture: 'all', Maintainer: 'nobody <nobody@example.org>' };
  const text = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`);
  plant(tree, files);
  mkdirSync(join(tree, 'DEBIAN'));
  plant(join(tree, 'DEBIAN'), { control: text.join(''), ...scripts });
  const conffiles = Object.keys(files).filter((path) => path.startsWith('/etc/'));
  if (conffiles.length > 0) plant(join(tree, 'DEBIAN'), { conffiles: `${conffiles.join('\n')}\n` });
  const file = join(folder, `${name}.deb`);
  await $({ quiet: true })`dpkg-deb --build --root-owner-group ${tree} ${file}`;
  return file;
}
