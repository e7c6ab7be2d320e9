import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ImageError } from '../../../images/base/errors.js';
import { readZip } from '../../../images/formats/zip.js';
import { zipOf } from '../../support/zip.js';

const members = { '__main__.py': 'import novaagent\n', 'novaagent/__init__.py': "__version__ = '2.1.25'\n" };
const all = (): boolean => true;

describe('zip', () => {
  it('reads just the members that are wanted', async () => {
    const zip = await readZip(zipOf(members), (name) => name === '__main__.py', 1000);
    assert.deepEqual(zip?.names, Object.keys(members));
    assert.deepEqual(
      [...zip.contents].map(([name, content]) => [name, content.toString()]),
      [['__main__.py', 'import novaagent\n']],
    );
  });

  for (const counted of [true, false]) {
    it(`reads behind a prefix that offsets ${counted ? '' : 'do not '}count`, async () => {
      const bytes = zipOf(members, { prefix: '#!/usr/bin/env python3\n', counted });
      const zip = await readZip(bytes, all, 1000);
      assert.equal(zip?.contents.get('novaagent/__init__.py')?.toString(), members['novaagent/__init__.py']);
    });
  }

  it('says that what is no zip is none', async () => {
    assert.equal(await readZip(Buffer.from('#!/bin/sh\n'), all, 1000), undefined);
    assert.equal(await readZip(zipOf(members).subarray(0, -5), all, 1000), undefined);
  });

  // zipimport takes the last end record, and reads neither the comment nor its length.
  for (const [what, length, after] of [
    ['a comment', 5, 'hello'],
    ['a comment that is cut off', 50, 'hello'],
    ['bytes that no comment announces', 0, '\n\n'],
  ] as const) {
    it(`reads before ${what}`, async () => {
      const bytes = zipOf(members, { prefix: '#!/usr/bin/env python3\n' });
      bytes.writeUInt16LE(length, bytes.length - 2);
      const zip = await readZip(Buffer.concat([bytes, Buffer.from(after)]), all, 1000);
      assert.deepEqual(zip?.names, Object.keys(members));
    });
  }

  it('agrees with zipimport on any first line that is put in the place of the counted one', async () => {
    const counted = '#!/usr/bin/env python3\n';
    const body = zipOf({ '__main__.py': 'print("ran")\n' }, { prefix: counted }).subarray(counted.length);
    const read = async (line: string): Promise<boolean> =>
      (await readZip(Buffer.concat([Buffer.from(line), body]), all, 1000).catch(() => undefined)) !==
      undefined;
    // Tried with Python 3.11 and 3.13: a longer line runs, a shorter one is "bad central directory size or offset".
    await fc.assert(
      fc.asyncProperty(fc.nat(60), async (length) => {
        assert.equal(await read(`${'#'.repeat(length)}\n`), length + 1 >= counted.length);
      }),
    );
  });

  it('unpacks no more than the limit, whatever the archive claims', async () => {
    const bomb = { big: '\0'.repeat(1_000_000) };
    await assert.rejects(readZip(zipOf(bomb), all, 999_999), { code: 'too-large' });
    await assert.rejects(readZip(zipOf(bomb, { claimedSize: 10 }), all, 999_999), { code: 'bad-zip' });
    assert.equal((await readZip(zipOf(bomb), all, 1_000_000))?.contents.get('big')?.length, 1_000_000);
  });

  it('refuses a damaged archive with one line', async () => {
    const bytes = zipOf(members);
    bytes.fill(0, bytes.length - 60, bytes.length - 30);
    await assert.rejects(readZip(bytes, all, 1000), (error) => {
      assert.ok(error instanceof ImageError);
      assert.match(error.message, /^the zip archive cannot be read: [^\n]+$/);
      return true;
    });
  });

  it('answers, or throws an ImageError, for any damage', async () => {
    const good = zipOf(members, { prefix: '#!x\n' });
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
        const bytes = Buffer.from(good);
        bytes[at] = byte;
        await readZip(bytes, all, 1000).catch((error: unknown) => {
          assert.ok(error instanceof ImageError, String(error));
        });
      }),
      { numRuns: 300 },
    );
  });
});
