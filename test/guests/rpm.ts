import type { MemoryNode } from '../../images/image/memory.js';
import type { RealRoots } from '../support/real-roots.js';
import {
  type RpmBackend,
  type RpmPackage,
  buildRpm,
  installRpms,
  queryRpms,
  toBerkeley,
} from '../support/rpm.js';
import { linkInto, zipapp } from './healthy.js';
import {
  type Files,
  agentTree,
  agentTreeScript,
  agentUnit,
  initScript,
  networkManager,
  xePrograms,
  xeScript,
  xeUnitV7,
} from './parts.js';
import { systemdGuest } from './tables.js';

/** A guest of the Red Hat family, made of packages that the real rpm builds and installs. */
export interface RpmGuest {
  readonly name: string;
  readonly backend: RpmBackend;
  readonly packages: readonly RpmPackage[];
  /** Links that %post scripts and administrators make; no package owns them. */
  readonly links: Readonly<Record<string, string>>;
}

const elf: MemoryNode = { content: '\x7fELF', mode: 0o755 };
const directory: MemoryNode = { type: 'directory' };
const runlevels = [0, 1, 2, 3, 4, 5, 6];

/** /etc/init.d and /etc/rcN.d are links into /etc/rc.d. */
const redHatScripts: Files = {
  '/etc/rc.d/init.d': directory,
  '/etc/init.d': { link: 'rc.d/init.d' },
  ...Object.fromEntries(
    runlevels.flatMap((level): [string, MemoryNode][] => [
      [`/etc/rc.d/rc${level}.d`, directory],
      [`/etc/rc${level}.d`, { link: `rc.d/rc${level}.d` }],
    ]),
  ),
};

/** What chkconfig makes of a script that starts in 2 to 5. */
function chkconfigLinks(name: string, start: string, stop: string): Record<string, string> {
  const links = runlevels.map((level): [string, string] => {
    const on = level >= 2 && level <= 5;
    return [`/etc/rc.d/rc${level}.d/${on ? `S${start}` : `K${stop}`}${name}`, `../init.d/${name}`];
  });
  return Object.fromEntries(links);
}

export const lsb = (requires: string): string[] => [
  '# chkconfig: 2345 15 85',
  '# description: nova-agent',
  '### BEGIN INIT INFO',
  '# Provides:          Nova-Agent',
  `# Required-Start:    ${requires}`,
  `# Required-Stop:     ${requires}`,
  '# Default-Start:     2 3 4 5',
  '# Default-Stop:      0 1 6',
  '# Short-Description: nova-agent',
  '### END INIT INFO',
];

/** A 1.x tree as its RPM lays it down: the init script lies below /etc/rc.d. */
function agent1(requires = '$remote_fs $syslog xe-linux-distribution'): Files {
  const { '/etc/init.d/nova-agent': link, ...tree } = agentTree(
    '1.39.1',
    agentTreeScript('1.39.1', lsb(requires)),
  );
  return { ...tree, '/etc/rc.d/init.d/nova-agent': link ?? '' };
}

/** The targets and the generators that every systemd brings. */
const systemdFiles: Files = {
  ...Object.fromEntries(
    Object.entries(systemdGuest).filter(([path]) =>
      /\.target$|remount-fs|^\/usr\/lib\/systemd\/systemd$/.test(path),
    ),
  ),
  '/usr/sbin/init': { link: '../lib/systemd/systemd' },
  '/usr/lib/systemd/system-generators/systemd-sysv-generator': elf,
};

const merged: Files = {
  '/bin': { link: 'usr/bin' },
  '/sbin': { link: 'usr/sbin' },
  '/lib': { link: 'usr/lib' },
  '/lib64': { link: 'usr/lib64' },
};

function release(name: string, version: string, id: string): Files {
  return {
    '/etc/os-release': `NAME="${name}"\nVERSION="${version}"\nID="${id}"\nID_LIKE="rhel fedora"\nVERSION_ID="${version.split('.')[0] ?? ''}"\n`,
    '/etc/redhat-release': `${name} release ${version}\n`,
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
    '/etc/shadow': 'root:*:19000:0:99999:7:::\n',
    '/etc/fstab': '/dev/xvda1 / ext4 defaults 1 1\n',
  };
}

const one = (name: string, full: string, files: Files): RpmPackage => {
  const [version = '', ...rest] = full.split('-');
  return { name, version, release: rest.join('-'), files };
};

/** CentOS 7.2 of December 2015, whose systemd ignores linked scripts (rm14157). */
export const el7: RpmGuest = {
  name: 'CentOS 7.2',
  backend: 'bdb',
  packages: [
    one('filesystem', '3.2-20.el7', merged),
    one('centos-release', '7-2.1511.el7', release('CentOS Linux', '7.2.1511', 'centos')),
    one('initscripts', '9.49.30-1.el7', redHatScripts),
    one('systemd', '219-19.el7', systemdFiles),
    one('chkconfig', '1.3.61-5.el7', { '/usr/sbin/chkconfig': elf }),
    one('bash', '4.2.46-19.el7', { '/usr/bin/bash': elf, '/usr/bin/sh': { link: 'bash' } }),
    one('python', '2.7.5-34.el7', { '/usr/bin/python': { link: 'python2.7' }, '/usr/bin/python2.7': elf }),
    one('kernel', '3.10.0-327.el7', { '/usr/lib/modules/3.10.0-327.el7.x86_64/modules.dep': '' }),
    one('openvpn', '2.3.11-1.el7', {
      '/usr/sbin/openvpn': elf,
      '/usr/lib/systemd/system/openvpn@.service':
        '[Unit]\nAfter=network.target\n[Service]\nType=notify\nExecStart=/usr/sbin/openvpn --cd /etc/openvpn/ --config %i.conf\n[Install]\nWantedBy=multi-user.target\n',
      '/etc/openvpn': directory,
    }),
    one('xe-guest-utilities', '6.6.80-1', {
      ...xePrograms,
      '/etc/rc.d/init.d/xe-linux-distribution': xeScript,
    }),
    one('nova-agent', '1.39.1-1', agent1()),
  ],
  links: {
    ...chkconfigLinks('xe-linux-distribution', '14', '86'),
    ...chkconfigLinks('nova-agent', '15', '85'),
  },
};

/** CentOS 6: upstart is /sbin/init, and runs the rc scripts. */
export const el6: RpmGuest = {
  name: 'CentOS 6.7',
  backend: 'bdb',
  packages: [
    one('filesystem', '2.4.30-3.el6', { '/sbin': directory, '/bin': directory }),
    one('centos-release', '6-7.el6', {
      '/etc/redhat-release': 'CentOS release 6.7 (Final)\n',
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
      '/etc/shadow': 'root:*:19000:0:99999:7:::\n',
    }),
    one('upstart', '0.6.5-13.el6', { '/sbin/init': elf, '/sbin/initctl': elf }),
    one('initscripts', '9.03.49-1.el6', {
      ...redHatScripts,
      '/etc/inittab': 'id:3:initdefault:\n',
      '/etc/rc.d/rc': elf,
      '/etc/rc.d/rc.sysinit': elf,
      '/etc/init/rc.conf':
        'start on runlevel [0123456]\nstop on runlevel [!$RUNLEVEL]\ntask\nexec /etc/rc.d/rc $RUNLEVEL\n',
    }),
    one('chkconfig', '1.3.49.3-5.el6', { '/sbin/chkconfig': elf }),
    one('bash', '4.1.2-33.el6', { '/bin/bash': elf, '/bin/sh': { link: 'bash' } }),
    one('python', '2.6.6-64.el6', { '/usr/bin/python': elf, '/usr/bin/python2.6': elf }),
    one('kernel', '2.6.32-573.el6', { '/lib/modules/2.6.32-573.el6.x86_64/modules.dep': '' }),
    one('openvpn', '2.3.11-1.el6', {
      '/usr/sbin/openvpn': elf,
      '/etc/openvpn': directory,
      '/etc/rc.d/init.d/openvpn': initScript(
        'openvpn',
        { provides: 'openvpn', start: '$network' },
        '- 24 76',
      ),
    }),
    one('xe-guest-utilities', '6.2.0-1120', {
      ...xePrograms,
      '/etc/rc.d/init.d/xe-linux-distribution': xeScript,
    }),
    one('nova-agent', '1.39.1-1', agent1()),
  ],
  links: el7.links,
};

/** Rocky Linux 9 with the agent's own RPM of 2.x, whose scripts enable nothing. */
export const el9: RpmGuest = {
  name: 'Rocky Linux 9.4',
  backend: 'sqlite',
  packages: [
    one('filesystem', '3.16-2.el9', merged),
    one('rocky-release', '9.4-1.7.el9', {
      ...release('Rocky Linux', '9.4', 'rocky'),
      '/etc/centos-release': 'Rocky Linux release 9.4\n',
      '/var/log': directory,
    }),
    one('coreutils', '8.32-35.el9', { '/usr/bin/env': elf }),
    one('passwd', '0.80-12.el9', { '/usr/bin/passwd': elf }),
    one('hostname', '3.23-6.el9', { '/usr/bin/hostname': elf }),
    one('NetworkManager', '1.46.0-8.el9_4', networkManager),
    one('systemd', '252-32.el9_4', systemdFiles),
    one('bash', '5.1.8-6.el9', { '/usr/bin/bash': elf, '/usr/bin/sh': { link: 'bash' } }),
    one('python3', '3.9.18-3.el9', { '/usr/bin/python3': { link: 'python3.9' }, '/usr/bin/python3.9': elf }),
    one('python3-cryptography', '36.0.1-4.el9', {
      '/usr/lib64/python3.9/site-packages/cryptography/__init__.py': '',
    }),
    one('kernel-core', '5.14.0-427.el9', { '/usr/lib/modules/5.14.0-427.el9.x86_64/modules.dep': '' }),
    one('xe-guest-utilities', '8.3.1-1', {
      ...xePrograms,
      '/usr/lib/systemd/system/xe-linux-distribution.service': xeUnitV7,
    }),
    one('nova-agent', '2.1.25-1', {
      '/usr/bin/nova-agent': zipapp,
      '/usr/lib/systemd/system/nova-agent.service': agentUnit,
    }),
  ],
  links: {
    '/etc/systemd/system/multi-user.target.wants/xe-linux-distribution.service':
      '/usr/lib/systemd/system/xe-linux-distribution.service',
  },
};

/** Builds a guest: every file is laid down by rpm, and in its database. */
export function installRpmGuest(
  roots: Pick<RealRoots, 'folder'>,
  { packages, backend, links }: RpmGuest,
): string {
  const root = roots.folder('rpm-root');
  const folder = roots.folder('rpm-packages');
  const built = packages.map((one) => buildRpm(`${folder}/${one.name}`, one));
  // One by one: a link such as /lib has to be there before what lies behind it.
  for (const rpm of built) installRpms(root, [rpm]);
  const asked = queryRpms(root);
  if (asked.length !== packages.length) throw new Error(`rpm knows of ${asked.join(', ')}`);
  if (backend === 'bdb') toBerkeley(root);
  for (const [path, target] of Object.entries(links)) linkInto(root, path, target);
  return root;
}
