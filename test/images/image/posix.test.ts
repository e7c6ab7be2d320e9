import assert from 'node:assert/strict';
import { preconditionOf, remove, write } from '../../../images/image/change.js';
import type { Change, GuestPath } from '../../../images/image/image.js';
import { memoryImage } from '../../../images/image/memory.js';
import { collapse, overlay } from '../../../images/image/overlay.js';
import { directoryAttributes, fileAttributes, linkOwner, samePosix } from '../../../images/image/posix.js';

const other = { mode: 0o2750, uid: 7, gid: 8 };

describe('POSIX attributes of a change', () => {
  it('of a file are those that it says, or those of the file it replaces, or 0644 root:root', () => {
    assert.deepEqual(fileAttributes({ posix: other }, { mode: 0o600, uid: 1, gid: 1 }), other);
    assert.deepEqual(fileAttributes({}, other), other);
    assert.deepEqual(fileAttributes({}, undefined), { mode: 0o644, uid: 0, gid: 0 });
  });

  it('of a directory: its owner stays unless it is given, and a new one gets 0755 root:root', () => {
    assert.deepEqual(directoryAttributes({ posix: { mode: 0o700 } }, other), { ...other, mode: 0o700 });
    assert.deepEqual(directoryAttributes({}, other), other);
    assert.deepEqual(directoryAttributes({}, undefined), { mode: 0o755, uid: 0, gid: 0 });
    const owner = { uid: 1, gid: 2 };
    assert.deepEqual(directoryAttributes({ posix: { mode: 0o700, owner } }, other), {
      mode: 0o700,
      ...owner,
    });
  });

  it('of a link are its owner alone', () => {
    assert.deepEqual(linkOwner({ posix: { uid: 1, gid: 2 } }, other), { uid: 1, gid: 2 });
    assert.deepEqual(linkOwner({}, other), { uid: 7, gid: 8 });
    assert.deepEqual(linkOwner({}, undefined), { uid: 0, gid: 0 });
  });

  it('are not compared with what a guest does not have', () => {
    assert.ok(samePosix(other, { ...other }));
    assert.ok(samePosix(other, undefined));
    for (const wrong of [{ mode: 0 }, { uid: 0 }, { gid: 0 }])
      assert.ok(!samePosix(other, { ...other, ...wrong }));
  });
});

describe('a change without POSIX attributes', () => {
  const image = memoryImage({ '/etc/x': { content: 'old', ...other } });
  const content = { bytes: Buffer.from('new') };
  const writing = async (path: GuestPath): Promise<Change> => ({
    ...{ kind: 'write', path, content },
    expect: await preconditionOf(image, path),
  });

  it('keeps those that are there, and gives something new the usual ones', async () => {
    const view = await overlay(image, [
      await writing('/etc/x'),
      await writing('/etc/y'),
      { kind: 'directory', path: '/etc/z', expect: { type: 'absent' } },
    ]);
    const attributesOf = async (path: GuestPath): Promise<unknown[]> => {
      const { mode, uid, gid } = (await view.lstat(path)) ?? {};
      return [mode, uid, gid];
    };
    assert.deepEqual(await attributesOf('/etc/x'), [0o2750, 7, 8]);
    assert.deepEqual(await attributesOf('/etc/y'), [0o644, 0, 0]);
    assert.deepEqual(await attributesOf('/etc/z'), [0o755, 0, 0]);
  });

  it('comes to nothing when the content is there already', async () => {
    const same = { ...(await writing('/etc/x')), content: { bytes: Buffer.from('old') } } as Change;
    assert.deepEqual(collapse([same]), []);
    const there: Change = { kind: 'directory', path: '/etc', expect: { type: 'directory' } };
    assert.deepEqual(collapse([there]), []);
    assert.equal(collapse([await writing('/etc/x')]).length, 1);
  });

  it('differs from the changes that fixers describe, which say all', async () => {
    const [described] = await write(image, '/etc/x', 'new');
    assert.deepEqual(described?.kind === 'write' && described.posix, other);
    const [removal] = await remove(image, '/etc/x');
    assert.deepEqual(removal?.expect.type === 'file' && removal.expect.posix, other);
  });
});
