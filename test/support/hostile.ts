import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { zipOf } from './zip.js';

/** Something an attacker does to a root file system that somebody will check, or repair as root. */
export interface Attack {
  readonly name: string;
  /** What `check` must exit with: 3 where something that a rule needs cannot be read, never 0 for such. */
  readonly exit: 0 | 1 | 3;
  /** It takes long, or is much like another: `npm run test:slow` tries it, and `npm test` does not. */
  readonly isSlow?: boolean;
  /** @param outside - a folder of the host that must be neither read nor written */
  put(root: string, outside: string): void;
}

const put = (root: string, path: string, content: string | Buffer): void => {
  const at = join(root, path);
  mkdirSync(dirname(at), { recursive: true });
  rmSync(at, { recursive: true, force: true });
  writeFileSync(at, content);
};

const link = (root: string, path: string, target: string): void => {
  const at = join(root, path);
  mkdirSync(dirname(at), { recursive: true });
  rmSync(at, { recursive: true, force: true });
  symlinkSync(target, at);
};

const fifo = (root: string, path: string): void => {
  put(root, path, '');
  rmSync(join(root, path));
  execFileSync('mkfifo', [join(root, path)]);
};

const sparse = (root: string, path: string): void => {
  put(root, path, '');
  truncateSync(join(root, path), 2 ** 40);
};

/** Every directory and file that leads out: the same link at each component of a path that is read or written. */
const leadsOut: readonly (readonly [path: string, exit: Attack['exit']])[] = [
  ['/etc', 3],
  ['/etc/os-release', 0],
  ['/etc/init.d', 0],
  ['/etc/init.d/nova-agent', 0],
  ['/etc/rc2.d', 0],
  ['/etc/systemd', 1],
  ['/etc/systemd/system', 1],
  ['/etc/systemd/system/multi-user.target.wants', 1],
  ['/etc/systemd/system/python3-nova-agent.service.d', 0],
  ['/usr/lib', 3],
  ['/usr/lib/systemd/system', 1],
  ['/etc/default/openvpn', 0],
  ['/etc/cloud/cloud.cfg.d', 0],
  ['/usr/bin/nova-agent', 1],
  ['/var/lib/dpkg/status', 0],
  ['/var/log/nova-agent.log', 0],
];

const escape = '\x1b]0;owned\x07\x1b[31m';
const markup = '<script>alert(1)</script>';

export const attacks: readonly Attack[] = [
  ...leadsOut.flatMap(([path, exit], at): Attack[] => [
    {
      name: `${path} is an absolute link to the host`,
      exit,
      isSlow: at % 4 !== 0,
      put: (root, outside) => {
        link(root, path, outside);
      },
    },
    {
      name: `${path} climbs out of the root`,
      exit,
      isSlow: at % 4 !== 2,
      put: (root, outside) => {
        link(root, path, join('../../../../../../../../../../../../..', outside));
      },
    },
  ]),
  {
    name: 'os-release is a FIFO',
    exit: 3,
    put: (root) => {
      fifo(root, '/etc/os-release');
    },
  },
  {
    name: 'the log is a FIFO',
    exit: 3,
    put: (root) => {
      fifo(root, '/var/log/nova-agent.log');
    },
  },
  {
    name: 'a unit is a FIFO',
    exit: 0,
    put: (root) => {
      fifo(root, '/etc/systemd/system/x.service');
    },
  },
  {
    name: 'the package database is a FIFO',
    exit: 3,
    put: (root) => {
      fifo(root, '/var/lib/dpkg/status');
    },
  },
  {
    name: 'an init script is a FIFO',
    exit: 0,
    put: (root) => {
      fifo(root, '/etc/init.d/x');
    },
  },
  {
    name: 'the log is a sparse terabyte',
    exit: 0,
    put: (root) => {
      sparse(root, '/var/log/nova-agent.log');
    },
  },
  {
    name: 'a unit is a sparse terabyte',
    exit: 3,
    put: (root) => {
      sparse(root, '/usr/lib/systemd/system/basic.target');
    },
  },
  {
    name: 'the agent is a sparse terabyte',
    exit: 3,
    put: (root) => {
      sparse(root, '/usr/bin/nova-agent');
    },
  },
  {
    // Other files say which system it is.
    name: 'os-release is a loop',
    exit: 0,
    put: (root) => {
      link(root, '/etc/os-release', 'os-release');
    },
  },
  {
    // A first boot would make its links below it.
    name: 'the unit directory is a link to itself',
    exit: 3,
    put: (root) => {
      link(root, '/etc/systemd/system', 'system');
    },
  },
  {
    name: 'two aliases are each the other',
    exit: 0,
    put: (root) => {
      link(root, '/etc/systemd/system/a.service', 'b.service');
      link(root, '/etc/systemd/system/b.service', 'a.service');
    },
  },
  {
    name: 'a directory contains itself',
    exit: 0,
    put: (root) => {
      link(root, '/etc/systemd/system/multi-user.target.wants/again', '.');
    },
  },
  {
    name: 'where a directory is expected there is a file',
    exit: 1,
    put: (root) => {
      put(root, '/etc/rc2.d', '');
      put(root, '/etc/systemd/system', '');
    },
  },
  {
    name: 'where a file is expected there is a directory',
    exit: 3,
    put: (root) => {
      put(root, '/etc/default/openvpn/x', '');
      put(root, '/etc/debian_version', '');
      rmSync(join(root, 'etc/debian_version'));
      put(root, '/etc/debian_version/x', '');
    },
  },
  {
    name: 'names hold escape sequences and markup',
    exit: 0,
    put: (root) => {
      put(root, `/etc/systemd/system/multi-user.target.wants/${escape}.service`, '');
      put(root, `/etc/openvpn/client/${escape}"'&.conf`, 'dev tun\n');
      link(
        root,
        `/etc/systemd/system/multi-user.target.wants/openvpn-client@${escape}"'&.service`,
        '/lib/systemd/system/openvpn-client@.service',
      );
      put(root, `/etc/init.d/${escape}`, '#!/bin/sh\n');
    },
  },
  {
    name: 'contents hold escape sequences and markup',
    exit: 0,
    put: (root) => {
      put(
        root,
        '/etc/os-release',
        `ID=debian\nPRETTY_NAME="${escape}${markup}]]>"\nNAME="${escape}${markup}]]>"\nVERSION_ID="${markup}"\n`,
      );
      put(
        root,
        '/var/log/nova-agent.log',
        `[ERROR] [EXC] PyXenStoreError: Couldn't open connection to the xenstore: ${escape}${markup}\n`,
      );
    },
  },
  {
    name: 'names are no UTF-8',
    exit: 0,
    put: (root) => {
      const at = Buffer.concat([Buffer.from(join(root, 'etc/init.d/caf')), Buffer.from([0xe9, 0xff])]);
      mkdirSync(join(root, 'etc/init.d'), { recursive: true });
      writeFileSync(at, '#!/bin/sh\n');
    },
  },
  {
    name: 'a name holds a newline',
    exit: 0,
    put: (root) => {
      put(root, '/etc/init.d/a\n/etc/passwd', '#!/bin/sh\n');
    },
  },
  {
    name: 'one line of a unit is a megabyte',
    exit: 0,
    put: (root) => {
      put(root, '/etc/systemd/system/x.service', `[Unit]\nAfter=${'a.service '.repeat(100_000)}\n`);
    },
  },
  {
    name: 'a unit continues its line ten thousand times',
    exit: 0,
    put: (root) => {
      put(root, '/etc/systemd/system/x.service', `[Unit]\nAfter=${'a \\\n'.repeat(10_000)}`);
    },
  },
  {
    name: 'a unit is wanted five thousand times',
    exit: 0,
    isSlow: true,
    put: (root) => {
      for (let i = 0; i < 5000; i++)
        link(root, `/etc/systemd/system/multi-user.target.wants/x@${i}.service`, '../x@.service');
      put(root, '/etc/systemd/system/x@.service', '[Service]\nExecStart=/bin/true\n');
    },
  },
  {
    name: 'templates make templates',
    exit: 0,
    put: (root) => {
      put(root, '/etc/systemd/system/x@.service', '[Unit]\nWants=x@%i%i.service\n');
      link(root, '/etc/systemd/system/multi-user.target.wants/x@aa.service', '../x@.service');
    },
  },
  {
    name: 'a billion laughs in cloud.cfg',
    exit: 0,
    put: (root) => {
      const lines = ['a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]'];
      for (let i = 98; i < 108; i++)
        lines.push(
          `${String.fromCharCode(i)}: &${String.fromCharCode(i)} [${`*${String.fromCharCode(i - 1)}, `.repeat(8)}]`,
        );
      put(root, '/etc/cloud/cloud.cfg', `${lines.join('\n')}\ndatasource_list: *k\n`);
    },
  },
  {
    name: 'the zipapp is cut short',
    exit: 1,
    put: (root) => {
      put(
        root,
        '/usr/bin/nova-agent',
        zipOf(
          { 'novaagent/__init__.py': "__version__ = '2.1.25'\n" },
          { prefix: '#!/usr/bin/env python3\n' },
        ).subarray(0, 60),
      );
    },
  },
  {
    name: 'the zipapp says that it is larger than it is',
    exit: 3,
    put: (root) => {
      const claim = { prefix: '#!/usr/bin/env python3\n', claimedSize: 0xfffffff0 };
      put(root, '/usr/bin/nova-agent', zipOf({ 'novaagent/__init__.py': "__version__ = '2.1.25'\n" }, claim));
    },
  },
  {
    name: 'the package database is five megabytes of one line',
    exit: 3,
    put: (root) => {
      put(root, '/var/lib/dpkg/status', 'Package: a '.repeat(450_000));
    },
  },
  {
    name: 'scripts require each other in a circle',
    exit: 0,
    put: (root) => {
      for (const [name, needs] of [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
      ]) {
        put(
          root,
          `/etc/init.d/${name ?? ''}`,
          `#!/bin/sh\n### BEGIN INIT INFO\n# Provides: ${name ?? ''}\n# Required-Start: ${needs ?? ''}\n# Default-Start: 2 3 4 5\n### END INIT INFO\n`,
        );
      }
    },
  },
  {
    name: 'a header never ends',
    exit: 0,
    put: (root) => {
      put(root, '/etc/init.d/x', `#!/bin/sh\n### BEGIN INIT INFO\n${'# Required-Start: y\n'.repeat(50_000)}`);
    },
  },
];
