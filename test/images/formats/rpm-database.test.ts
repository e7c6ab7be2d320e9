import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readRpmDatabase } from '../../../images/formats/rpm-database.js';
import { berkeleyOf, ndbOf, rpmHeader } from '../../support/rpm-database.js';

const headers = [
  rpmHeader({ name: 'nova-agent', version: '1.39.1', release: '2.el7', arch: 'x86_64' }),
  rpmHeader({ name: 'gpg-pubkey', version: 'f4a80eb5', release: '53a7ff4b', arch: '(none)' }),
  rpmHeader({ name: 'bind', version: '9.8.2', release: '0.el6', arch: 'x86_64', epoch: 32 }),
  rpmHeader({ name: 'x'.repeat(9000), version: '1', release: '1' }),
];
const expected = [
  { name: 'nova-agent', version: '1.39.1-2.el7', architecture: 'x86_64' },
  { name: 'gpg-pubkey', version: 'f4a80eb5-53a7ff4b', architecture: undefined },
  { name: 'bind', version: '32:9.8.2-0.el6', architecture: 'x86_64' },
  { name: 'x'.repeat(9000), version: '1-1', architecture: undefined },
];
/** A header without a version, which the parser skips in silence. */
const nameless = Buffer.from(headers[0]!);
nameless.writeInt32BE(1099, 8 + 16);

describe('rpm databases', () => {
  it('in ndb', async () => {
    assert.deepEqual(await readRpmDatabase('ndb', ndbOf(headers)), expected);
  });

  for (const [title, options] of [
    ['in Berkeley DB', {}],
    ['in Berkeley DB before 4.6', { hashPage: 2 }],
    ['in Berkeley DB with a hash page at the very end', { hashPageLast: true }],
  ] as const) {
    it(title, async () => {
      const bytes = berkeleyOf(headers, options);
      const before = Buffer.from(bytes);
      assert.deepEqual(await readRpmDatabase('bdb', bytes), expected);
      assert.deepEqual(bytes, before, 'the bytes given are left alone');
    });
  }

  const kinds = [
    ['ndb', ndbOf],
    ['bdb', (all: readonly Buffer[]) => berkeleyOf(all)],
  ] as const;
  for (const [format, build] of kinds) {
    it(`in ${format} are refused when a record cannot be read`, async () => {
      await assert.rejects(readRpmDatabase(format, build([...headers, nameless])), {
        message: '1 of its 5 records cannot be read',
      });
    });

    it(`in ${format} are refused when they are empty`, async () => {
      await assert.rejects(readRpmDatabase(format, build([])), { message: 'it lists no packages' });
    });

    it(`in ${format} are refused when they are cut short`, async () => {
      const bytes = build(headers);
      for (const length of [0, 100, 4095, bytes.length - 4096]) {
        await assert.rejects(readRpmDatabase(format, bytes.subarray(0, length)), Error, String(length));
      }
    });

    it(`in ${format} lose no record to damage without an error`, async () => {
      const good = build(headers);
      await fc.assert(
        fc.asyncProperty(fc.nat(2 * 4096 - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
          const bytes = Buffer.from(good);
          bytes[at] = byte;
          const found = await readRpmDatabase(format, bytes).catch((error: unknown) => {
            assert.ok(error instanceof Error && !error.message.includes('\n'));
            return expected;
          });
          assert.equal(found.length, expected.length);
        }),
        {
          numRuns: 300,
          examples: [
            [4116, 4],
            [84, 0],
          ],
        },
      );
    });
  }

  it('do not make the reader allocate what a damaged record claims', async () => {
    const bytes = berkeleyOf(headers.slice(0, 1));
    // The pointer of the first header, at the low end of the hash page.
    bytes.writeUInt32LE(0xfffffff0, bytes.indexOf(Buffer.from([3, 0, 0, 0, 2, 0, 0, 0]), 4096) + 8);
    await assert.rejects(readRpmDatabase('bdb', bytes), /larger than any package header/);
  });

  it('in SQLite are refused when they are none', async () => {
    await assert.rejects(
      readRpmDatabase('sqlite', Buffer.from('not a database, but long enough to look')),
      Error,
    );
  });
});
