import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ImageError } from '../../../images/base/errors.js';
import type { GuestPath } from '../../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../../images/image/memory.js';
import { baseName, join, parentOf } from '../../../images/image/resolve.js';

const tree: Record<string, MemoryNode> = {
  '/etc/passwd': 'root',
  '/etc/up': { link: '..' },
  '/etc/rooted': { link: '/etc/passwd' },
  '/etc/escape': { link: '../../../../etc/passwd' },
  '/etc/init.d': { link: 'rc.d/init.d' },
  '/etc/rc.d/init.d/sshd': '#!/bin/sh',
  '/etc/dangling': { link: '/nowhere/at/all' },
  '/etc/self': { link: 'self' },
  '/etc/ping': { link: 'pong' },
  '/etc/pong': { link: 'ping/x' },
  '/lib': { link: 'usr/lib' },
  '/usr/lib/systemd/system/a.service': '[Unit]',
  '/dev/fifo': { type: 'fifo' },
  '/etc/huge': { content: '', size: 1e12 },
};
const image = memoryImage(tree);

describe('resolve', () => {
  const resolved: [GuestPath, string | undefined][] = [
    ['/', '/'],
    ['/..', '/'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/etc/./passwd', '/etc/passwd'],
    ['//etc///passwd', '/etc/passwd'],
    ['/etc/rooted', '/etc/passwd'],
    ['/etc/escape', '/etc/passwd'],
    ['/etc/up/etc/passwd', '/etc/passwd'],
    ['/etc/init.d/sshd', '/etc/rc.d/init.d/sshd'],
    ['/etc/init.d/..', '/etc/rc.d'],
    ['/lib/systemd/system/a.service', '/usr/lib/systemd/system/a.service'],
    ['/etc/dangling', undefined],
    ['/etc/passwd/x', undefined],
    ['/etc/passwd/..', undefined],
    ['/missing/..', undefined],
  ];
  for (const [path, expected] of resolved) {
    it(`${path} is ${expected ?? 'nowhere'}`, async () => {
      assert.equal(await image.realPath(path), expected);
    });
  }

  for (const path of ['/etc/self', '/etc/ping', '/etc/ping/x/y'] as GuestPath[]) {
    it(`${path} is a loop, which leads nowhere`, async () => {
      assert.equal(await image.stat(path), undefined);
      assert.equal(await image.realPath(path), undefined);
      assert.equal(await image.readText(path), undefined);
      assert.equal(await image.readDir(path), undefined);
    });
  }

  it('makes nothing below a loop', async () => {
    assert.equal(await image.lstat('/etc/ping/x/y'), undefined);
    await assert.rejects(
      image.locate('/etc/ping/x/y'),
      (error) => error instanceof ImageError && error.code === 'link-loop',
    );
  });

  it('does not follow the last component of lstat, readLink and locate', async () => {
    assert.equal((await image.lstat('/etc/rooted'))?.type, 'link');
    assert.equal(await image.readLink('/etc/rooted'), '/etc/passwd');
    assert.equal(await image.locate('/etc/init.d/new'), '/etc/rc.d/init.d/new');
    assert.equal(await image.locate('/etc/rooted'), '/etc/rooted');
    assert.equal(await image.locate('/not/there/yet'), '/not/there/yet');
  });

  it('never opens what is no file', async () => {
    await assert.rejects(image.readFile('/dev/fifo'), /\/dev\/fifo is a fifo where a file is expected/);
    await assert.rejects(image.readFile('/etc'), /is a directory/);
  });

  it('does not read a file of absurd size', async () => {
    await assert.rejects(
      image.readFile('/etc/huge'),
      (error) => error instanceof ImageError && error.code === 'too-large',
    );
  });

  it('lists a directory through a link, sorted', async () => {
    assert.deepEqual(await image.readDir('/etc/init.d'), [{ name: 'sshd', type: 'file' }]);
    const names = (await image.readDir('/etc'))?.map(({ name }) => name) ?? [];
    assert.deepEqual(names, [...names].sort());
    assert.equal(await image.readDir('/etc/passwd'), undefined);
    assert.equal(await image.readDir('/missing'), undefined);
  });

  it('ends at a path without links, whatever links a tree has', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const target = fc.array(fc.constantFrom('a', 'b', 'c', '..', '.', ''), { minLength: 1, maxLength: 4 });
    const links = fc.dictionary(
      fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
      target,
    );
    await fc.assert(
      fc.asyncProperty(links, fc.array(name, { minLength: 1, maxLength: 4 }), async (table, parts) => {
        // Longer paths first would put a link above another entry, which no real tree has.
        const nodes: Record<string, MemoryNode> = {};
        for (const [path, link] of Object.entries(table).sort(([a], [b]) => a.length - b.length)) {
          const shadowed = Object.keys(nodes).some(
            (other) => path.startsWith(`${other}/`) || other.startsWith(`${path}/`),
          );
          if (!shadowed) nodes[path] = { link: link.join('/') };
        }
        const guest = memoryImage(nodes);
        const end = await guest.realPath(`/${parts.join('/')}`);
        if (end === undefined) return;
        for (let path = end; path !== '/'; path = parentOf(path)) {
          assert.notEqual((await guest.tree.entry(path))?.type, 'link');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes paths apart and puts them together', () => {
    assert.equal(join('/', 'etc'), '/etc');
    assert.equal(join('/etc', 'passwd'), '/etc/passwd');
    assert.equal(parentOf('/etc/passwd'), '/etc');
    assert.equal(parentOf('/etc'), '/');
    assert.equal(parentOf('/'), '/');
    assert.equal(baseName('/etc/passwd'), 'passwd');
    assert.equal(baseName('/'), '');
  });
});
