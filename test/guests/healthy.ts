import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { MemoryNode } from '../../images/image/memory.js';
import { plant } from '../support/trees.js';
import { zipOf } from '../support/zip.js';
import { type Files, agentScript, agentUnit, xePrograms, xeScript, xeUnitV7 } from './parts.js';

/** nova-agent 2.1.25 as the one-file program that its Debian package installs. */
export const zipapp: MemoryNode = {
  content: zipOf(
    {
      '__main__.py': 'from novaagent.novaagent import main\nmain()\n',
      'novaagent/__init__.py': "__version__ = '2.1.25'\n",
      'novaagent/novaagent.py': 'def main():\n    pass\n',
      'pyxs/__init__.py': '',
      'yaml/__init__.py': '',
      'distro.py': '',
    },
    { prefix: '#!/usr/bin/env python3\n' },
  ),
  mode: 0o755,
};

/** cloud-init leaves the network to the agent, as on the cloud's own images. */
const networkLeftToAgent: Files = {
  '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg': 'network: {config: disabled}\n',
};

/** What the packages of the agent and the guest utilities lay down on a guest with systemd. */
export const systemdParts: Files = {
  ...xePrograms,
  ...networkLeftToAgent,
  '/usr/bin/nova-agent': zipapp,
  '/lib/systemd/system/python3-nova-agent.service': agentUnit,
  '/lib/systemd/system/xe-linux-distribution.service': xeUnitV7,
  '/etc/systemd/system/multi-user.target.wants/python3-nova-agent.service': {
    link: '/lib/systemd/system/python3-nova-agent.service',
  },
  '/etc/systemd/system/multi-user.target.wants/xe-linux-distribution.service': {
    link: '/lib/systemd/system/xe-linux-distribution.service',
  },
};

/** The same on a guest with SysV init; the links are left to insserv. */
export const sysvParts: Files = {
  ...xePrograms,
  '/usr/bin/nova-agent': zipapp,
  '/etc/init.d/nova-agent': agentScript,
  '/etc/init.d/xe-linux-distribution': xeScript,
};

/** Puts files into a real root, replacing what is there; a path in a directory that is a link goes through it. */
export function install(root: string, files: Files): void {
  for (const path of Object.keys(files)) rmSync(join(root, path), { force: true });
  plant(root, files);
}

/** Tells dpkg of packages that were laid down by hand. */
export function registerPackages(root: string, packages: Readonly<Record<string, string>>): void {
  for (const [name, version] of Object.entries(packages)) {
    const record = [
      `Package: ${name}`,
      'Status: install ok installed',
      'Maintainer: nobody <nobody@example.org>',
      'Architecture: all',
      `Version: ${version}`,
      `Description: ${name}`,
    ];
    appendFileSync(join(root, 'var/lib/dpkg/status'), `${record.join('\n')}\n\n`);
    writeFileSync(join(root, `var/lib/dpkg/info/${name}.list`), '/.\n');
  }
}

/** Replaces text in a file of a root; that it was there is part of the bargain. */
export function edit(root: string, path: string, from: string | RegExp, to: string): void {
  const at = join(root, path);
  const before = readFileSync(at, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${path} has no ${String(from)}`);
  writeFileSync(at, after);
}

/** Puts a link into a root, with the directories above it. */
export function linkInto(root: string, path: string, target: string): void {
  const at = join(root, path);
  mkdirSync(dirname(at), { recursive: true });
  rmSync(at, { force: true });
  symlinkSync(target, at);
}

/** Takes files out of a root; that they were there is part of the bargain. */
export function take(root: string, ...paths: string[]): void {
  for (const path of paths) {
    if (!lstatSync(join(root, path), { throwIfNoEntry: false }))
      throw new Error(`${path} is not there to be taken`);
    rmSync(join(root, path), { recursive: true });
  }
}

/** Makes a file executable or not. */
export function setMode(root: string, path: string, mode: number): void {
  chmodSync(join(root, path), mode);
}
