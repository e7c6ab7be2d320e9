import assert from 'node:assert/strict';
import { type InitSystem, init } from '../../../../images/guest/init/init.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { gather } from '../../../support/declared-inputs.js';

const program: MemoryNode = { content: '\x7fELF', mode: 0o755 };
const dpkg = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`;

interface Case {
  readonly files: Readonly<Record<string, MemoryNode>>;
  readonly system: InitSystem;
  readonly evidence: string | undefined;
  readonly also?: readonly InitSystem[];
}

const guests: Readonly<Record<string, Case>> = {
  'Debian 12, merged /usr': {
    files: {
      '/sbin': { link: 'usr/sbin' },
      '/lib': { link: 'usr/lib' },
      '/usr/sbin/init': { link: '/lib/systemd/systemd' },
      '/usr/lib/systemd/systemd': program,
    },
    system: 'systemd',
    evidence: '/sbin/init',
  },
  'Debian 8 with left-over insserv and sysvinit': {
    files: {
      '/sbin/init': { link: '/lib/systemd/systemd' },
      '/lib/systemd/systemd': program,
      '/lib/sysvinit/init': program,
      '/sbin/insserv': program,
    },
    system: 'systemd',
    evidence: '/sbin/init',
    also: ['sysv'],
  },
  'RHEL 7, whose inittab only says that it is not used': {
    files: {
      '/sbin': { link: 'usr/sbin' },
      '/usr/sbin/init': { link: '../lib/systemd/systemd' },
      '/usr/lib/systemd/systemd': program,
      '/etc/inittab': '# inittab is no longer used when using systemd.\n',
    },
    system: 'systemd',
    evidence: '/sbin/init',
  },
  'Debian 12 with sysvinit': {
    files: {
      '/sbin': { link: 'usr/sbin' },
      '/usr/sbin/init': program,
      '/usr/sbin/telinit': { link: 'init' },
      '/etc/inittab': 'id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\n',
      '/etc/init.d/rc': '#!/bin/sh\nexec /lib/init/rc "$@"\n',
    },
    system: 'sysv',
    evidence: '/etc/inittab',
  },
  "sysvinit with systemd's package beside it": {
    files: { '/sbin/init': program, '/etc/inittab': 'id:2:initdefault:\n', '/lib/systemd/systemd': program },
    system: 'sysv',
    evidence: '/etc/inittab',
    also: ['systemd'],
  },
  'Ubuntu 14.04': {
    files: { '/sbin/init': program, '/sbin/initctl': program, '/etc/init/rc.conf': 'exec /etc/init.d/rc\n' },
    system: 'upstart',
    evidence: '/sbin/initctl',
  },
  'RHEL 6': {
    files: {
      '/sbin/init': program,
      '/sbin/initctl': program,
      '/etc/rc.d/rc.sysinit': program,
      '/etc/inittab': 'id:3:initdefault:\n',
    },
    system: 'sysv',
    evidence: '/sbin/initctl',
  },
  'Ubuntu 15.04 with upstart beside systemd': {
    files: {
      '/sbin/init': { link: '/lib/systemd/systemd' },
      '/lib/systemd/systemd': program,
      '/sbin/upstart': program,
    },
    system: 'systemd',
    evidence: '/sbin/init',
    also: ['upstart'],
  },
  Alpine: {
    files: {
      '/sbin/init': { link: '/bin/busybox' },
      '/bin/busybox': program,
      '/sbin/openrc': program,
      '/etc/inittab': '::sysinit:/sbin/openrc sysinit\n::wait:/sbin/openrc default\n',
    },
    system: 'openrc',
    evidence: '/etc/inittab',
  },
  Gentoo: {
    files: {
      '/sbin/init': program,
      '/sbin/rc': program,
      '/etc/inittab': '# x\nsi::sysinit:/sbin/rc sysinit\n',
    },
    system: 'openrc',
    evidence: '/etc/inittab',
  },
  'Debian with openrc': {
    files: {
      '/sbin/init': program,
      '/sbin/openrc': program,
      '/etc/inittab': 'si::sysinit:/etc/init.d/rcS\n',
      '/etc/init.d/rc': '#!/bin/sh\nexec openrc "$1"\n',
    },
    system: 'openrc',
    evidence: '/etc/init.d/rc',
  },
  'openrc-init': {
    files: { '/sbin/init': { link: 'openrc-init' }, '/sbin/openrc-init': program, '/sbin/openrc': program },
    system: 'openrc',
    evidence: '/sbin/init',
  },
  'a container that starts tini': {
    files: { '/sbin/init': { link: '/usr/bin/tini' }, '/usr/bin/tini': program },
    system: 'unknown',
    evidence: '/sbin/init',
  },
  'a root without an init': { files: { '/etc/passwd': '' }, system: 'unknown', evidence: undefined },
  'a link that leads nowhere': {
    files: { '/sbin/init': { link: '/lib/systemd/systemd' } },
    system: 'unknown',
    evidence: undefined,
  },
};

describe("the guest's init system", () => {
  for (const [title, { files, system, evidence, also = [] }] of Object.entries(guests)) {
    it(title, async () => {
      const expected = { system, evidence, alsoInstalled: also, systemdVersion: undefined };
      assert.deepEqual(await gather(init, memoryImage(files)), expected);
    });
  }

  it("knows systemd's version from the package database", async () => {
    const image = memoryImage({
      '/sbin/init': { link: '/lib/systemd/systemd' },
      '/lib/systemd/systemd': program,
      '/var/lib/dpkg/status': dpkg('base-files', '12.4') + dpkg('systemd', '252.39-1~deb12u2'),
    });
    assert.equal((await gather(init, image)).systemdVersion, '252.39-1~deb12u2');
  });

  it('does not guess it from a database that cannot be read', async () => {
    const image = memoryImage({ '/sbin/init': program, '/var/lib/rpm/rpmdb.sqlite': 'not a database' });
    await assert.rejects(gather(init, image), { code: 'package-database' });
  });
});
