import assert from 'node:assert/strict';
import { xe } from '../../../../images/guest/agents/xe.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { gather } from '../../../support/declared-inputs.js';

const program: MemoryNode = { content: '\x7fELF', mode: 0o755 };
const dpkg = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n\n`;

describe('the guest utilities', () => {
  it('may be missing', async () => {
    assert.equal(
      await gather(xe, memoryImage({ '/var/lib/dpkg/status': dpkg('base-files', '12') })),
      undefined,
    );
  });

  it('are not the xenstore commands alone', async () => {
    const status = dpkg('xe-guest-utilities-xenstore', '6.2.0');
    assert.equal(await gather(xe, memoryImage({ '/var/lib/dpkg/status': status })), undefined);
  });

  it('are not an empty program, which a crash during its installation left', async () => {
    const empty: MemoryNode = { content: '', mode: 0o755 };
    assert.equal(await gather(xe, memoryImage({ '/usr/bin/xe-daemon': empty })), undefined);
  });

  it('of Citrix on Debian', async () => {
    const found = await gather(
      xe,
      memoryImage({
        '/var/lib/dpkg/status': dpkg('xe-guest-utilities', '5.6.100-651'),
        '/usr/sbin/xe-linux-distribution': program,
        '/usr/sbin/xe-daemon': program,
        '/etc/init.d/xe-linux-distribution': program,
      }),
    );
    assert.equal(found?.name, 'xe-guest-utilities');
    assert.equal(found.version, '5.6.100-651');
    assert.equal(found.evidence, '/usr/sbin/xe-daemon');
    assert.deepEqual(found.programs, ['/usr/sbin/xe-daemon', '/usr/sbin/xe-linux-distribution']);
    assert.equal(found.serviceNames[0], 'xe-linux-distribution');
  });

  const named: readonly (readonly [string, Record<string, MemoryNode>, string, readonly string[]])[] = [
    [
      'of Gentoo',
      { '/usr/sbin/xe-daemon': program, '/etc/init.d/xe-daemon': program },
      'xe-daemon',
      ['xe-daemon'],
    ],
    [
      'of Arch, with two units',
      {
        '/usr/bin/xe-daemon': program,
        '/usr/lib/systemd/system/xe-daemon.service': '',
        '/usr/lib/systemd/system/xe-linux-distribution.service': '',
      },
      'xe-daemon',
      ['xe-linux-distribution', 'xe-daemon'],
    ],
    [
      'of Alpine',
      { '/usr/sbin/xe-daemon': program, '/etc/init.d/xe-guest-utilities': '' },
      'xe-daemon',
      ['xe-guest-utilities'],
    ],
    [
      'of CoreOS',
      { '/opt/oem/xs/xe-daemon': program, '/etc/systemd/system/xe-linux-distribution.service': '' },
      'xe-daemon',
      ['xe-linux-distribution'],
    ],
    [
      'of FreeBSD',
      { '/usr/local/sbin/xe-daemon': program, '/usr/local/etc/rc.d/xenguest': '' },
      'xe-daemon',
      ['xenguest'],
    ],
    [
      'of XCP-ng',
      {
        '/var/lib/dpkg/status': dpkg('xe-guest-utilities-latest', '8.4'),
        '/lib/systemd/system/xe-guest-utilities-latest.service': '',
      },
      'xe-guest-utilities-latest',
      ['xe-guest-utilities-latest'],
    ],
    [
      'in Rust',
      {
        '/var/lib/dpkg/status': dpkg('xen-guest-agent', '0.4.0'),
        '/usr/sbin/xen-guest-agent': program,
        '/lib/systemd/system/xen-guest-agent.service': '',
      },
      'xen-guest-agent',
      ['xen-guest-agent'],
    ],
  ];
  for (const [title, files, name, first] of named) {
    it(title, async () => {
      const found = await gather(xe, memoryImage(files));
      assert.equal(found?.name, name);
      assert.deepEqual(found.serviceNames.slice(0, first.length), first);
      assert.equal(new Set(found.serviceNames).size, 6);
    });
  }

  it('list no program that is not there, though a unit starts it', async () => {
    const found = await gather(
      xe,
      memoryImage({
        '/usr/lib/systemd/system/xe-linux-distribution.service':
          '[Service]\nExecStart=/usr/share/oem/xs/xe-daemon\n',
        '/usr/sbin/xe-daemon': program,
        '/usr/sbin/xe-linux-distribution': { content: '#!/bin/sh\n', mode: 0o644 },
      }),
    );
    assert.deepEqual(found?.programs, ['/usr/sbin/xe-daemon']);
  });

  it('are there, without a program, when only their service is', async () => {
    const found = await gather(xe, memoryImage({ '/etc/init.d/xe-linux-distribution': '#!/bin/sh\n' }));
    assert.equal(found?.name, 'xe-linux-distribution');
    assert.equal(found.evidence, '/etc/init.d/xe-linux-distribution');
    assert.deepEqual(found.programs, []);
  });
});
