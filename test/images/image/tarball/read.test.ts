import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { mock } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ImageError } from '../../../../images/base/errors.js';
import type { Input } from '../../../../images/image/inputs.js';
import type { GuestPath, Image } from '../../../../images/image/image.js';
import { openTarball } from '../../../../images/image/tarball/read.js';
import { type Made, Scratch, archive, made, oldSparse, pax } from './archives.js';

describe('openTarball', () => {
  const scratch = new Scratch();
  const opened: Image[] = [];

  async function open(bytes: Buffer, inputs: readonly Input[] = []): Promise<Image> {
    const image = await openTarball(scratch.file(bytes), inputs);
    opened.push(image);
    return image;
  }

  afterEach(async () => {
    for (const image of opened.splice(0)) await image[Symbol.asyncDispose]();
  });
  after(() => {
    scratch.remove();
  });

  async function refuses(bytes: Buffer, code: string, message: RegExp): Promise<void> {
    await assert.rejects(open(bytes), (error) => {
      assert.ok(error instanceof ImageError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /[\x00-\x1f]/);
      return true;
    });
  }

  it('tells what is there', async () => {
    const image = await open(
      archive(
        { name: './', type: '5', mode: 0o700, uid: 3 },
        { name: './etc/', type: '5', mode: 0o755 },
        { name: './etc/passwd', data: 'root:x:0:0', mode: 0o640, uid: 1, gid: 2 },
        { name: './etc/link', type: '2', target: 'passwd' },
        { name: './dev/null', type: '3', mode: 0o666 },
        { name: './run/pipe', type: '6' },
      ),
    );
    assert.equal(image.kind, 'tarball');
    assert.deepEqual(await image.lstat('/'), { type: 'directory', mode: 0o700, uid: 3, gid: 0, size: 0 });
    assert.deepEqual(await image.lstat('/etc/passwd'), {
      type: 'file',
      mode: 0o640,
      uid: 1,
      gid: 2,
      size: 10,
    });
    assert.deepEqual(await image.lstat('/etc/link'), {
      type: 'link',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: 6,
      target: 'passwd',
    });
    assert.deepEqual(await image.lstat('/dev'), { type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0 });
    assert.deepEqual(await image.readDir('/etc'), [
      { name: 'link', type: 'link' },
      { name: 'passwd', type: 'file' },
    ]);
    assert.equal(await image.lstat('/etc/shadow'), undefined);
    assert.equal(await image.lstat('/etc/passwd/x'), undefined);
    await assert.rejects(image.readFile('/dev/null'), { code: 'not-a-file' });
    await assert.rejects(image.readFile('/run/pipe'), { code: 'not-a-file' });
  });

  for (const spelling of ['etc/x', './etc/x', './/etc//x', 'etc/./x', './etc/././/x']) {
    it(`knows ${spelling} as /etc/x`, async () => {
      assert.equal(await (await open(archive({ name: spelling, data: 'here' }))).readText('/etc/x'), 'here');
    });
  }

  for (const name of ['/etc/x', '../x', 'etc/../../x', 'etc/..', '..', '//x']) {
    it(`refuses the name ${name}`, () =>
      refuses(archive({ name, data: 'x' }), 'unsafe-name', new RegExp(`"${name}"`)));
  }
  it('refuses a hard link that leads out', () =>
    refuses(
      archive({ name: 'x', type: '1', target: '../../etc/shadow' }),
      'unsafe-name',
      /"..\/..\/etc\/shadow"/,
    ));
  it('shows a name with escape sequences without harm', () =>
    refuses(archive({ name: '/\x1b[31mred\n' }), 'unsafe-name', /u001b\[31mred\\n/));

  it('does not take in more than it may keep when it is opened, and reads the rest when asked', async () => {
    const size = 4 * 1024 * 1024;
    const names = Array.from({ length: 16 }, (_, at) => `etc/x/${at}`);
    const bytes = gzipSync(archive(...names.map((name) => ({ name, data: Buffer.alloc(size) }))), {
      level: 1,
    });
    const allocate = mock.method(Buffer, 'allocUnsafeSlow');
    const image = await open(bytes, ['/etc/x/*']).finally(() => {
      allocate.mock.restore();
    });
    const taken = allocate.mock.calls.filter(({ arguments: [length] }) => length === size).length;
    assert.equal(taken, 12); // 48 MiB
    for (const name of ['etc/x/0', 'etc/x/15'])
      assert.equal((await image.readFile(`/${name}`))?.length, size);
  });

  describe('takes the last of several entries for a path:', () => {
    const cases: readonly [string, readonly Made[], (image: Image) => Promise<void>][] = [
      [
        'files',
        [
          { name: 'x', data: 'old' },
          { name: './x', data: 'new', mode: 0o600 },
        ],
        async (image) => {
          assert.equal(await image.readText('/x'), 'new');
          assert.equal((await image.lstat('/x'))?.mode, 0o600);
        },
      ],
      [
        'a file, then a directory',
        [
          { name: 'x', data: 'old' },
          { name: 'x/', type: '5' },
          { name: 'x/y', data: 'y' },
        ],
        async (image) => {
          assert.equal(await image.readText('/x/y'), 'y');
        },
      ],
      [
        'an empty directory, then a file',
        [
          { name: 'x/', type: '5' },
          { name: 'x', data: 'new' },
        ],
        async (image) => {
          assert.equal(await image.readText('/x'), 'new');
        },
      ],
      [
        'a link, then a file',
        [
          { name: 'x', type: '2', target: '/y' },
          { name: 'x', data: 'new' },
          { name: 'y', data: 'y' },
        ],
        async (image) => {
          assert.equal(await image.readText('/x'), 'new');
          assert.equal(await image.readText('/y'), 'y');
        },
      ],
      [
        'a link, then a directory',
        [
          { name: 'x', type: '2', target: '/y' },
          { name: 'x/', type: '5' },
          { name: 'x/z', data: 'z' },
        ],
        async (image) => {
          assert.equal(await image.readText('/x/z'), 'z');
          assert.equal(await image.lstat('/y'), undefined);
        },
      ],
      [
        'a directory, twice',
        [
          { name: 'x/', type: '5' },
          { name: 'x/y', data: 'y' },
          { name: 'x/', type: '5', mode: 0o700 },
        ],
        async (image) => {
          assert.equal((await image.lstat('/x'))?.mode, 0o700);
          assert.equal(await image.readText('/x/y'), 'y');
        },
      ],
    ];
    for (const [what, entries, check] of cases) {
      it(what, async () => {
        await check(await open(archive(...entries)));
        await check(await open(archive(...entries), ['/**']));
      });
    }
  });

  describe('refuses what programs unpack differently:', () => {
    it('an entry below a link', () =>
      refuses(
        archive({ name: 'etc', type: '2', target: '/tmp' }, { name: 'etc/x', data: 'x' }),
        'corrupt',
        /byte 512: the entry "etc\/x" lies below a link, "etc"/,
      ));
    it('an entry deep below a link', () =>
      refuses(
        archive({ name: 'a/b', type: '2', target: '..' }, { name: 'a/b/c/d/e', data: 'x' }),
        'corrupt',
        /lies below a link, "b"/,
      ));
    it('an entry below a file', () =>
      refuses(archive({ name: 'a', data: 'x' }, { name: 'a/b' }), 'corrupt', /lies below a file/));
    it('a link in place of a directory with something in it', () =>
      refuses(
        archive({ name: 'a/b', data: 'x' }, { name: 'a', type: '2', target: '/tmp' }),
        'corrupt',
        /not empty/,
      ));
    it('a root that is a link', () =>
      refuses(archive({ name: './', type: '2', target: '/' }), 'corrupt', /is the root/));
    it('a hard link to nothing', () =>
      refuses(
        archive({ name: 'a', type: '1', target: 'gone' }),
        'corrupt',
        /the entry "a" is a hard link to "gone", which is missing/,
      ));
    it('a hard link to what comes later', () =>
      refuses(archive({ name: 'a', type: '1', target: 'b' }, { name: 'b' }), 'corrupt', /hard link to "b"/));
    it('a hard link to a directory', () =>
      refuses(
        archive({ name: 'a/', type: '5' }, { name: 'b', type: '1', target: 'a' }),
        'corrupt',
        /to a directory/,
      ));
    it('a hard link through a link', () =>
      refuses(
        archive(
          { name: 'd/f', data: 'x' },
          { name: 'l', type: '2', target: 'd' },
          { name: 'b', type: '1', target: 'l/f' },
        ),
        'corrupt',
        /is missing/,
      ));
  });

  it('gives a hard link the content of its target, kept or not, and whatever the target becomes', async () => {
    const bytes = archive(
      { name: 'bin/a', data: 'shared', mode: 0o755, uid: 4 },
      { name: 'etc/b', type: '1', target: 'bin/a' },
      { name: 'etc/c', type: '1', target: './etc/b' },
      { name: 'bin/a', data: 'replaced' },
      { name: 'etc/l', type: '2', target: 'b' },
      { name: 'etc/m', type: '1', target: 'etc/l' },
    );
    for (const inputs of [[], ['/bin/*'], ['/etc/*'], ['/**']]) {
      const image = await open(bytes, inputs);
      assert.equal(await image.readText('/etc/b'), 'shared');
      assert.equal(await image.readText('/etc/c'), 'shared');
      assert.equal(await image.readText('/bin/a'), 'replaced');
      assert.equal(await image.readText('/etc/m'), 'shared');
      assert.deepEqual(await image.lstat('/etc/c'), { type: 'file', mode: 0o755, uid: 4, gid: 0, size: 6 });
      assert.equal((await image.lstat('/etc/m'))?.type, 'link');
    }
  });

  it('never leads out of the root by links', async () => {
    const image = await open(
      archive(
        { name: 'abs', type: '2', target: '/etc/hostname' },
        { name: 'up', type: '2', target: '../../../../etc/hostname' },
        { name: 'loop', type: '2', target: 'loop' },
        { name: 'etc/hostname', data: 'guest' },
      ),
      ['/abs', '/up', '/loop'],
    );
    assert.equal(await image.readText('/abs'), 'guest');
    assert.equal(await image.readText('/up'), 'guest');
    assert.equal(await image.readText('/loop'), undefined);
  });

  it('knows names that are not UTF-8', async () => {
    const image = await open(archive({ name: Buffer.from('etc/caf\xe9', 'latin1'), data: 'x' }));
    assert.deepEqual(await image.readDir('/etc'), [{ name: 'caf\udce9', type: 'file' }]);
    assert.equal(await image.readText('/etc/caf\udce9'), 'x');
  });

  it('fills the holes of a sparse configuration file', async () => {
    const { entry, content } = oldSparse('etc/sparse', 30);
    for (const inputs of [[], ['/etc/*']]) {
      const image = await open(archive(entry), inputs);
      assert.equal((await image.lstat('/etc/sparse'))?.size, content.length);
      assert.ok((await image.readFile('/etc/sparse'))?.equals(content));
    }
  });

  it('does not read a sparse file of absurd size', async () => {
    const huge = String(2 ** 50);
    const image = await open(
      archive({ name: 'etc/x', data: 'a', pax: pax({ 'GNU.sparse.size': huge, 'GNU.sparse.map': '0,1' }) }),
      ['/etc/*'],
    );
    assert.equal((await image.lstat('/etc/x'))?.size, 2 ** 50);
    await assert.rejects(image.readFile('/etc/x'), { code: 'too-large' });
  });

  it('honours the limit of an input, and the one of the reader', async () => {
    const image = await open(archive({ name: 'log', data: 'x'.repeat(2000) }), [
      { glob: '/log', limit: 1000 },
    ]);
    await assert.rejects(image.readFile('/log', 1999), { code: 'too-large' });
    assert.equal((await image.readFile('/log', 2000))?.length, 2000);
  });

  describe('keeps in one or two passes what inputs name', () => {
    // With the archive gone, only what was kept can be read.
    async function kept(
      entries: readonly Made[],
      inputs: readonly Input[],
      path: GuestPath,
    ): Promise<string | undefined> {
      const file = scratch.file(archive(...entries));
      const image = await openTarball(file, inputs);
      opened.push(image);
      writeFileSync(file, '');
      return image.readText(path);
    }
    const unit = { name: 'usr/lib/systemd/system/a.service', data: 'unit' };
    const cases: readonly [string, readonly Made[], readonly Input[], GuestPath][] = [
      ['by name', [unit], ['/usr/lib/systemd/system/a.service'], '/usr/lib/systemd/system/a.service'],
      ['by a glob', [unit], ['/usr/lib/**/*.service'], '/usr/lib/systemd/system/a.service'],
      ['by braces', [unit], ['/{etc,usr/lib}/systemd/system/*'], '/usr/lib/systemd/system/a.service'],
      [
        'by a link to it',
        [unit, { name: 'etc/a', type: '2', target: '/usr/lib/systemd/system/a.service' }],
        ['/etc/*'],
        '/etc/a',
      ],
      [
        'below a link',
        [unit, { name: 'lib', type: '2', target: 'usr/lib' }],
        ['/lib/systemd/system/*'],
        '/lib/systemd/system/a.service',
      ],
      [
        'below an unusual link',
        [unit, { name: 'units', type: '2', target: 'usr/lib/systemd/system' }],
        ['/units/*'],
        '/units/a.service',
      ],
      [
        'below a link within a glob',
        [unit, { name: 'etc/rc3.d', type: '2', target: '/usr/lib/systemd/system' }],
        ['/etc/rc?.d/*'],
        '/etc/rc3.d/a.service',
      ],
      [
        'behind two links',
        [
          unit,
          { name: 'etc/i', type: '2', target: '/x' },
          { name: 'x/a', type: '2', target: '/usr/lib/systemd/system/a.service' },
        ],
        ['/etc/i/*'],
        '/etc/i/a',
      ],
    ];
    for (const [what, entries, inputs, path] of cases) {
      it(what, async () => {
        assert.equal(await kept(entries, inputs, path), 'unit');
      });
    }
    it('and nothing else', async () => {
      await assert.rejects(kept([unit], ['/usr/lib/*'], '/usr/lib/systemd/system/a.service'), {
        code: 'changed',
      });
    });
  });

  it('reads what nobody named, many at once in one pass', async () => {
    const entries = Array.from({ length: 50 }, (_, at) => ({ name: `f${at}`, data: `content ${at}` }));
    const image = await open(gzipSync(archive(...entries)));
    const texts = await Promise.all(entries.map(({ name }) => image.readText(`/${name}`)));
    assert.deepEqual(
      texts,
      entries.map(({ data }) => data),
    );
  });

  it('notices that the archive was changed', async () => {
    const file = scratch.file(archive({ name: 'x', data: 'abc' }));
    const image = await openTarball(file, []);
    opened.push(image);
    appendFileSync(file, Buffer.alloc(512));
    await assert.rejects(image.readText('/x'), { code: 'changed' });
  });

  describe('gzip', () => {
    const bytes = archive({ name: 'x', data: 'abc' });
    const whole = gzipSync(bytes);
    it('is read, in several members or with zeros after it', async () => {
      for (const variant of [
        whole,
        Buffer.concat([gzipSync(bytes.subarray(0, 700)), gzipSync(bytes.subarray(700))]),
        Buffer.concat([whole, Buffer.alloc(2000)]),
      ]) {
        assert.equal(await (await open(variant)).readText('/x'), 'abc');
      }
    });
    it('is refused when it is cut', () =>
      refuses(whole.subarray(0, whole.length - 12), 'corrupt', /damaged at byte \d+: its gzip data/));
    it('is refused with garbage after it', () =>
      refuses(Buffer.concat([whole, Buffer.from('boo')]), 'corrupt', /gzip/));
    it('is refused with garbage after zeros after it', () =>
      refuses(Buffer.concat([whole, Buffer.alloc(9), Buffer.from('boo')]), 'corrupt', /gzip/));
    it('is refused when its checksum is wrong', () => {
      const wrong = Buffer.from(whole);
      wrong[wrong.length - 6]! ^= 1;
      return refuses(wrong, 'corrupt', /gzip/);
    });
    it('is refused when it holds no archive', () =>
      refuses(gzipSync('x'.repeat(2000)), 'corrupt', /byte 0: it is not a tar archive/));
    it('is read when its boundary lies where a chunk ends', async () => {
      // Members stored without compression, so that the first can be made to end at any byte.
      const data = Buffer.alloc(400_000, 'x');
      const big = archive({ name: 'big', data }, { name: 'x', data: 'abc' });
      const size = 262_144;
      const cuts = Array.from({ length: 80 }, (_, at) => size - 80 + at);
      const first = cuts
        .map((cut) => ({ cut, member: gzipSync(big.subarray(0, cut), { level: 0 }) }))
        .find(({ member }) => member.length === size);
      assert.ok(first, 'no member of that size');
      const second = gzipSync(big.subarray(first.cut), { level: 0 });
      assert.equal(await (await open(Buffer.concat([first.member, second]))).readText('/x'), 'abc');
      await refuses(Buffer.concat([first.member, Buffer.from('boo')]), 'corrupt', /gzip/);
    });
  });

  it('says clearly what it does not read', async () => {
    await refuses(Buffer.alloc(0), 'corrupt', /is empty/);
    await refuses(Buffer.from('BZh91AY&SY'), 'unsupported', /bzip2/);
    await refuses(Buffer.from('some text, and not a short one'.repeat(50)), 'corrupt', /not a tar archive/);
    await refuses(made({ name: 'x', data: 'abc' }).subarray(0, 700), 'corrupt', /byte 700/);
    await assert.rejects(openTarball(scratch.path('missing.tar'), []), { code: 'missing' });
    await assert.rejects(openTarball(scratch.folder, []), { code: 'not-a-file' });
  });

  it('names the package of a decompressor that is missing', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = scratch.folder;
    try {
      for (const [start, hint] of [
        ['28b52ffd', 'Install the package zstd.'],
        ['fd377a585a00', 'Install the package xz-utils.'],
      ] as const) {
        await assert.rejects(open(Buffer.from(start, 'hex')), { code: 'missing-tool', hint });
      }
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('lets go of the file when it fails', async () => {
    const before = readdirSync('/proc/self/fd').length;
    for (let count = 0; count < 20; count++) await assert.rejects(open(Buffer.alloc(1024, 'x')));
    assert.ok(readdirSync('/proc/self/fd').length <= before + 2);
  });

  it('stays small with very many entries', async function () {
    this.timeout(300_000);
    const parts: Buffer[] = [];
    for (let at = 0; at < 100_000; at++)
      parts.push(made({ name: `usr/share/d${at >> 7}/file${at}`, data: at % 10 ? '' : 'x' }));
    const file = scratch.file(gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]), { level: 1 }));
    parts.length = 0;
    const before = process.memoryUsage().heapUsed;
    const image = await openTarball(file, []);
    opened.push(image);
    const used = process.memoryUsage().heapUsed - before;
    assert.equal((await image.readDir('/usr/share/d1'))?.length, 128);
    assert.ok(used < 80e6, `${used} bytes`);
  });

  it('ends with an ImageError, if at all, on any damage of a compressed archive', async () => {
    const sample = gzipSync(
      archive(
        { name: 'a/', type: '5' },
        { name: 'a/b', data: 'x'.repeat(3000) },
        { name: 'c', type: '1', target: 'a/b' },
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(sample.length),
        async (changes, length) => {
          const bytes = Buffer.from(sample);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            await open(bytes.subarray(0, length), ['/**']);
          } catch (error) {
            assert.ok(error instanceof ImageError, String(error));
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
