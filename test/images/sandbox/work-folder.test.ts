import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftIn, makeWorkFolder } from '../../../images/sandbox/work-folder.js';
import { ownMark, print } from '../../../images/write/lock.js';

describe('the work folder of a sandbox', () => {
  it('is for its owner alone, and gone when it is given back', () => {
    const work = makeWorkFolder();
    assert.equal(statSync(work.path).mode & 0o777, 0o700);
    assert(work.path.endsWith(work.name));
    work[Symbol.dispose]();
    assert(!existsSync(work.path));
  });

  it('counts as left only when its process is gone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hallmark-left-'));
    try {
      const dead = `hallmark-sandbox.${print({ ...ownMark(), started: '1' })}-aBc123`;
      const living = `hallmark-sandbox.${print(ownMark())}-aBc123`;
      for (const name of [dead, living, 'hallmark-sandbox.nonsense', 'another'])
        mkdirSync(join(folder, name));
      assert.deepEqual(leftIn(folder), [join(folder, dead)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
