import assert from 'node:assert/strict';
import { readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { RepairError } from '../../../images/base/errors.js';
import { sha256 } from '../../../images/base/sha256.js';
import type { Change } from '../../../images/image/image.js';
import type { Delivery } from '../../../images/sources/source.js';
import { TarballSource } from '../../../images/sources/tarball.js';
import {
  assertNoneKept,
  keepOriginal,
  putOriginalBack,
  restoreOriginal,
} from '../../../images/write/tarball/original.js';
import { Scratch, archive } from '../image/tarball/archives.js';

const guest = archive({ name: 'x', data: 'old' });
const stranger = archive({ name: 'y', data: 'of somebody else' });

describe('TarballSource', () => {
  let scratch: Scratch;
  let tarball: string;
  let kept: string;
  let state: string;
  beforeEach(() => {
    scratch = new Scratch();
    tarball = scratch.file(guest, 'guest.tar');
    kept = `${tarball}.before-hallmark`;
    state = scratch.path('state');
  });
  afterEach(() => {
    scratch.remove();
  });

  /** A new file whose content is asked for in the midst of the writing, when `meanwhile` happens. */
  const additionDuring = (meanwhile: () => void): Change => ({
    kind: 'write',
    path: '/z',
    expect: { type: 'absent' },
    posix: { mode: 0o644, uid: 0, gid: 0 },
    get content() {
      meanwhile();
      return { bytes: Buffer.from('new') };
    },
  });

  function replaceByStranger(): void {
    const path = scratch.file(stranger);
    renameSync(path, tarball);
  }

  describe('in place', () => {
    const inPlace = (meanwhile: () => void, signal?: AbortSignal): Promise<Delivery> =>
      new TarballSource(tarball, state).deliver([additionDuring(meanwhile)], { toBeAgreed: false }, signal);

    function assertLeft(): void {
      assert.ok(readFileSync(tarball).equals(stranger));
      assert.ok(readFileSync(kept).equals(guest));
    }

    it('replaces it and keeps the original', async () => {
      const { warnings } = await inPlace(() => undefined);
      assert.deepEqual(warnings, [`the original is kept as ${kept}`]);
      assert.ok(!readFileSync(tarball).equals(guest));
      assert.ok(readFileSync(kept).equals(guest));
      await putOriginalBack(tarball, state);
      assert.ok(readFileSync(tarball).equals(guest));
    });

    it('leaves what was renamed into its place meanwhile, and keeps the original', async () => {
      await assert.rejects(inPlace(replaceByStranger), (error: unknown) => {
        assert.ok(error instanceof RepairError);
        assert.equal(error.code, 'changed');
        assert.match(error.message, /guest\.tar was replaced by another program meanwhile and left alone/);
        assert.match(error.hint ?? '', /kept as .*guest\.tar\.before-hallmark/);
        return true;
      });
      assertLeft();
      await assert.rejects(putOriginalBack(tarball, state), { code: 'changed' });
      assertLeft();
    });

    it('leaves it also when the writing fails, or is interrupted', async () => {
      const failing = inPlace(() => {
        replaceByStranger();
        throw new Error('no more');
      });
      await assert.rejects(failing, { name: 'RepairError', code: 'changed' });
      assertLeft();

      renameSync(kept, tarball);
      const abort = new AbortController();
      const interrupted = inPlace(() => {
        replaceByStranger();
        abort.abort();
      }, abort.signal);
      await assert.rejects(interrupted, { name: 'RepairError', code: 'changed' });
      assertLeft();
    });

    it('does not replace it when the original lost its second name', async () => {
      const attempt = inPlace(() => {
        rmSync(kept);
      });
      await assert.rejects(attempt, { code: 'changed', message: /before-hallmark was removed meanwhile/ });
      assert.ok(readFileSync(tarball).equals(guest));
    });

    it('takes the second name away when the writing fails', async () => {
      const failing = inPlace(() => {
        throw new Error('no more');
      });
      await assert.rejects(failing, { message: 'no more' });
      assert.ok(readFileSync(tarball).equals(guest));
      assert.deepEqual(readdirSync(scratch.folder).sort(), ['guest.tar', 'state']);
    });

    it('goes back from what it wrote itself, and from nothing else', async () => {
      await keepOriginal(tarball);
      replaceByStranger();
      await assert.rejects(restoreOriginal(tarball, sha256(guest)), { code: 'changed' });
      assertLeft();
      await restoreOriginal(tarball, sha256(stranger));
      assert.ok(readFileSync(tarball).equals(guest));
      assert.deepEqual(readdirSync(scratch.folder), ['guest.tar']);
    });

    it('does not take an original that another run kept for its own', async () => {
      await assertNoneKept(tarball);
      await keepOriginal(tarball);
      await assertNoneKept(tarball); // a run that was killed before it replaced anything
      replaceByStranger();
      await assert.rejects(assertNoneKept(tarball), { name: 'UsageError', code: 'original-kept' });
      await assert.rejects(keepOriginal(tarball), { name: 'RepairError', code: 'original-kept' });
      assertLeft();
    });
  });
});
