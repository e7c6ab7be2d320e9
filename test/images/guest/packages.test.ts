import assert from 'node:assert/strict';
import { packageDatabase, packages } from '../../../images/guest/packages.js';
import { type MemoryNode, memoryImage } from '../../../images/image/memory.js';
import { gather } from '../../support/declared-inputs.js';

const paragraph = (
  name: string,
  version: string,
  architecture = 'amd64',
  status = 'install ok installed',
): string => `Package: ${name}\nStatus: ${status}\nArchitecture: ${architecture}\nVersion: ${version}\n\n`;
const status = '/var/lib/dpkg/status';

async function versions(files: Readonly<Record<string, MemoryNode>>): Promise<Record<string, string>> {
  const { installed } = await gather(packages, memoryImage(files));
  return Object.fromEntries([...installed].map(([name, { version }]) => [name, version]));
}

const unreadable = (files: Readonly<Record<string, MemoryNode>>, message: RegExp): Promise<void> =>
  assert.rejects(gather(packages, memoryImage(files)), { code: 'package-database', message });

describe('installed packages', () => {
  it('are those that dpkg has as installed', async () => {
    const text =
      paragraph('nova-agent', '1.39.1') +
      paragraph('gone', '1', 'all', 'deinstall ok config-files') +
      paragraph('half', '1', 'all', 'install reinstreq half-installed') +
      paragraph('held', '2:1.0-1', 'all', 'hold ok installed');
    assert.deepEqual(await versions({ [status]: text }), { 'nova-agent': '1.39.1', held: '2:1.0-1' });
  });

  it('are named once, whatever the number of architectures', async () => {
    const text = paragraph('libc6', '2.36') + paragraph('libc6', '2.36', 'i386', 'deinstall ok config-files');
    assert.deepEqual(await versions({ [status]: text }), { libc6: '2.36' });
    const { installed } = await gather(packages, memoryImage({ [status]: text }));
    assert.equal(installed.get('libc6')?.architecture, 'amd64');
  });

  it('include what a dpkg that was cut short had not written back', async () => {
    const files = {
      [status]: paragraph('a', '1') + paragraph('b', '1'),
      '/var/lib/dpkg/updates/0000': paragraph('a', '2'),
      '/var/lib/dpkg/updates/0001': paragraph('b', '1', 'amd64', 'deinstall ok config-files'),
      '/var/lib/dpkg/updates/tmp.i': paragraph('c', '9'),
    };
    assert.deepEqual(await versions(files), { a: '2' });
  });

  it('are one file each in an image without dpkg', async () => {
    const files = {
      '/var/lib/dpkg/status.d/tzdata': 'Package: tzdata\nVersion: 2024a\n',
      '/var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 12.4\n',
      '/var/lib/dpkg/status.d/base.md5sums': 'Package: no\nVersion: no\n',
    };
    assert.deepEqual(await versions(files), { 'base-files': '12.4', tzdata: '2024a' });
    assert.equal(await gather(packageDatabase, memoryImage(files)), '/var/lib/dpkg/status.d');
  });

  it('name the database as evidence', async () => {
    const files = { [status]: paragraph('a', '1') };
    assert.equal(await gather(packageDatabase, memoryImage(files)), status);
    assert.equal(await gather(packageDatabase, memoryImage({})), undefined);
  });

  it('are none where there is no database', async () => {
    const { manager, installed } = await gather(packages, memoryImage({ '/etc/passwd': '' }));
    assert.deepEqual([manager, installed.size], ['none', 0]);
  });

  describe('are never guessed', () => {
    it('from an empty database of dpkg', () =>
      unreadable({ [status]: '' }, /status lists no installed package$/));
    it('from a package without a version', () =>
      unreadable({ [status]: 'Package: a\nStatus: install ok installed\n' }, /has no version for a$/));

    const sqlite = '/var/lib/rpm/rpmdb.sqlite';
    const header = Buffer.alloc(8192);
    header.write('RpmP', 'latin1');
    header.writeUInt32LE(1, 12);
    const bad: readonly (readonly [string, string, MemoryNode, RegExp])[] = [
      [
        'an SQLite database that is none',
        sqlite,
        'nonsense',
        /rpmdb\.sqlite cannot be read as an rpm database: [^\n]+$/,
      ],
      ['an empty SQLite file', sqlite, '', /cannot be read/],
      ['a Berkeley DB that is none', '/var/lib/rpm/Packages', Buffer.alloc(8192), /not a Berkeley DB/],
      ['a short Berkeley DB', '/var/lib/rpm/Packages', 'x', /too short/],
      ['a short ndb', '/usr/lib/sysimage/rpm/Packages.db', 'x', /too short/],
      ['an ndb whose index is damaged', '/usr/lib/sysimage/rpm/Packages.db', header, /index is damaged/],
    ];
    for (const [title, path, content, message] of bad)
      it(`from ${title}`, () => unreadable({ [path]: content }, message));

    for (const log of ['-wal', '-journal']) {
      it(`from an SQLite database with a ${log} beside it`, () =>
        unreadable({ [sqlite]: 'x', [`${sqlite}${log}`]: 'pending' }, /holds changes/));
    }

    it('from a database that is too large', async () => {
      const image = memoryImage({ [sqlite]: { content: '', size: 2 ** 40 } });
      await assert.rejects(gather(packages, image), { code: 'too-large' });
    });
  });
});
