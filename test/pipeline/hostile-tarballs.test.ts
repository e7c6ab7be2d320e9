import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Made, archive, made, pax } from '../images/image/tarball/archives.js';
import { hallmark } from '../support/command.js';
import { difference, walk } from '../support/walk.js';

const canary = 'the canary of the host';

/** A root that can be judged, up to where an attack is added. */
const root: Made[] = [
  { name: './etc/', type: '5' },
  { name: './etc/os-release', data: Buffer.from('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n') },
  { name: './etc/inittab', data: Buffer.from('id:2:initdefault:\n') },
];

const evil = Buffer.from('PRETTY_NAME="evil"\n');

/** Each with what it is: refused with a message that fits, or judged all the same (undefined). */
const attacks: readonly (readonly [name: string, bytes: (outside: string) => Buffer, refused?: RegExp])[] = [
  ['a name that climbs out', () => archive(...root, { name: '../../evil', data: evil }), /\.\./],
  [
    'a name that climbs out further in',
    () => archive(...root, { name: './etc/../../evil', data: evil }),
    /\.\./,
  ],
  ['an absolute name', (outside) => archive(...root, { name: `${outside}/evil`, data: evil })],
  [
    'a PAX path that climbs out',
    () => archive(...root, { name: 'x', pax: pax({ path: '../../evil' }), data: evil }),
    /\.\./,
  ],
  [
    'an entry below a link that leads out',
    (outside) =>
      archive(...root, { name: './out', type: '2', target: outside }, { name: './out/evil', data: evil }),
  ],
  [
    'a hard link that leads out',
    (outside) =>
      archive(...root, { name: './etc/debian_version', type: '1', target: `../..${outside}/secret` }),
  ],
  [
    'a link that leads out where a rule reads',
    (outside) => archive(...root, { name: './etc/debian_version', type: '2', target: `${outside}/secret` }),
  ],
  ['a device named os-release', () => archive({ name: './etc/os-release', type: '3' })],
  ['a FIFO named os-release', () => archive({ name: './etc/os-release', type: '6' })],
  ['an entry of eight exabytes', () => archive(...root, { name: './big', size: 2 ** 62 }), /damaged/],
  ['an entry of negative size', () => archive(...root, { name: './less', size: -512 }), /damaged/],
  [
    'a PAX size that lies',
    () => archive(...root, { name: './x', pax: pax({ size: '99999999999' }), data: evil }),
    /damaged/,
  ],
  [
    'a NUL in a PAX name',
    () => archive(...root, { name: 'x', pax: pax({ path: 'etc/a\0b' }), data: evil }),
    /damaged/,
  ],
  [
    'entries that change their type',
    () =>
      archive(
        ...root,
        { name: './etc', data: evil },
        { name: './etc/', type: '5' },
        { name: './etc/x', data: evil },
      ),
  ],
  [
    'a path of 100,000 folders',
    () => archive(...root, { name: 'x', pax: pax({ path: 'a/'.repeat(100_000) + 'b' }), data: evil }),
  ],
  [
    'extended attributes without end',
    () =>
      archive(...root, {
        name: 'x',
        pax: pax({ 'SCHILY.xattr.user.bomb': 'x'.repeat(20_000_000) }),
        data: evil,
      }),
  ],
  [
    'a giant that rules read',
    () =>
      gzipSync(
        Buffer.concat([
          ...root.map(made),
          made({ name: './var/log/nova-agent.log', data: Buffer.alloc(200_000_000) }),
          Buffer.alloc(1024),
        ]),
        { level: 1 },
      ),
  ],
  [
    'a giant that no rule reads',
    () =>
      gzipSync(
        Buffer.concat([
          ...root.map(made),
          made({ name: './var/big', data: Buffer.alloc(400_000_000) }),
          Buffer.alloc(1024),
        ]),
        { level: 1 },
      ),
  ],
];

describe('hostile tarballs', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'hallmark-tarballs-'));
    mkdirSync(join(scratch, 'outside'));
    mkdirSync(join(scratch, 'work'));
    writeFileSync(join(scratch, 'outside/secret'), `${canary}\n`);
  });
  afterEach(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  for (const [name, bytes, refused] of attacks) {
    it(`${name}: a clear outcome, and nothing outside is touched`, function () {
      this.timeout(300_000);
      const outside = join(scratch, 'outside');
      writeFileSync(join(scratch, 'image.tar'), bytes(outside));
      const before = walk(outside);
      for (const args of [['check'], ['prepare', '-o', 'out.tar', '--only', 'os-supported']]) {
        const { status, stdout, stderr } = hallmark([...args, '../image.tar'], {
          cwd: join(scratch, 'work'),
          state: join(scratch, 'state'),
        });
        assert.ok([0, 1, 3].includes(status ?? -1), `exit ${status}\n${stderr}`);
        assert.ok(!(stdout + stderr).includes(canary));
        assert.ok(stderr.split('\n').length <= 3, stderr);
        if (refused) {
          assert.equal(status, 3);
          assert.match(stderr, refused);
          assert.equal(stdout, '');
        }
      }
      assert.deepEqual(difference(walk(outside), before), []);
    });
  }
});
