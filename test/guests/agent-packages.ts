import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sh } from '../support/real-roots.js';
import { type RpmPackage, buildRpm } from '../support/rpm.js';
import { plant } from '../support/trees.js';
import { zipapp } from './healthy.js';
import { type Files, agentTree, agentTreeScript, agentUnit } from './parts.js';

/** A Debian package, as dpkg-deb is to build it. */
export interface DebPackage {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
  readonly architecture?: string;
  readonly files: Files;
  readonly conffiles?: readonly string[];
  /** Scripts that dpkg runs: postinst, preinst … */
  readonly scripts?: Readonly<Record<string, string>>;
  /** Of the archive's members: dpkg-deb(1). */
  readonly compression?: 'gzip' | 'xz' | 'zstd';
}

/** What dh_installsystemd makes of a unit, for a system that is not running. */
const enableUnit = (unit: string): string =>
  `#!/bin/sh\nset -e\n[ "$1" = configure ] || exit 0\ndeb-systemd-helper unmask '${unit}' >/dev/null || true\ndeb-systemd-helper enable '${unit}' >/dev/null\ndeb-systemd-invoke start '${unit}' >/dev/null || true\ninvoke-rc.d ${unit.replace('.service', '')} start || true\n`;

/** python3-nova-agent as it is since 2.1.23 (Rackspace-DOT/nova-agent on GitHub). */
export const agentDeb: DebPackage = {
  name: 'python3-nova-agent',
  version: '2.1.25-1',
  depends: 'python3, python3-cryptography, python3-pkg-resources',
  files: {
    '/usr/bin/nova-agent': zipapp,
    '/lib/systemd/system/python3-nova-agent.service': agentUnit,
    '/etc/logrotate.d/nova-agent': '/var/log/nova-agent.log {\n  weekly\n}\n',
    '/usr/share/doc/python3-nova-agent/copyright': 'a stand-in\n',
  },
  conffiles: ['/etc/logrotate.d/nova-agent'],
  scripts: { postinst: enableUnit('python3-nova-agent.service') },
};

/** nova-agent's own RPM, whose %post enables nothing. */
export const agentRpm: RpmPackage = {
  name: 'nova-agent',
  version: '2.1.25',
  release: '1',
  requires: ['python3-cryptography'],
  post: 'systemctl --user daemon-reload >/dev/null 2>&1 || :',
  files: { '/usr/bin/nova-agent': zipapp, '/usr/lib/systemd/system/nova-agent.service': agentUnit },
};

/** Builds a package with the real dpkg-deb. @returns the path of the .deb */
export function buildDeb(folder: string, what: DebPackage): string {
  const { name, version, depends, files, conffiles = [], scripts = {}, compression = 'xz' } = what;
  const { architecture = 'all' } = what;
  const root = join(folder, `${name}-root`);
  plant(root, files);
  mkdirSync(join(root, 'DEBIAN'));
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: nobody <nobody@example.org>',
    'Section: admin',
    'Priority: optional',
    ...(depends === undefined ? [] : [`Depends: ${depends}`]),
    `Description: a stand-in for ${name}`,
  ];
  writeFileSync(join(root, 'DEBIAN/control'), `${control.join('\n')}\n`);
  writeFileSync(
    join(root, 'DEBIAN/md5sums'),
    sh('sh', '-c', 'cd "$1" && find * -path DEBIAN -prune -o -type f -print0 | xargs -0 md5sum', 'sh', root),
  );
  if (conffiles.length > 0) writeFileSync(join(root, 'DEBIAN/conffiles'), `${conffiles.join('\n')}\n`);
  for (const [script, text] of Object.entries(scripts)) {
    writeFileSync(join(root, 'DEBIAN', script), text);
    chmodSync(join(root, 'DEBIAN', script), 0o755);
  }
  sh('chmod', '-R', 'u+rwX,go+rX,go-w', root);
  const path = join(folder, `${name}_${version}_${architecture}.deb`);
  sh('dpkg-deb', '--root-owner-group', `-Z${compression}`, '--build', root, path);
  sh('rm', '-r', root);
  return path;
}

/** A folder that apt can install from: dpkg-scanpackages(1). */
export function aptRepository(folder: string, packages: readonly DebPackage[]): string {
  for (const each of packages) buildDeb(folder, each);
  sh('sh', '-c', 'cd "$1" && dpkg-scanpackages -m . >Packages 2>/dev/null', 'sh', folder);
  return folder;
}

/** A folder that dnf and zypper can install from: createrepo_c(8). */
export function rpmRepository(folder: string, scratch: string, packages: readonly RpmPackage[]): string {
  for (const each of packages) sh('cp', buildRpm(join(scratch, each.name), each), folder);
  sh('createrepo_c', '--quiet', folder);
  return folder;
}

const header = [
  '### BEGIN INIT INFO',
  '# Provides:          Nova-Agent',
  '# Required-Start:    $remote_fs $syslog xe-linux-distribution',
  '# Required-Stop:     $remote_fs $syslog xe-linux-distribution',
  '# Default-Start:     2 3 4 5',
  '# Default-Stop:      0 1 6',
  '### END INIT INFO',
];

/** nova-agent of 1.x as a Debian package: its tree, enabled as its installer does it. */
export const agentDeb1: DebPackage = {
  name: 'nova-agent',
  version: '1.39.1',
  architecture: 'amd64',
  files: agentTree('1.39.1', agentTreeScript('1.39.1', header)),
  scripts: {
    postinst:
      '#!/bin/sh\nset -e\nif which insserv >/dev/null; then insserv nova-agent; else update-rc.d nova-agent defaults; fi\n',
  },
};

/** The release of the 1.x agent: its tree, and an installer that does what the real one's Linux part does. */
export function agentRelease(folder: string): string {
  const files = agentTree('1.39.1', agentTreeScript('1.39.1', header));
  const place = join(folder, 'nova-agent-Linux-x86_64-1.39.1');
  plant(join(place, 'payload'), files);
  writeFileSync(
    join(place, 'installer.sh'),
    '#!/bin/bash\nset -e\ncp -a "$(dirname "$0")/payload/." /\nif which insserv >/dev/null; then insserv nova-agent; else update-rc.d nova-agent defaults; fi\n',
  );
  const path = join(folder, 'nova-agent-Linux-x86_64-1.39.1.tar.gz');
  sh('tar', '-C', folder, '-czf', path, 'nova-agent-Linux-x86_64-1.39.1');
  return path;
}
