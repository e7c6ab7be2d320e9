import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import type { Change } from '../../images/image/image.js';
import { deliver } from '../../pipeline/deliver.js';
import { DirectorySource } from '../../images/sources/directory.js';
import type { Plan } from '../../pipeline/plan.js';
import { Scratch } from '../images/image/tarball/archives.js';

describe('deliver', () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = new Scratch();
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
    context: { target: 'nova-agent', family: 'Linux', metadata, today: '2026-11-20' },
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
      const { warnings } = await deliver(planOf([], metadata), {
        source: new DirectorySource(scratch.folder),
        destination: { toBeAgreed: true },
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
      await assert.rejects(written(), { code: 'unwritable', message: /it is not a regular file/ });
    });
  });
});
