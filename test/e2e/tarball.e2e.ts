import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { $ } from 'zx';
import { link, remove, write } from '../../images/image/change.js';
import { openDirectory } from '../../images/image/directory.js';
import type { Change, GuestPath, Image } from '../../images/image/image.js';
import { overlay } from '../../images/image/overlay.js';
import { join as below } from '../../images/image/resolve.js';
import { RecordSplitter } from '../../images/image/tarball/records.js';
import { openTarball } from '../../images/image/tarball/read.js';
import { writeTarball } from '../../images/write/tarball/write.js';
import { Scratch } from '../images/image/tarball/archives.js';
import { setting } from '../support/switches.js';

const quiet = $({ quiet: true, env: { ...process.env, LC_ALL: 'C' } });
const tarOptions = ['--numeric-owner', '--xattrs', '--xattrs-include=*'];
const compressions = { tar: [], gz: ['-z'], zst: ['--zstd'], xz: ['-J'] };

/** A file with data here and there, and holes between. */
function sparseFile(path: string, segments: number): void {
  const file = openSync(path, 'w');
  for (let at = 0; at < segments; at++) writeSync(file, `segment ${at}`, (2 * at + 1) * 65536);
  ftruncateSync(file, (2 * segments + 3) * 65536);
  closeSync(file);
}

/** @param wide - with what only the newer formats can hold */
async function makeTree(root: string, wide: boolean): Promise<void> {
  mkdirSync(join(root, 'etc/dir'), { recursive: true });
  writeFileSync(join(root, 'etc/conf'), 'a=1\n');
  writeFileSync(join(root, 'etc/gone'), 'to be removed\n');
  writeFileSync(join(root, 'etc/exactly-one-block'), 'x'.repeat(512));
  writeFileSync(join(root, 'etc/empty'), '');
  writeFileSync(Buffer.concat([Buffer.from(`${root}/etc/caf`), Buffer.from([0xe9])]), 'latin');
  writeFileSync(join(root, 'etc/\u00e4\u{1f600} name\nwith a line'), 'utf8');
  writeFileSync(join(root, 'etc', 'n'.repeat(90)), 'ninety');
  await quiet`cd ${root} && ln etc/conf etc/conf-too && ln -s conf etc/link && ln -s /abs/target etc/abs && ln etc/gone etc/gone-too &&
    mkfifo etc/pipe && mknod etc/zero c 1 5 && mknod etc/disk b 7 200 && chmod 4755 etc/empty && chmod 1777 etc/dir && chown 1000:2000 etc/conf`;
  if (!wide) return;
  const deep = join(root, ...Array.from({ length: 6 }, (_, at) => `${at}`.repeat(60)));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'f'.repeat(200)), 'deep');
  for (const segments of [1, 3, 5, 26, 60]) sparseFile(join(root, `sparse${segments}`), segments);
  writeFileSync(join(root, 'old'), 'before 1970');
  writeFileSync(join(root, 'far'), 'after 2242');
  writeFileSync(join(root, 'owned'), 'by someone far out');
  await quiet`cd ${root} && ln -s ${'t'.repeat(200)} longlink && ln ${join(deep, 'f'.repeat(200))} hard &&
    setfattr -n user.binary -v 0x00ff0a3d20 etc/conf && setfattr -n user.text -v plain old &&
    chown 3000000000:2999999999 owned &&
    touch -d 1955-11-05T06:15:00.123456789Z old && touch -d 2300-01-01T00:00:00.5Z far && touch -d 2001-02-03T04:05:06.987654321Z etc/dir`;
}

async function assertSame(one: Image, other: Image, path: GuestPath = '/'): Promise<number> {
  const names = await one.readDir(path);
  assert.deepEqual(names, await other.readDir(path), path);
  let count = 0;
  for (const { name, type } of names ?? []) {
    const child = below(path, name);
    const [mine, theirs] = [await one.lstat(child), await other.lstat(child)];
    if (type === 'directory') assert.deepEqual({ ...mine, size: 0 }, { ...theirs, size: 0 }, child);
    else if (type === 'file' || type === 'link') assert.deepEqual(mine, theirs, child);
    else assert.deepEqual({ ...mine, size: 0 }, { ...theirs, size: 0 }, child);
    if (type === 'directory') count += await assertSame(one, other, child);
    if (type === 'file' && (mine?.size ?? 0) < 20e6) {
      assert.ok((await one.readFile(child, 20e6))?.equals((await other.readFile(child, 20e6))!), child);
    }
    count += 1;
  }
  return count;
}

/** Everything of a tree but the content of its files, by other programs than ours. */
async function facts(root: string): Promise<string[]> {
  const { stdout: entries } =
    await quiet`cd ${root} && find . -printf ${'%p %y %m %U %G %T@ %n %l\\0'} | sort -z | tr '\\0\\n' '\\n?'`;
  const { stdout: sums } =
    await quiet`cd ${root} && find . -type f -print0 | sort -z | xargs -0 sha256sum -z | tr '\\0\\n' '\\n?'`;
  const { stdout: attributes } =
    await quiet`cd ${root} && getfattr -R -h -d -m ${'^user|^security.capability'} -e hex . || true`;
  return [...entries.split('\n'), ...sums.split('\n'), ...attributes.split('\n\n')];
}

async function changesOf(
  path: string,
  plan: readonly ((image: Image) => Promise<Change[]>)[],
): Promise<Change[]> {
  const image = await openTarball(path, ['/etc/*']);
  const changes: Change[] = [];
  for (const step of plan) changes.push(...(await step(await overlay(image, changes))));
  await image[Symbol.asyncDispose]();
  return changes;
}

function records(bytes: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer[]>();
  let parts: Buffer[] = [];
  for (const event of new RecordSplitter('x').push(bytes)) {
    if (event.kind === 'record') found.set(event.record.name, (parts = [event.record.raw]));
    else if (event.kind === 'data') parts.push(event.bytes);
  }
  return new Map([...found].map(([name, all]) => [name, Buffer.concat(all)]));
}

describe('tarballs, held against GNU tar', function () {
  this.timeout(600_000);
  const scratch = new Scratch();
  const trees = { plain: join(scratch.folder, 'plain'), wide: join(scratch.folder, 'wide') };

  before(async () => {
    assert.equal(process.getuid?.(), 0, 'needs root, to make devices and give files away');
    await makeTree(trees.plain, false);
    await makeTree(trees.wide, true);
  });
  after(() => {
    scratch.remove();
  });

  async function unpack(archive: string): Promise<string> {
    const root = scratch.path();
    mkdirSync(root);
    await quiet`tar ${tarOptions} -p -C ${root} -xf ${archive}`;
    return root;
  }

  const formats: readonly [format: string, tree: keyof typeof trees, options: readonly string[]][] = [
    // Unix v7 had no way to store devices and FIFOs.
    ['v7', 'plain', ['--exclude=pipe', '--exclude=zero', '--exclude=disk']],
    ['ustar', 'plain', []],
    ['oldgnu', 'wide', []],
    ['oldgnu', 'wide', ['--sparse']],
    ['gnu', 'wide', []],
    ['gnu', 'wide', ['--sparse']],
    ['pax', 'wide', ['--xattrs']],
    ['pax', 'wide', ['--xattrs', '--sparse', '--sparse-version=0.0']],
    ['pax', 'wide', ['--xattrs', '--sparse', '--sparse-version=0.1']],
    ['pax', 'wide', ['--xattrs', '--sparse', '--sparse-version=1.0']],
  ];
  for (const [format, tree, options] of formats) {
    describe(`--format=${format} ${options.join(' ')}`, () => {
      const archive = scratch.path();
      before(() => quiet`tar --format=${format} ${options} -C ${trees[tree]} -cf ${archive} .`);

      it('is read as GNU tar unpacks it', async () => {
        const root = await unpack(archive);
        const [image, directory] = [await openTarball(archive, ['/etc/*']), openDirectory(root)];
        assert.ok((await assertSame(image, directory)) > 10);
        await image[Symbol.asyncDispose]();
        await directory[Symbol.asyncDispose]();
      });

      it('is written so that GNU tar sees the changes and nothing else', async () => {
        const isWide = tree === 'wide';
        const changes = await changesOf(archive, [
          (image) => write(image, '/etc/conf', 'a=2\nb=3\n'),
          (image) => remove(image, '/etc/gone'),
          (image) => write(image, '/etc/new/file', 'new\n'),
          (image) => link(image, '/etc/link', 'new/file'),
          ...(isWide ? [(image: Image) => write(image, '/sparse26', 'no longer sparse')] : []),
        ]);
        const output = scratch.path();
        await writeTarball(archive, changes, output);
        const [old, now] = [await facts(await unpack(archive)), await facts(await unpack(output))];
        const touched = /^\S* ?\.?\/?.*etc\/(?:conf|gone|new|link)|etc\/(?:conf|gone|new|link)|sparse26/;
        const differing = [
          ...old.filter((line) => !now.includes(line)),
          ...now.filter((line) => !old.includes(line)),
        ];
        assert.deepEqual(
          differing.filter((line) => !touched.test(line) && !/^\.(?:\/etc)? d /.test(line)),
          [],
        );
        const seen = now.join('\n');
        assert.match(seen, /\.\/etc\/conf f 644 1000 2000 /);
        assert.match(seen, /\.\/etc\/conf-too f 644 1000 2000 /);
        assert.match(seen, /\.\/etc\/new\/file f 644 0 0 /);
        assert.doesNotMatch(seen, /\.\/etc\/gone /);
        if (options.includes('--xattrs')) {
          for (const name of ['conf', 'conf-too'])
            assert.match(seen, new RegExp(`# file: etc/${name}\\nuser\\.binary=0x00ff0a3d20`));
        }
        const root = await unpack(output);
        assert.equal(readFileSync(join(root, 'etc/conf'), 'utf8'), 'a=2\nb=3\n');
        assert.equal(readFileSync(join(root, 'etc/conf-too'), 'utf8'), 'a=1\n');
        assert.equal(readFileSync(join(root, 'etc/gone-too'), 'utf8'), 'to be removed\n');
        if (isWide) assert.equal(readFileSync(join(root, 'sparse26'), 'utf8'), 'no longer sparse');
        const [before, after] = [records(readFileSync(archive)), records(readFileSync(output))];
        let untouched = 0;
        for (const [name, bytes] of before) {
          if (/etc\/(?:conf|gone|new|link)|sparse26/.test(name)) continue;
          assert.ok(after.get(name)?.equals(bytes), name);
          untouched += 1;
        }
        assert.ok(untouched > 5);
      });
    });
  }

  for (const [name, flags] of Object.entries(compressions)) {
    it(`reads and writes .${name}`, async () => {
      const archive = scratch.path(`c.${name}`);
      await quiet`tar ${flags} --format=pax --xattrs -C ${trees.wide} -cf ${archive} .`;
      const changes = await changesOf(archive, [(image) => write(image, '/etc/conf', 'b')]);
      const [one, two] = [scratch.path(`o1.${name}`), scratch.path(`o2.${name}`)];
      const written = await writeTarball(archive, changes, one);
      assert.deepEqual(await writeTarball(archive, changes, two), written);
      assert.equal((await quiet`sha256sum < ${one}`).stdout.split(' ')[0], written.sha256);
      // GNU tar must find the same compression as it wrote.
      const listing = async (path: string): Promise<string> =>
        (await quiet`tar ${flags} --full-time -tvf ${path}`).stdout;
      const lines = new Set((await listing(archive)).split('\n'));
      const differing = (await listing(one)).split('\n').filter((line) => !lines.has(line));
      assert.ok(
        differing.every((line) => /etc\/conf/.test(line)),
        differing.join('\n'),
      );
      const image = await openTarball(one, ['/etc/*']);
      assert.equal(await image.readText('/etc/conf'), 'b');
      assert.equal(await image.readText('/etc/conf-too'), 'a=1\n');
      await image[Symbol.asyncDispose]();
    });

    it(`refuses a .${name} that is cut or damaged, and writes nothing`, async () => {
      const whole = readFileSync(scratch.path(`c.${name}`));
      const output = scratch.path();
      const damaged = Buffer.from(whole);
      damaged.fill(0xaa, whole.length >> 1, (whole.length >> 1) + 600);
      const cut = whole.subarray(0, (whole.length >> 1) + 1);
      for (const bytes of name === 'tar' ? [cut] : [cut, damaged]) {
        const source = scratch.file(bytes);
        await assert.rejects(openTarball(source, []), { code: 'corrupt', message: /damaged at byte \d+: / });
        await assert.rejects(writeTarball(source, [], output), { code: 'corrupt' });
        assert.ok(!existsSync(output));
      }
    });
  }

  const roots = setting('HALLMARK_E2E_ROOTS') ?? '';
  for (const name of ['systemd', 'sysv']) {
    it(`reads and rewrites the real root ${name}`, async () => {
      const archive = join(roots, `${name}.tar`);
      assert.ok(existsSync(archive), `HALLMARK_E2E_ROOTS must name the folder of ${name}.tar`);
      const root = await unpack(archive);
      const inputs = ['/etc/**', '/usr/lib/systemd/**', '/var/lib/dpkg/info/**'].map((glob) => ({
        glob,
        limit: 20e6,
      }));
      const [image, directory] = [await openTarball(archive, inputs), openDirectory(root)];
      for (const path of ['/etc', '/usr/lib/systemd', '/var/lib/dpkg/info', '/dev'] as const)
        await assertSame(directory, image, path);
      const changes = await write(image, '/etc/hostname', 'golden\n');
      await image[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
      const output = scratch.path();
      await writeTarball(archive, changes, output);
      const listing = async (path: string): Promise<string[]> =>
        (await quiet`tar --full-time -tvf ${path}`).stdout.split('\n');
      const before = new Set(await listing(archive));
      const differing = (await listing(output)).filter((line) => !before.has(line));
      assert.equal(differing.length, 1);
      assert.match(differing[0]!, / 7 .*etc\/hostname$/);
      const same = scratch.path();
      await writeTarball(archive, [], same);
      await quiet`cmp ${archive} ${same}`;
    });
  }
});
