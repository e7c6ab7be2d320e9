import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { apply } from '../../../images/write/apply.js';
import { listTransactions, recover, undo } from '../../../images/write/undo.js';
import { failure, planChanges, plantTree, planted, writing } from '../../support/transaction.js';
import { difference, walk } from '../../support/walk.js';
import { inProject } from '../../support/project.js';

describe('undo', () => {
  it('takes back one transaction after the other, the last first', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const before = walk(here.root);
    await apply(here.root, await planChanges(here.root), options);
    const between = walk(here.root);
    await apply(here.root, await writing(here.root, '/etc/shadow', 'third\n'), options);
    await undo(here.root, options);
    assert.deepEqual(difference(walk(here.root), between), []);
    await undo(here.root, options);
    assert.deepEqual(difference(walk(here.root), before), []);
    await assert.rejects(undo(here.root, options), failure('nothing-to-undo'));
  });

  it('refuses to take back an earlier one that a later one built on', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const { id } = await apply(here.root, await planChanges(here.root), options);
    await apply(here.root, await writing(here.root, '/etc/shadow', 'third\n'), options);
    const now = walk(here.root);
    await assert.rejects(
      undo(here.root, { ...options, id }),
      failure('changed', /wrote it: \/etc\/shadow; nothing was written/),
    );
    assert.deepEqual(difference(walk(here.root), now), []);
  });

  it('refuses what changed since, naming every path', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    await apply(here.root, await planChanges(here.root), options);
    writeFileSync(path.join(here.root, 'etc/init.d/agent'), 'edited');
    writeFileSync(path.join(here.root, 'opt/new/tool/more'), 'added');
    writeFileSync(path.join(here.root, 'etc/old/deep'), 'again');
    const now = walk(here.root);
    await assert.rejects(
      undo(here.root, options),
      failure('changed', /init\.d\/agent/, /\/opt\/new\/tool\/more/, /\/etc\/old\/deep/),
    );
    assert.deepEqual(difference(walk(here.root), now), []);
    assert.equal(listTransactions(here.state).length, 1);
  });

  it('gives a directory its mode back, whatever else is in it, and refuses when that was changed since', async () => {
    using here = planted();
    const bin = path.join(here.root, 'usr/bin');
    const options = { stateDirectory: here.state, source: 'test' };
    const before = walk(here.root);
    await apply(here.root, await planChanges(here.root), options);
    chmodSync(bin, 0o700);
    await assert.rejects(undo(here.root, options), failure('changed', /hallmark wrote it: \/usr\/bin;/));
    chmodSync(bin, 0o2711);
    await undo(here.root, options);
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  it('leaves the time of a directory that someone else has written to since', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const before = walk(here.root);
    await apply(here.root, await planChanges(here.root), options);
    writeFileSync(path.join(here.root, 'etc/rc3.d/S99other'), '');
    await undo(here.root, options);
    const changed = difference(walk(here.root), before).map((line) => line.split(':')[0]);
    assert.deepEqual(changed, ['/etc/rc3.d', '/etc/rc3.d/S99other']);
  });

  it('follows an image that was moved, and refuses another at the same place', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const before = walk(here.root);
    const { id } = await apply(here.root, await planChanges(here.root), options);
    const moved = path.join(here.path, 'moved');
    renameSync(here.root, moved);
    mkdirSync(here.root);
    plantTree(here.root);
    await assert.rejects(undo(here.root, options), failure('nothing-to-undo'));
    await assert.rejects(undo(here.root, { ...options, id }), failure('other-image'));
    await undo(moved, options);
    assert.deepEqual(difference(walk(moved), before), []);
  });

  it('puts a file back as the hard link it was, and as a copy when its other names are gone', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const inode = statSync(path.join(here.root, 'etc/twin-b')).ino;
    const { warnings } = await apply(here.root, await writing(here.root, '/etc/twin-a', 'parted\n'), options);
    assert.match(warnings.join(), /\/etc\/twin-a had 1 hard link/);
    await undo(here.root, options);
    assert.equal(statSync(path.join(here.root, 'etc/twin-a')).ino, inode);
    await apply(here.root, await writing(here.root, '/etc/twin-a', 'parted\n'), options);
    unlinkSync(path.join(here.root, 'etc/twin-b'));
    const undone = await undo(here.root, options);
    assert.match(undone.warnings.join(), /\/etc\/twin-a was put back as a copy/);
    assert.equal(readFileSync(path.join(here.root, 'etc/twin-a'), 'utf8'), 'twins\n');
  });

  it('refuses originals that were tampered with, and can be finished when they are back', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const before = walk(here.root);
    const { id } = await apply(here.root, await planChanges(here.root), options);
    const folder = path.join(here.state, 'transactions', id);
    const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as {
      touched: { path: string; before: { original: number } }[];
    };
    const shadow = manifest.touched.find((each) => each.path === '/etc/shadow');
    const original = path.join(folder, 'originals', String(shadow?.before.original));
    const kept = readFileSync(original);
    writeFileSync(original, 'root:tampered\n');
    await assert.rejects(undo(here.root, options), failure('journal-damaged', /only partly undone/));
    writeFileSync(original, kept);
    await undo(here.root, options);
    assert.deepEqual(difference(walk(here.root), before), []);
  });
});

describe('recover', () => {
  it('keeps what someone else made of a path meanwhile, and says so', async () => {
    using here = planted();
    const script = inProject('dist/test/support/crash.js');
    const listing = spawnSync(process.execPath, [script, 'apply', here.root, here.state], {
      encoding: 'utf8',
    });
    const commit = (JSON.parse(listing.stdout) as string[]).lastIndexOf('journal: mark committed') + 1;
    await undo(here.root, { stateDirectory: here.state });
    const before = walk(here.root, { times: false });
    const child = spawn(process.execPath, [script, 'apply', here.root, here.state, String(commit)]);
    await once(child, 'exit');
    assert.notDeepEqual(difference(walk(here.root, { times: false }), before), []);
    writeFileSync(path.join(here.root, 'etc/latin1'), 'precious');
    const recovered = await recover(here.state);
    assert.match(
      recovered[0]?.warnings.join() ?? '',
      /^\/etc\/latin1 was kept: someone else replaced it by a file$/,
    );
    assert.equal(readFileSync(path.join(here.root, 'etc/latin1'), 'utf8'), 'precious');
    const others = difference(walk(here.root, { times: false }), before).map((line) => line.split(':')[0]);
    assert.deepEqual(others, ['/etc/latin1']);
  });

  it('is done by the next apply and the next undo, too', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const script = inProject('dist/test/support/crash.js');
    const changes = await planChanges(here.root);
    const before = walk(here.root);
    const crash = (): void => {
      // A step in the midst of the renames.
      const { signal } = spawnSync(process.execPath, [script, 'apply', here.root, here.state, '105']);
      assert.equal(signal, 'SIGKILL');
      assert.notDeepEqual(difference(walk(here.root), before), []);
      assert.equal(listTransactions(here.state, here.root)[0]?.state, 'applying');
    };
    crash();
    const { id: interrupted } = listTransactions(here.state, here.root)[0] ?? {};
    const { id, recovered } = await apply(here.root, changes, options);
    assert.deepEqual(
      recovered.map((each) => [each.id, each.how]),
      [[interrupted, 'recovered']],
    );
    assert.equal((await undo(here.root, options)).id, id);
    assert.deepEqual(difference(walk(here.root), before), []);
    crash();
    assert.equal((await undo(here.root, options)).how, 'recovered');
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  it('finds nothing to do where there is no journal', async () => {
    using here = planted();
    assert.deepEqual(await recover(here.state, here.root), []);
    assert.deepEqual(await recover(here.state), []);
  });
});
