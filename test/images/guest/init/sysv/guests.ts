import type { Change, Image } from '../../../../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../../../../images/image/memory.js';
import { overlay } from '../../../../../images/image/overlay.js';
import type { Service, Services } from '../../../../../images/guest/init/service.js';
import { sysvServices } from '../../../../../images/guest/init/sysv/index.js';

export type Files = Record<string, MemoryNode>;

/** An executable. */
export function program(content: string): MemoryNode {
  return { content, mode: 0o755 };
}

/** A script with an LSB header; fields by their names. */
export function script(fields: Readonly<Record<string, string>>, above = ''): MemoryNode {
  const lines = Object.entries(fields).map(([name, value]) => `# ${name}: ${value}\n`);
  return program(`#!/bin/sh\n${above}### BEGIN INIT INFO\n${lines.join('')}### END INIT INFO\nexit 0\n`);
}

/** A script that is started in 2 to 5 and stopped in 0, 1 and 6. */
export function daemon(name: string, requires = '', more: Readonly<Record<string, string>> = {}): MemoryNode {
  return script({
    Provides: name,
    'Required-Start': requires,
    'Required-Stop': requires,
    ...more,
    'Default-Start': '2 3 4 5',
    'Default-Stop': '0 1 6',
  });
}

/** Links of a script: `links('nova-agent', 'S20', '2345')`. */
export function links(name: string, number: string, levels: string, base = '/etc'): Files {
  return Object.fromEntries(
    Array.from(levels).map((level) => [
      `${base}/rc${level}.d/${number}${name}`,
      { link: `../init.d/${name}` },
    ]),
  );
}

/** Debian with insserv, the facilities of its configuration, and the scripts behind them. */
export const debian: Files = {
  '/sbin/insserv': program(''),
  '/etc/insserv.conf':
    '$local_fs +mountall\n$remote_fs $local_fs +mountnfs\n$network +networking\n$syslog +rsyslog\n$time +hwclock\n',
  '/etc/inittab': 'id:2:initdefault:\n',
  '/etc/init.d/README': 'read me',
  '/etc/init.d/mountall.sh': script({
    Provides: 'mountall',
    'Required-Start': '',
    'Required-Stop': '',
    'Default-Start': 'S',
    'Default-Stop': '',
  }),
  '/etc/rcS.d/S01mountall.sh': { link: '../init.d/mountall.sh' },
  '/etc/init.d/rsyslog': daemon('rsyslog', '$remote_fs'),
  ...links('rsyslog', 'S01', '2345'),
  ...links('rsyslog', 'K01', '016'),
};

/** What Citrix shipped until its tools were rewritten. */
export const citrixProvides = 'XenServer Virtual Machine Tools';

export const oldXe = script(
  {
    Provides: citrixProvides,
    'Required-Start': '$remote_fs $syslog',
    'Required-Stop': '$remote_fs $syslog',
    'Default-Start': '2 3 4 5',
    'Default-Stop': '0 1 6',
  },
  '# chkconfig: 2345 14 86\n',
);

export const bareAgent = program('#!/bin/sh\n# chkconfig: 2345 15 85\n# description: nova-agent\n\nexit 0\n');

/** The server of "All About Nova-Agent": an agent without LSB tags, xe tools that provide four other things. */
export function brokenDebian6(xe: string, nova: string): Files {
  return {
    ...debian,
    '/etc/init.d/xe-linux-distribution': {
      content: [
        '#!/bin/bash',
        '### BEGIN INIT INFO',
        `# Provides:          ${citrixProvides}`,
        '# Required-Start:    $remote_fs $syslog',
        '# Required-Stop:     $remote_fs $syslog',
        '# Default-Start:     2 3 4 5',
        '# Default-Stop:      0 1 6',
        '### END INIT INFO',
        'exit 0',
        '',
      ].join('\n'),
      mode: 0o755,
    },
    '/etc/init.d/nova-agent': bareAgent,
    ...links('xe-linux-distribution', xe, '2345'),
    ...links('nova-agent', nova, '2345'),
    ...links('nova-agent', 'K01', '016'),
  };
}

export async function servicesOf(files: Files): Promise<Services> {
  return sysvServices(memoryImage(files));
}

/** What the services are once changes are applied. */
export async function servicesAfter(files: Files, changes: readonly Change[]): Promise<Services> {
  return sysvServices(await imageAfter(files, changes));
}

export async function imageAfter(files: Files, changes: readonly Change[]): Promise<Image> {
  return overlay(memoryImage(files), changes);
}

/** A service that has to be there. */
export function service(services: Services, name: string): Service {
  const found = services.find(name);
  if (!found) throw new Error(`no service ${name}`);
  return found;
}

/** The links of one runlevel's directory, by name. */
export async function linkNames(image: Image, directory: `/${string}`): Promise<string[]> {
  return ((await image.readDir(directory)) ?? []).map(({ name }) => name);
}
