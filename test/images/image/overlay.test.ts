import assert from 'node:assert/strict';
import { link, preconditionOf, remove, write } from '../../../images/image/change.js';
import type { Change } from '../../../images/image/image.js';
import { memoryImage } from '../../../images/image/memory.js';
import { collapse, overlay } from '../../../images/image/overlay.js';

const base = memoryImage({
  '/etc/hostname': 'old\n',
  '/etc/rc.d/init.d/a': { content: '#!/bin/sh\n', mode: 0o755 },
  '/etc/init.d': { link: 'rc.d/init.d' },
  '/etc/empty': { type: 'directory' },
  '/etc/latin': Buffer.from('caf\xe9\n', 'latin1'),
});

describe('change', () => {
  it('keeps owner and mode of a file that it rewrites, and gives a new one sane ones', async () => {
    const [rewrite] = await write(base, '/etc/init.d/a', '#!/bin/sh\n:\n');
    assert.equal(rewrite?.path, '/etc/rc.d/init.d/a');
    assert.ok(rewrite.kind === 'write' && rewrite.posix?.mode === 0o755 && rewrite.expect.type === 'file');
    const [created] = await write(base, '/etc/new', 'x');
    assert.ok(created?.kind === 'write' && created.posix?.mode === 0o644 && created.expect.type === 'absent');
  });

  it('makes the directories that are missing', async () => {
    const changes = await write(base, '/etc/systemd/system/a.service.d/x.conf', '[Unit]\n');
    assert.deepEqual(
      changes.map(({ kind, path }) => [kind, path]),
      [
        ['directory', '/etc/systemd'],
        ['directory', '/etc/systemd/system'],
        ['directory', '/etc/systemd/system/a.service.d'],
        ['write', '/etc/systemd/system/a.service.d/x.conf'],
      ],
    );
  });

  it('is nothing where there is nothing to do', async () => {
    assert.deepEqual(await write(base, '/etc/hostname', 'old\n'), []);
    assert.deepEqual(await link(base, '/etc/init.d', 'rc.d/init.d'), []);
    assert.deepEqual(await remove(base, '/etc/missing'), []);
  });

  it('does not harm bytes that are not UTF-8', async () => {
    const text = await base.readText('/etc/latin');
    const [change] = await write(base, '/etc/latin', `# ${text ?? ''}`);
    assert.ok(change?.kind === 'write' && 'bytes' in change.content);
    assert.deepEqual(change.content.bytes, Buffer.from('# caf\xe9\n', 'latin1'));
  });
});

describe('overlay', () => {
  it('shows the image as it would be, and leaves the base alone', async () => {
    const changes = [
      ...(await write(base, '/etc/hostname', 'new\n')),
      ...(await link(base, '/etc/rc2.d/S01a', '../init.d/a')),
      ...(await remove(base, '/etc/init.d/a')),
    ];
    const view = await overlay(base, changes);
    assert.equal(await view.readText('/etc/hostname'), 'new\n');
    assert.deepEqual(await view.readDir('/etc/rc2.d'), [{ name: 'S01a', type: 'link' }]);
    assert.equal(await view.stat('/etc/rc2.d/S01a'), undefined);
    assert.equal(await view.lstat('/etc/rc.d/init.d/a'), undefined);
    assert.deepEqual(await view.readDir('/etc/init.d'), []);
    assert.equal(await base.readText('/etc/hostname'), 'old\n');
    assert.equal((await base.stat('/etc/init.d/a'))?.mode, 0o755);
  });

  it('shows owners and modes of directories and links that are made or changed', async () => {
    const owner = { uid: 7, gid: 8 };
    const there = await preconditionOf(base, '/etc/empty');
    const absent = { type: 'absent' } as const;
    const view = await overlay(base, [
      { kind: 'directory', path: '/etc/made', expect: absent, posix: { mode: 0o2750, owner } },
      { kind: 'link', path: '/etc/made/link', expect: absent, target: 'x', posix: owner },
      { kind: 'directory', path: '/etc/empty', expect: there, posix: { mode: 0o700 } },
    ]);
    assert.deepEqual(await view.lstat('/etc/made'), { type: 'directory', mode: 0o2750, ...owner, size: 0 });
    const link = await view.lstat('/etc/made/link');
    assert.deepEqual([link?.uid, link?.gid, link?.target], [7, 8, 'x']);
    assert.equal((await view.lstat('/etc/empty'))?.mode, 0o700);
  });

  it('lets changes be described on top of others', async () => {
    const first = await write(base, '/etc/hostname', 'one\n');
    const second = await write(await overlay(base, first), '/etc/hostname', 'two\n');
    const view = await overlay(base, [...first, ...second]);
    assert.equal(await view.readText('/etc/hostname'), 'two\n');
  });

  it('refuses a change that could not be applied', async () => {
    const stray: Change = { kind: 'link', path: '/etc/hostname/x', expect: { type: 'absent' }, target: 'y' };
    await assert.rejects(overlay(base, [stray]), /is not a directory/);
    const full: Change = { kind: 'remove', path: '/etc/rc.d', expect: { type: 'directory' } };
    await assert.rejects(overlay(base, [full]), /that is not empty/);
    const under: Change = {
      kind: 'directory',
      path: '/etc/hostname',
      expect: { type: 'absent' },
      posix: { mode: 0o755 },
    };
    await assert.rejects(overlay(base, [under]), /is a file; a directory cannot replace it/);
    const onto: Change = { kind: 'link', path: '/etc/rc.d', expect: { type: 'directory' }, target: 'y' };
    await assert.rejects(overlay(base, [onto]), /that is not empty/);
  });
});

describe('collapse', () => {
  it('brings changes down to one a path, against the base', async () => {
    const first = await write(base, '/etc/hostname', 'one\n');
    const second = await write(await overlay(base, first), '/etc/hostname', 'two\n');
    const made = await link(base, '/etc/rc3.d/S01a', '../init.d/a');
    const back = await remove(await overlay(base, made), '/etc/rc3.d/S01a');
    const collapsed = collapse([...first, ...made, ...back, ...second]);
    assert.deepEqual(
      collapsed.map(({ kind, path }) => [kind, path]),
      [
        ['write', '/etc/hostname'],
        ['directory', '/etc/rc3.d'],
      ],
    );
    assert.deepEqual(collapsed[0]?.expect, first[0]?.expect);
  });

  it('keeps a mere change of mode, owner, attributes or time, and drops what changes nothing', async () => {
    const there = await preconditionOf(base, '/etc/empty');
    const posix = { mode: 0o755 };
    const directory: Change = { kind: 'directory', path: '/etc/empty', expect: there, posix };
    assert.deepEqual(collapse([directory]), []);
    for (const change of [
      { ...directory, posix: { mode: 0o700 } },
      { ...directory, posix: { ...posix, owner: { uid: 1, gid: 0 } } },
      { ...directory, posix: { ...posix, extended: {} } },
    ])
      assert.equal(collapse([change]).length, 1);
    const [writing] = await write(base, '/etc/hostname', 'new\n');
    assert.ok(writing?.kind === 'write' && writing.posix);
    const same: Change = { ...writing, content: { bytes: Buffer.from('old\n') } };
    assert.deepEqual(collapse([same]), []);
    assert.equal(collapse([{ ...same, modified: 1 }]).length, 1);
    assert.equal(collapse([{ ...same, posix: { ...writing.posix, extended: {} } }]).length, 1);
  });

  it('puts directories before what is in them, and removals last, deepest first', async () => {
    const changes = [
      ...(await remove(base, '/etc/empty')),
      ...(await remove(base, '/etc/init.d/a')),
      ...(await write(base, '/etc/b/c', 'x')),
    ];
    assert.deepEqual(
      collapse(changes).map(({ path }) => path),
      ['/etc/b', '/etc/b/c', '/etc/rc.d/init.d/a', '/etc/empty'],
    );
  });
});
