import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RepairError } from '../../../images/base/errors.js';
import {
  Journal,
  type Manifest,
  clearUnfinished,
  identify,
  isSameImage,
  isSamePlace,
  prepareStateDirectory,
  readManifests,
} from '../../../images/write/journal.js';
import { ownMark, print } from '../../../images/write/lock.js';
import { scratch } from '../../support/scratch.js';

const quiet = (): void => undefined;

function manifestOf(journal: Journal, root: string): Manifest {
  return {
    format: 1,
    id: journal.id,
    source: 'test',
    image: identify(root),
    state: 'applying',
    created: '2026-01-02T03:04:05.678Z',
    touched: [
      {
        path: '/caf\udce9',
        temporary: '.t',
        before: { type: 'absent' },
        after: { type: 'link', target: '\udcff' },
      },
    ],
    directories: [],
  };
}

describe('a journal', () => {
  it('is seen only when it is complete, keeps names that are not UTF-8, and goes without a trace', () => {
    using here = scratch();
    mkdirSync(here.root);
    prepareStateDirectory(here.state, here.root);
    const journal = Journal.create(here.state, quiet);
    assert.deepEqual(readManifests(here.state), []);
    const manifest = manifestOf(journal, here.root);
    journal.publish(manifest);
    assert.deepEqual(readManifests(here.state), [manifest]);
    journal.update({ ...manifest, state: 'committed' });
    assert.deepEqual(
      readManifests(here.state).map(({ state }) => state),
      ['committed'],
    );
    Journal.open(here.state, manifest.id, quiet).discard();
    assert.deepEqual(readdirSync(path.join(here.state, 'transactions')), []);
  });

  it('is cleared when its process died before it was complete, and not while it lives', () => {
    using here = scratch();
    mkdirSync(here.root);
    prepareStateDirectory(here.state, here.root);
    const transactions = path.join(here.state, 'transactions');
    const dead = path.join(transactions, `unfinished.${print({ ...ownMark(), started: '1' })}.x`);
    const living = path.join(transactions, `unfinished.${print(ownMark())}.x`);
    for (const folder of [dead, living]) mkdirSync(folder);
    clearUnfinished(here.state);
    assert.deepEqual([existsSync(dead), existsSync(living)], [false, true]);
  });

  for (const [what, text] of [
    ['no JSON', '{'],
    ['null', 'null'],
    ['a later format', '{"format":2,"id":"x"}'],
    ['that of another', '{"format":1,"id":"y"}'],
  ] as const) {
    it(`whose manifest is ${what} is an error, not overlooked`, () => {
      using here = scratch();
      mkdirSync(path.join(here.state, 'transactions/x'), { recursive: true });
      writeFileSync(path.join(here.state, 'transactions/x/manifest.json'), text);
      assert.throws(
        () => readManifests(here.state),
        (error) => error instanceof RepairError && error.code === 'journal-damaged',
      );
    });
  }
});

describe('the state directory', () => {
  it('may lie below the root of the live host only', () => {
    using here = scratch();
    mkdirSync(here.root);
    prepareStateDirectory(here.state, '/');
    assert.throws(
      () => {
        prepareStateDirectory(path.join(here.root, 'a/b'), here.root);
      },
      { code: 'state-inside-image', exitCode: 2 },
    );
    assert.throws(
      () => {
        prepareStateDirectory(here.root, here.root);
      },
      { code: 'state-inside-image' },
    );
    assert.deepEqual(readdirSync(here.root), []);
  });

  it('must not be writable by others', () => {
    using here = scratch();
    mkdirSync(here.root);
    mkdirSync(here.state);
    chmodSync(here.state, 0o777);
    assert.throws(
      () => {
        prepareStateDirectory(here.state, here.root);
      },
      { code: 'unsafe-state' },
    );
  });

  it('that cannot be made is a clear error', () => {
    using here = scratch();
    mkdirSync(here.root);
    writeFileSync(here.state, '');
    assert.throws(
      () => {
        prepareStateDirectory(path.join(here.state, 'x'), here.root);
      },
      { code: 'journal-failed', message: /nothing was changed/ },
    );
  });
});

describe('the identity of an image', () => {
  const image = { root: '/mnt/rescue', device: '1', inode: '2', born: '3' };
  const cases: readonly (readonly [string, Partial<typeof image>, boolean])[] = [
    ['itself', {}, true],
    ['mounted elsewhere', { root: '/mnt/other', device: '9' }, true],
    ['another disk at the same place', { born: '4' }, false],
    ['another directory', { inode: '5' }, false],
  ];
  for (const [what, differing, expected] of cases) {
    it(`${expected ? 'is that of' : 'is not that of'} ${what}`, () => {
      assert.equal(isSameImage(image, { ...image, ...differing }), expected);
    });
  }

  it('is at the same place only with path and device', () => {
    assert.ok(isSamePlace(image, { ...image }));
    assert.ok(!isSamePlace(image, { ...image, root: '/mnt/other' }));
    assert.ok(!isSamePlace(image, { ...image, device: '9' }));
  });

  it('needs path and device where the file system does not tell when the root was made', () => {
    const old = { ...image, born: '0' };
    assert.ok(isSameImage(old, old));
    assert.ok(!isSameImage(old, { ...old, root: '/mnt/other' }));
    assert.ok(!isSameImage(old, { ...old, device: '9' }));
  });
});
