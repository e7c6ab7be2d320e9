import assert from 'node:assert/strict';
import { closeSync, lstatSync, openSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as xattr from '@napi-rs/xattr';
import {
  errorNumber,
  readExtended,
  sameExtended,
  setModified,
  writeExtended,
} from '../../../images/write/attributes.js';
import { RepairError } from '../../../images/base/errors.js';
import { childOf } from '../../../images/image/handles.js';
import { scratch } from '../../support/scratch.js';

const modified = (file: string): bigint => lstatSync(file, { bigint: true }).mtimeNs;

describe('setModified', () => {
  const times: readonly (readonly [string, bigint])[] = [
    ['whole seconds', 1_234_567_890_000_000_000n],
    ['microseconds', 1_234_567_890_123_456_000n],
    ['nanoseconds', 1_234_567_890_123_456_789n],
    ['one nanosecond', 1n],
    ['the beginning', 0n],
    ['before 1970', -5_000_000_001n],
    ['after 2038', 4_102_444_800_999_999_999n],
  ];
  for (const [what, time] of times) {
    it(`is exact for ${what}`, async () => {
      using here = scratch();
      const file = path.join(here.path, 'file');
      writeFileSync(file, '');
      await setModified([{ at: file, modified: time }]);
      assert.equal(modified(file), time);
    });
  }

  it('sets a link and not what it points to, and through a handle, and leaves the access time', async () => {
    using here = scratch();
    const [file, link] = [path.join(here.path, 'file'), path.join(here.path, 'link')];
    writeFileSync(file, '');
    utimesSync(file, 1000, 2000);
    symlinkSync('file', link);
    const handle = openSync(here.path, 'r');
    try {
      await setModified([
        { at: childOf(handle, 'link'), modified: 7_000_000_001n },
        { at: childOf(handle, '.'), modified: 7_000_000_001n },
      ]);
      assert.deepEqual([modified(link), modified(file)], [7_000_000_001n, 2_000_000_000_000n]);
      assert.equal(modified(here.path), 7_000_000_001n);
      await setModified([{ at: childOf(handle, 'file'), modified: 3_000_000_000n }]);
      assert.equal(statSync(file).atimeMs, 1_000_000);
    } finally {
      closeSync(handle);
    }
  });

  it('fails for what is not there', async () => {
    using here = scratch();
    await assert.rejects(setModified([{ at: path.join(here.path, 'none'), modified: 1n }]), {
      code: 'ENOENT',
    });
  });
});

describe('extended attributes', () => {
  it('are read and made exactly as wanted, binary values too', async function () {
    using here = scratch();
    const file = path.join(here.path, 'file');
    writeFileSync(file, '');
    try {
      xattr.setAttributeSync(file, 'user.old', 'old');
    } catch (error) {
      if (errorNumber(error) === 95) this.skip(); // the temporary file system knows no user attributes
      throw error;
    }
    assert.deepEqual(await readExtended(file), { 'user.old': Buffer.from('old').toString('base64') });
    const wanted = { 'user.bin': Buffer.from([0, 255, 10]).toString('base64'), 'user.none': '' };
    await writeExtended(file, wanted);
    assert.deepEqual(await readExtended(file), wanted);
    assert.deepEqual(xattr.getAttributeSync(file, 'user.bin'), Buffer.from([0, 255, 10]));
    await writeExtended(file, {});
    assert.deepEqual(xattr.listAttributesSync(file), []);
  });

  it('are those of the link, not of what it points to', async () => {
    using here = scratch();
    const link = path.join(here.path, 'link');
    symlinkSync('missing', link);
    assert.deepEqual(await readExtended(link), {});
  });

  it('are refused for a name that is not UTF-8, rather than lost', async () => {
    using here = scratch();
    const file = Buffer.concat([Buffer.from(`${here.path}/`), Buffer.from([0xe9])]);
    writeFileSync(file, '');
    await assert.rejects(
      readExtended(file),
      (error) => error instanceof RepairError && error.code === 'unsupported-name',
    );
  });

  it('are the same whatever their order', () => {
    assert.ok(sameExtended({ a: '1', b: '2' }, { b: '2', a: '1' }));
    for (const other of [
      {},
      { a: '1' },
      { a: '1', b: '3' },
      { a: '1', c: '2' },
      { a: '1', b: '2', c: '3' },
    ]) {
      assert.ok(!sameExtended({ a: '1', b: '2' }, other), JSON.stringify(other));
    }
  });
});

describe('errorNumber', () => {
  it('knows system errors and those of the extended attributes', () => {
    assert.equal(errorNumber(Object.assign(new Error('ENOSPC'), { errno: -28 })), 28);
    assert.equal(errorNumber(new Error('Operation not supported (os error 95)')), 95);
    assert.equal(errorNumber(new Error('other')), undefined);
    assert.equal(errorNumber('text'), undefined);
  });
});
