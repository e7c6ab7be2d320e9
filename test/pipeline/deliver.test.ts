import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { sha256 } from '../../images/image/change.js';
import { RepairError } from '../../images/base/errors.js';
import type { Change } from '../../images/image/image.js';
import { deliver } from '../../pipeline/deliver.js';
import {
  assertNoneKept,
  keepOriginal,
  putOriginalBack,
  restoreOriginal,
} from '../../images/write/tarball/original.js';
import type { Plan } from '../../pipeline/plan.js';
import { Scratch, archive } from '../images/image/tarball/archives.js';

const guest = archive({ name: 'x', data: 'old' });
const stranger = archive({ name: 'y', data: 'of somebody else' });

describe('deliver', () => {
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

  const planOf = (changes: readonly Change[], metadata?: Plan['context']['metadata']): Plan => ({
    steps: [],
    rejected: [],
    changes,
    properties: metadata ? [{ kind: 'property', name: 'a', value: 'b', was: undefined }] : [],
    after: [],
    context: { target: 'nova-agent', metadata, today: '2026-11-20' },
  });

  /** A new file whose content is asked for in the midst of the writing, when `meanwhile` happens. */
  const additionDuring = (meanwhile: () => void): Change => ({
    kind: 'write',
    path: '/z',
    expect: { type: 'absent' },
    mode: 0o644,
    uid: 0,
    gid: 0,
    get content() {
      meanwhile();
      return { bytes: Buffer.from('new') };
    },
  });

  function replaceByStranger(): void {
    const path = scratch.file(stranger);
    renameSync(path, tarball);
  }

  describe('in place of a tarball', () => {
    const inPlace = (meanwhile: () => void, signal?: AbortSignal): ReturnType<typeof deliver> =>
      deliver('tarball', planOf([additionDuring(meanwhile)]), {
        source: tarball,
        destination: { kind: 'in-place' },
        stateDirectory: state,
        ...(signal ? { signal } : {}),
      });

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
        assert.match(error.message, /guest\.tar was replaced by somebody else meanwhile, and left as it is/);
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

  describe("the image's properties", () => {
    const metadata = { z: '1', owner: { id: '7', deep: [{ b: 1 }] }, a: 'b' };
    let folder: string;
    let path: string;
    beforeEach(() => {
      folder = scratch.path('report');
      path = `${folder}/properties.json`;
      mkdirSync(folder);
    });
    const written = async (): Promise<readonly string[]> => {
      const { warnings } = await deliver('directory', planOf([], metadata), {
        source: scratch.folder,
        destination: { kind: 'in-place' },
        stateDirectory: state,
        propertiesFolder: folder,
      });
      return warnings;
    };

    it('are written whole, sorted by name', async () => {
      assert.deepEqual(await written(), [`the image's properties are in ${path}`]);
      const now: unknown = JSON.parse(readFileSync(path, 'utf8'));
      assert.deepEqual(now, metadata);
      assert.deepEqual(Object.keys(now as object), ['a', 'owner', 'z']);
      assert.deepEqual(await written(), [`the image's properties are in ${path}`]);
      assert.deepEqual(readdirSync(folder), ['properties.json']);
    });

    it('keep what was there before, and say so', async () => {
      writeFileSync(path, '{"mine": 1}');
      assert.deepEqual(await written(), [
        `the image's properties are in ${path}`,
        `what ${path} was before is kept as ${path}.old`,
      ]);
      assert.equal(readFileSync(`${path}.old`, 'utf8'), '{"mine": 1}');
      assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), metadata);
      assert.deepEqual(readdirSync(folder).sort(), ['properties.json', 'properties.json.old']);
    });

    it('are not written when something would be lost', async () => {
      writeFileSync(path, 'mine');
      writeFileSync(`${path}.old`, 'older');
      await assert.rejects(written(), {
        name: 'RepairError',
        code: 'unwritable',
        message: /the image was repaired, but .*properties\.json cannot be written: .*properties\.json\.old/,
      });
      assert.equal(readFileSync(path, 'utf8'), 'mine');
      assert.equal(readFileSync(`${path}.old`, 'utf8'), 'older');
      assert.deepEqual(readdirSync(folder).sort(), ['properties.json', 'properties.json.old']);
    });

    it('are not written over what is no file', async () => {
      mkdirSync(path);
      await assert.rejects(written(), { code: 'unwritable', message: /it is no regular file/ });
    });
  });
});
