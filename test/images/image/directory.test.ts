import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectory } from '../../../images/image/directory.js';
import { ImageError } from '../../../images/base/errors.js';
import type { GuestPath } from '../../../images/image/image.js';

describe('directory', () => {
  let scratch: string;
  let root: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'hallmark-directory-'));
    root = join(scratch, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(scratch, 'canary'), 'of the host');
  });
  afterEach(() => {
    rmSync(scratch, { recursive: true });
  });

  it('never reads what a link outside leads to', async () => {
    symlinkSync(join(scratch, 'canary'), join(root, 'etc/absolute'));
    symlinkSync('../../canary', join(root, 'etc/relative'));
    symlinkSync(scratch, join(root, 'outside'));
    await using image = openDirectory(root);
    for (const path of ['/etc/absolute', '/etc/relative', '/outside/canary', '/../canary'] as GuestPath[]) {
      assert.equal(await image.readText(path), undefined, path);
    }
  });

  it('reaches no further when a directory is swapped for a link while it looks', async () => {
    mkdirSync(join(scratch, 'victim'));
    writeFileSync(join(scratch, 'victim/file'), 'of the host');
    writeFileSync(join(root, 'etc/file'), 'of the guest');
    await using image = openDirectory(root);
    assert.equal((await image.stat('/etc'))?.type, 'directory');
    renameSync(join(root, 'etc'), join(root, 'was-etc'));
    symlinkSync(join(scratch, 'victim'), join(root, 'etc'));
    assert.notEqual(await image.readText('/etc/file'), 'of the host');
  });

  it('does not wait for a FIFO, and opens no socket', async () => {
    execFileSync('mkfifo', [join(root, 'etc/fifo')]);
    const server = createServer().listen(join(root, 'etc/socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    await using image = openDirectory(root);
    await assert.rejects(image.readFile('/etc/fifo'), /is a fifo/);
    await assert.rejects(image.readFile('/etc/socket'), /is a socket/);
    await new Promise((resolve) => server.close(resolve));
  });

  it('does not read a sparse file of a terabyte', async () => {
    writeFileSync(join(root, 'etc/sparse'), '');
    truncateSync(join(root, 'etc/sparse'), 2 ** 40);
    await using image = openDirectory(root);
    await assert.rejects(
      image.readFile('/etc/sparse'),
      (error) => error instanceof ImageError && error.code === 'too-large',
    );
  });

  it('carries names that are not UTF-8', async () => {
    const name = Buffer.concat([Buffer.from(join(root, 'etc/caf')), Buffer.from([0xe9])]);
    writeFileSync(name, 'au lait');
    await using image = openDirectory(root);
    const [found] = (await image.readDir('/etc')) ?? [];
    assert.equal(await image.readText(`/etc/${found?.name ?? ''}`), 'au lait');
  });

  it('keeps a bounded number of directories open, and closes them all', async () => {
    for (let i = 0; i < 600; i++) {
      mkdirSync(join(root, `d${i}`));
      writeFileSync(join(root, `d${i}/file`), String(i));
    }
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    const image = openDirectory(root);
    for (let i = 0; i < 600; i++) assert.equal(await image.readText(`/d${i}/file`), String(i));
    assert.ok(open() - before <= 260);
    await image[Symbol.asyncDispose]();
    assert.equal(open(), before);
  });

  it('says in one line what cannot be opened', () => {
    assert.throws(() => openDirectory(join(scratch, 'missing')), /cannot open .*missing: ENOENT/);
    assert.throws(() => openDirectory(join(scratch, 'canary')), /cannot open .*canary: ENOTDIR/);
  });
});
