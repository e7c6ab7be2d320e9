import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { apply } from '../../../images/write/apply.js';
import { type ImageIdentity, type Manifest, identify } from '../../../images/write/journal.js';
import { ownMark, print } from '../../../images/write/lock.js';
import { listTransactions, recover, undo } from '../../../images/write/undo.js';
import { remove } from '../../../images/image/change.js';
import { openDirectory } from '../../../images/image/directory.js';
import { failure, planChanges, planted } from '../../support/transaction.js';
import { difference, walk } from '../../support/walk.js';
import { inProject } from '../../support/project.js';

const script = inProject('dist/test/support/crash.js');
const dead = print({ ...ownMark(), started: '1' });

/** The manifest that is kept, rewritten. */
function rewrite(state: string, edit: (manifest: Manifest) => Partial<Manifest>): Manifest {
  const [manifest] = listTransactions(state);
  assert.ok(manifest);
  const file = path.join(state, 'transactions', manifest.id, 'manifest.json');
  writeFileSync(file, JSON.stringify({ ...manifest, ...edit(manifest) }));
  return manifest;
}

/** What a clone's disk would be: inode and birth time of this root, at another place. */
function elsewhere(root: string): ImageIdentity {
  return { ...identify(root), root: '/mnt/template', device: '1' };
}

/** A copy of a root, before anything was done to it. */
function cloned(root: string): string {
  const clone = `${root}-clone`;
  execFileSync('cp', ['-a', root, clone]);
  return clone;
}

/** A run on the root that dies in the midst of its renames. */
function crash(root: string, state: string): void {
  assert.equal(spawnSync(process.execPath, [script, 'apply', root, state, '105']).signal, 'SIGKILL');
}

describe('a journal of a clone', () => {
  it('is not undone on its twin, even where that was changed alike', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const clone = cloned(here.root);
    const changes = await planChanges(clone);
    const { id } = await apply(here.root, await planChanges(here.root), options);
    const real = rewrite(here.state, () => ({ image: elsewhere(clone) }));
    const before = walk(clone);
    await assert.rejects(undo(clone, { ...options, id }), failure('other-image', /nothing was written/));
    await assert.rejects(undo(clone, options), failure('other-image'));
    assert.deepEqual(difference(walk(clone), before), []);
    const { id: own } = await apply(clone, changes, options);
    assert.deepEqual(
      listTransactions(here.state, clone).map((each) => each.id),
      [own],
    );
    await assert.rejects(undo(clone, { ...options, id }), failure('other-image'));
    assert.equal((await undo(clone, options)).id, own);
    assert.deepEqual(difference(walk(clone), before), []);
    rewrite(here.state, () => ({ image: real.image }));
    assert.equal((await undo(here.root, options)).id, id);
  });

  it('is not recovered on its twin, and is kept for its own', async () => {
    using here = planted();
    const clone = cloned(here.root);
    const before = walk(clone);
    crash(here.root, here.state);
    const real = rewrite(here.state, () => ({ image: elsewhere(clone) }));
    assert.deepEqual(await recover(here.state, clone), []);
    await assert.rejects(undo(clone, { stateDirectory: here.state }), failure('other-image'));
    assert.deepEqual(difference(walk(clone), before), []);
    rewrite(here.state, () => ({ image: real.image }));
    assert.deepEqual(
      (await recover(here.state, here.root)).map((each) => each.id),
      [real.id],
    );
    assert.deepEqual(difference(walk(here.root), before), []);
  });
});

describe('a journal of a moved image', () => {
  it('is undone by what was written', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const before = walk(here.root);
    await apply(here.root, await planChanges(here.root), options);
    rewrite(here.state, () => ({ image: elsewhere(here.root) }));
    await undo(here.root, options);
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  it('is undone by the times of directories where things were only removed', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const clone = cloned(here.root);
    const before = walk(here.root);
    {
      await using image = openDirectory(here.root);
      await apply(here.root, await remove(image, '/etc/latin1'), options);
    }
    rewrite(here.state, () => ({ image: elsewhere(clone) }));
    await assert.rejects(undo(clone, options), failure('other-image'));
    rewrite(here.state, () => ({ image: elsewhere(here.root) }));
    await undo(here.root, options);
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  it('is recovered by what was written, and never while its process lives', async () => {
    using here = planted();
    const before = walk(here.root);
    crash(here.root, here.state);
    const halfway = walk(here.root);
    rewrite(here.state, () => ({ image: elsewhere(here.root), writer: print(ownMark()) }));
    assert.deepEqual(await recover(here.state, here.root), []);
    await assert.rejects(undo(here.root, { stateDirectory: here.state }), failure('other-image'));
    assert.deepEqual(difference(walk(here.root), halfway), []);
    rewrite(here.state, () => ({ writer: dead }));
    assert.equal((await recover(here.state, here.root)).length, 1);
    assert.deepEqual(difference(walk(here.root), before), []);
  });
});

describe('a journal that was cut short', () => {
  it('names the process that was at work', () => {
    using here = planted();
    crash(here.root, here.state);
    assert.match(listTransactions(here.state)[0]?.writer ?? '', /^\d+\.\d+\.[0-9a-f]{8}\.\d+$/);
  });

  it('is kept where nothing of its transaction is found', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    {
      await using image = openDirectory(here.root);
      await apply(here.root, await remove(image, '/etc/latin1'), options);
    }
    writeFileSync(path.join(here.root, 'etc/latin1'), 'of another disk');
    rewrite(here.state, () => ({ state: 'applying', writer: dead }));
    assert.deepEqual(await recover(here.state, here.root), []);
    assert.equal(listTransactions(here.state).length, 1);
    assert.equal(readFileSync(path.join(here.root, 'etc/latin1'), 'utf8'), 'of another disk');
  });
});
