import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { write } from '../../../images/image/change.js';
import { openDirectory } from '../../../images/image/directory.js';
import { ImageError } from '../../../images/base/errors.js';
import type { GuestPath, Image } from '../../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../../images/image/memory.js';
import { overlay } from '../../../images/image/overlay.js';
import { openTarball } from '../../../images/image/tarball/read.js';
import { packTarball } from '../../support/tarballs.js';
import { plant } from '../../support/trees.js';

/** One guest, with everything that the kinds of image have to agree about. */
const guest: Record<string, MemoryNode> = {
  '/etc/os-release': 'ID=debian\n',
  '/etc/alternatives/vi': { link: '/usr/bin/vim' },
  '/etc/init.d/script': { content: '#!/bin/sh\n', mode: 0o755 },
  '/etc/rc2.d/S01script': { link: '../init.d/script' },
  '/etc/latin': Buffer.from('caf\xe9\n', 'latin1'),
  '/etc/empty': '',
  '/etc/empty.d': { type: 'directory' },
  '/etc/abroad': { link: '../../../../../etc/passwd' },
  '/etc/loop': { link: 'loop' },
  '/etc/secret': { content: 'x', mode: 0o600 },
  '/lib': { link: 'usr/lib' },
  '/usr/lib/systemd/system/a.service': '[Unit]\n',
  '/usr/bin/setuid': { content: 'x', mode: 0o4755 },
  '/usr/share/big': 'x'.repeat(200_000),
};

const scratch = mkdtempSync(join(tmpdir(), 'hallmark-contract-'));
after(() => {
  rmSync(scratch, { recursive: true });
});

/** The kinds, each made of the same guest. */
const kinds: Record<string, () => Promise<Image>> = {
  memory: async () => memoryImage(guest),
  directory: async () => {
    const root = mkdtempSync(join(scratch, 'root-'));
    plant(root, guest);
    return openDirectory(root);
  },
  'the host, by another root': async () => {
    const root = mkdtempSync(join(scratch, 'host-'));
    plant(root, guest);
    return openDirectory(root, 'host');
  },
  tarball: () => tarball('plain.tar', { inputs: ['/**'] }),
  'compressed tarball without ./': () => tarball('bare.tar.gz', { inputs: ['/**'], gzip: true, prefix: '' }),
  'tarball of which nobody said what will be read': () => tarball('undeclared.tar', { inputs: [] }),
  overlay: async () => {
    const { '/etc/os-release': osRelease, '/usr/lib/systemd/system/a.service': unit, ...rest } = guest;
    const base = memoryImage({ ...rest, '/usr/lib': { type: 'directory' } });
    const first = await write(base, '/etc/os-release', osRelease as string);
    return overlay(base, [...first, ...(await write(base, '/lib/systemd/system/a.service', unit as string))]);
  },
};

async function tarball(
  name: string,
  { inputs, ...packing }: { inputs: string[]; gzip?: boolean; prefix?: string },
): Promise<Image> {
  const path = join(scratch, name);
  await packTarball(guest, path, packing);
  return openTarball(path, inputs);
}

for (const [kind, open] of Object.entries(kinds)) {
  describe(`contract of images: ${kind}`, () => {
    let image: Image;
    before(async () => {
      image = await open();
    });
    after(async () => {
      await image[Symbol.asyncDispose]();
    });

    it('reads files, through links too', async () => {
      assert.equal(await image.readText('/etc/os-release'), 'ID=debian\n');
      assert.equal(await image.readText('/etc/rc2.d/S01script'), '#!/bin/sh\n');
      assert.equal(await image.readText('/lib/systemd/system/a.service'), '[Unit]\n');
      assert.equal(await image.readText('/etc/empty'), '');
      assert.deepEqual(await image.readFile('/etc/latin'), Buffer.from('caf\xe9\n', 'latin1'));
      assert.equal((await image.readFile('/usr/share/big'))?.length, 200_000);
    });

    it('says undefined for what is not there, on every question', async () => {
      for (const path of [
        '/missing',
        '/etc/os-release/x',
        '/etc/alternatives/vi',
        '/etc/abroad',
      ] as GuestPath[]) {
        assert.equal(await image.stat(path), undefined, path);
        assert.equal(await image.readFile(path), undefined, path);
        assert.equal(await image.readDir(path), undefined, path);
        assert.equal(await image.realPath(path), undefined, path);
      }
      assert.equal(await image.lstat('/missing'), undefined);
      assert.equal(await image.readLink('/etc/os-release'), undefined);
    });

    it('tells type, mode, size and target', async () => {
      assert.deepEqual(
        { ...(await image.lstat('/etc/rc2.d/S01script')), mode: 0, uid: 0, gid: 0 },
        { type: 'link', mode: 0, uid: 0, gid: 0, size: 16, target: '../init.d/script' },
      );
      assert.equal((await image.lstat('/usr/bin/setuid'))?.mode, 0o4755);
      assert.equal((await image.stat('/lib'))?.type, 'directory');
      assert.equal((await image.stat('/etc/latin'))?.size, 5);
      assert.equal((await image.stat('/'))?.type, 'directory');
    });

    it('lists directories', async () => {
      assert.deepEqual(await image.readDir('/etc/empty.d'), []);
      assert.deepEqual((await image.readDir('/lib/systemd/system')) ?? [], [
        { name: 'a.service', type: 'file' },
      ]);
      assert.deepEqual(
        (await image.readDir('/'))?.map(({ name }) => name),
        ['etc', 'lib', 'usr'],
      );
    });

    it('ends loops, and does not read beyond the limit', async () => {
      assert.equal(await image.readFile('/etc/loop'), undefined);
      await assert.rejects(
        image.readFile('/usr/share/big', 1000),
        (error) => error instanceof ImageError && error.code === 'too-large',
      );
      await assert.rejects(
        image.readFile('/etc'),
        (error) => error instanceof ImageError && error.code === 'not-a-file',
      );
    });
  });
}
