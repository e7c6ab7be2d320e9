import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  lstatSync,
  writeFileSync,
} from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { link, preconditionOf, remove, write } from '../../../../images/image/change.js';
import { sha256 } from '../../../../images/base/sha256.js';
import { HallmarkError } from '../../../../images/base/errors.js';
import type { Change, GuestPath, Image } from '../../../../images/image/image.js';
import { overlay } from '../../../../images/image/overlay.js';
import { RecordSplitter, type TarRecord } from '../../../../images/image/tarball/records.js';
import { openTarball } from '../../../../images/image/tarball/read.js';
import { writeTarball } from '../../../../images/write/tarball/write.js';
import { type Made, Scratch, archive, made, oldSparse, pax } from '../../image/tarball/archives.js';

interface Listed {
  readonly record: TarRecord;
  /** Header and data. */
  readonly bytes: Buffer;
}

function list(bytes: Buffer): Listed[] {
  const found: { record: TarRecord; parts: Buffer[] }[] = [];
  for (const event of new RecordSplitter('x').push(bytes)) {
    if (event.kind === 'record') found.push({ record: event.record, parts: [event.record.raw] });
    else if (event.kind === 'data') found.at(-1)?.parts.push(event.bytes);
    else if (event.kind === 'close') found.at(-1)?.parts.push(event.padding);
  }
  return found.map(({ record, parts }) => ({ record, bytes: Buffer.concat(parts) }));
}

describe('writeTarball', () => {
  const scratch = new Scratch();
  after(() => {
    scratch.remove();
  });

  /** Writes an archive with the changes that `plan` makes of it, each seeing those before. */
  async function rewrite(
    entries: readonly Made[] | Buffer,
    ...plan: readonly ((image: Image) => Promise<Change[]>)[]
  ): Promise<{ before: Listed[]; after: Listed[]; image: Image; bytes: Buffer }> {
    const source = Buffer.isBuffer(entries) ? entries : archive(...entries);
    const path = scratch.file(source);
    const changes: Change[] = [];
    const original = await openTarball(path, ['/**']);
    for (const step of plan) changes.push(...(await step(await overlay(original, changes))));
    await original[Symbol.asyncDispose]();
    const output = scratch.path();
    const written = await writeTarball(path, changes, output);
    const bytes = readFileSync(output);
    assert.equal(written.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(written.size, bytes.length);
    assert.ok(readFileSync(path).equals(source), 'the source was touched');
    assert.deepEqual(
      readdirSync(scratch.folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
    const image = await openTarball(output, ['/**']);
    await image.tree[Symbol.asyncDispose]();
    return { before: list(source), after: list(bytes), image, bytes };
  }

  const put =
    (path: GuestPath, content: string, attributes = {}) =>
    (image: Image): Promise<Change[]> =>
      write(image, path, content, attributes);
  const drop =
    (path: GuestPath) =>
    (image: Image): Promise<Change[]> =>
      remove(image, path);
  const names = (listed: readonly Listed[]): string[] => listed.map(({ record }) => record.name);

  it('writes owner, mode, attributes and time of what is installed, in the place of other attributes', async () => {
    const absent = { type: 'absent' } as const;
    const owner = { uid: 7, gid: 3_000_000_000 };
    const content = { bytes: Buffer.from('x') };
    const extended = { 'user.a=%': Buffer.from([0, 10, 61]).toString('base64') };
    const file = {
      kind: 'write',
      content,
      posix: { mode: 0o4755, ...owner, extended },
      modified: 1_234_567_890,
    } as const;
    const { after, image } = await rewrite(
      [
        { name: './', type: '5' },
        { name: './etc/', type: '5', mode: 0o755, pax: [['SCHILY.xattr.user.old', Buffer.from('o')]] },
        { name: './etc/x', data: 'old', pax: [['SCHILY.xattr.user.old', Buffer.from('o')]] },
      ],
      async (image) => [
        {
          kind: 'directory',
          path: '/etc',
          expect: await preconditionOf(image, '/etc'),
          posix: { mode: 0o1700, owner, extended },
        },
        { ...file, path: '/etc/x', expect: await preconditionOf(image, '/etc/x') },
        { kind: 'directory', path: '/etc/new', expect: absent, posix: { mode: 0o2750, owner } },
        { kind: 'link', path: '/etc/new/link', expect: absent, target: 'x', posix: owner },
        { ...file, path: '/etc/new/y', expect: absent },
      ],
    );
    const entry = await image.lstat('/etc');
    assert.deepEqual([entry?.mode, entry?.uid, entry?.gid], [0o1700, 7, 3_000_000_000]);
    const told = after.map(({ record: { name, mode, uid, gid, mtime, raw } }) => [
      name,
      mode.toString(8),
      `${uid}:${gid}`,
      mtime,
      raw.includes('user.old'),
      raw.includes(Buffer.concat([Buffer.from('SCHILY.xattr.user.a%3D%25='), Buffer.from([0, 10, 61, 10])])),
    ]);
    const who = '7:3000000000';
    assert.deepEqual(told.slice(1), [
      ['./etc/', '1700', who, 1_000_000_000, false, true],
      ['./etc/x', '4755', who, 1_234_567_890, false, true],
      ['./etc/new/', '2750', who, 1_000_000_000, false, false],
      ['./etc/new/link', '777', who, 1_000_000_000, false, false],
      ['./etc/new/y', '4755', who, 1_234_567_890, false, true],
    ]);
  });

  it('refuses a directory where something else is, and one that is not as it was read', async () => {
    const entries: Made[] = [
      { name: 'etc/', type: '5', mode: 0o755 },
      { name: 'etc/x', data: 'old' },
    ];
    const directory = { kind: 'directory', posix: { mode: 0o700 } } as const;
    await assert.rejects(
      rewrite(entries, async () => [
        {
          ...directory,
          path: '/etc',
          expect: { type: 'directory', posix: { mode: 0o711, uid: 0, gid: 0 } },
        },
      ]),
      /\/etc in .* is not what it was/,
    );
    const path = scratch.file(archive(...entries));
    const expect = { type: 'file', sha256: sha256(Buffer.from('old')) } as const;
    await assert.rejects(
      writeTarball(path, [{ ...directory, path: '/etc/x', expect }], scratch.path()),
      /is a file; a directory cannot replace it/,
    );
  });

  it('copies what is not changed byte for byte, whatever is strange about it', async () => {
    const entries: Made[] = [
      { name: './', type: '5', mode: 0o755 },
      { name: './etc/', type: '5' },
      { name: './etc/x', data: 'old' },
      { name: './far', mtime: -5, uid: 4_000_000_000, data: 'x' },
      { name: Buffer.from('./caf\xe9', 'latin1'), data: 'y' },
      {
        name: './cap',
        data: 'z',
        pax: [['SCHILY.xattr.security.capability', Buffer.from([1, 0, 10, 255, 61])]],
      },
      oldSparse('./sparse', 30).entry,
      { name: './dev', type: '3', patch: (header) => header.write('0000001\0' + '0000003\0', 329) },
      { name: './odd', type: 'Q', data: 'q'.repeat(600) },
    ];
    const { before, after, image } = await rewrite(entries, put('/etc/x', 'new content'));
    assert.deepEqual(names(after), names(before));
    for (const [at, { record, bytes }] of before.entries()) {
      if (record.name !== './etc/x') assert.ok(after[at]?.bytes.equals(bytes), record.name);
    }
    assert.equal(await image.readText('/etc/x'), 'new content');
  });

  it('gives the same bytes when nothing changes', async () => {
    const gzip = gzipSync(archive({ name: 'x', data: 'abc' }));
    for (const source of [
      archive({ name: 'x', data: 'abc' }),
      Buffer.concat([archive({ name: 'x' }), Buffer.alloc(300_000)]),
    ]) {
      assert.ok((await rewrite(source)).bytes.equals(source));
    }
    const path = scratch.file(gzip);
    const [one, two] = [scratch.path(), scratch.path()];
    assert.deepEqual(await writeTarball(path, [], one), await writeTarball(path, [], two));
    assert.ok(gunzipSync(readFileSync(one)).equals(gunzipSync(gzip)));
    assert.ok(readFileSync(one).subarray(4, 8).equals(Buffer.alloc(4)), 'a time in the gzip header');
  });

  it('ends an archive that has no end', async () => {
    const { bytes } = await rewrite(made({ name: 'x', data: 'abc' }));
    assert.ok(bytes.equals(archive({ name: 'x', data: 'abc' })));
  });

  it('keeps owner names, time and extended attributes of what it rewrites', async () => {
    const capability: [string, Buffer] = ['SCHILY.xattr.user.x', Buffer.from([0, 10, 255, 61, 32])];
    const entry: Made = {
      name: 'x',
      data: 'old',
      uid: 1000,
      gid: 3_000_000,
      mtime: -77,
      mode: 0o640,
      pax: [...pax({ mtime: '-76.25', size: '3' }), capability],
      patch: (header) => header.write('alice', 265),
    };
    const { after } = await rewrite([entry], put('/x', 'longer than before'));
    const { record } = after[0]!;
    assert.deepEqual(
      [record.uid, record.gid, record.mtime, record.mode, record.size],
      [1000, 3_000_000, -77, 0o640, 18],
    );
    assert.ok(record.raw.includes(capability[1]));
    assert.ok(record.raw.includes('mtime=-76.25'));
    assert.ok(record.raw.includes('alice'));
    assert.ok(!record.raw.includes(' size='));
  });

  it('gives a file another mode and owner, and not the former owner by name', async () => {
    const entry: Made = {
      name: 'x',
      data: 'a',
      uid: 7,
      patch: (header) => header.write('alice', 265),
      pax: pax({ uname: 'alice', uid: '7' }),
    };
    const { after } = await rewrite([entry], put('/x', 'a', { mode: 0o4755, uid: 0, gid: 5 }));
    const { record } = after[0]!;
    assert.deepEqual([record.mode, record.uid, record.gid], [0o4755, 0, 5]);
    assert.ok(!record.raw.includes('alice'));
    assert.equal(record.raw.toString('latin1', record.headerAt + 265, record.headerAt + 269), 'root');
  });

  it('makes a plain file of a sparse one', async () => {
    const pax1: Made = {
      name: 'GNUSparseFile.1/y',
      data: Buffer.concat([Buffer.from('1\n9\n1\n'.padEnd(512, '\0')), Buffer.from('a')]),
      pax: pax({
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'y',
        'GNU.sparse.realsize': '10',
      }),
    };
    const { after, image } = await rewrite(
      [oldSparse('x', 30).entry, pax1, { name: 'z', data: 'z' }],
      put('/x', 'plain x'),
      put('/y', 'plain y'),
    );
    assert.deepEqual(
      after.map(({ record }) => [record.name, record.sparse]),
      [
        ['x', undefined],
        ['y', undefined],
        ['z', undefined],
      ],
    );
    assert.equal(await image.readText('/x'), 'plain x');
    assert.equal(await image.readText('/y'), 'plain y');
  });

  it("adds entries at the end in the archive's own style, with the time of their directory", async () => {
    const { after, image } = await rewrite(
      [
        { name: './', type: '5', mtime: 5 },
        { name: './etc/', type: '5', mtime: 42 },
      ],
      put('/etc/a/b', 'new'),
      (at) => link(at, '/etc/l', '../x'),
      put(`/etc/${'n'.repeat(200)}`, 'long'),
      put('/etc/caf\udce9', 'latin'),
      put('/etc/owned', 'x', { uid: 3_000_000, gid: 99, mode: 0o600 }),
    );
    assert.deepEqual(names(after), [
      './',
      './etc/',
      './etc/a/',
      './etc/a/b',
      './etc/l',
      `./etc/${'n'.repeat(200)}`,
      './etc/caf\udce9',
      './etc/owned',
    ]);
    assert.deepEqual(
      after.slice(2).map(({ record }) => record.mtime),
      [42, 42, 42, 42, 42, 42],
    );
    assert.equal(await image.readLink('/etc/l'), '../x');
    assert.deepEqual(await image.lstat('/etc/owned'), {
      type: 'file',
      mode: 0o600,
      uid: 3_000_000,
      gid: 99,
      size: 1,
    });
    assert.deepEqual(await image.lstat('/etc/a'), {
      type: 'directory',
      mode: 0o755,
      uid: 0,
      gid: 0,
      size: 0,
    });
    assert.equal(await image.readText('/etc/caf\udce9'), 'latin');
  });

  it('sets back for a new entry what a global header says of all', async () => {
    const source = Buffer.concat([
      made({ name: 'g', type: 'g', data: '12 uid=1234\n' }),
      archive({ name: 'x', data: 'a' }),
    ]);
    const { image, bytes } = await rewrite(source, put('/new', 'a'), put('/x', 'b', { uid: 5 }));
    assert.equal((await image.lstat('/new'))?.uid, 0);
    assert.equal((await image.lstat('/x'))?.uid, 5);
    assert.ok(bytes.subarray(0, 1024).equals(source.subarray(0, 1024)));
  });

  it('replaces a thing by one of another type', async () => {
    const { image, after } = await rewrite(
      [
        { name: 'l', type: '2', target: 'x' },
        { name: 'f', data: 'file' },
        { name: 'd/', type: '5' },
        { name: 'long', type: '2', target: 't'.repeat(90) },
      ],
      put('/l', 'was a link'),
      (at) => link(at, '/f', 'was/a/file'),
      drop('/d'),
      (at) => link(at, '/long', 'u'.repeat(300)),
    );
    assert.equal(await image.readText('/l'), 'was a link');
    assert.equal(await image.readLink('/f'), 'was/a/file');
    assert.equal(await image.readLink('/long'), 'u'.repeat(300));
    assert.deepEqual(names(after), ['l', 'f', 'long']);
  });

  it('makes a file of an empty directory', async () => {
    const path = scratch.file(archive({ name: './d/', type: '5' }));
    const change: Change = {
      kind: 'write',
      path: '/d',
      expect: { type: 'directory' },
      content: { bytes: Buffer.from('x') },
      posix: { mode: 0o644, uid: 0, gid: 0 },
    };
    const output = scratch.path();
    await writeTarball(path, [change], output);
    assert.deepEqual(
      list(readFileSync(output)).map(({ record }) => [record.name, record.type]),
      [['./d', 'file']],
    );
  });

  it('lets no older copy of a changed path win', async () => {
    const entries: Made[] = [
      { name: 'x', data: 'one' },
      { name: './x', data: 'two' },
      { name: 'y', data: 'y' },
      { name: 'x', data: 'three' },
    ];
    assert.deepEqual(names((await rewrite(entries, drop('/x'))).after), ['y']);
    const { after, image } = await rewrite(entries, put('/x', 'new'));
    assert.deepEqual(names(after), ['y', 'x']);
    assert.equal(await image.readText('/x'), 'new');
  });

  describe('keeps the content of hard links whose target is', () => {
    const file: Made = {
      name: './a',
      data: 'shared',
      mode: 0o750,
      uid: 9,
      pax: pax({ 'SCHILY.xattr.user.x': 'kept' }),
    };
    const links: Made[] = [
      { name: './b', type: '1', target: './a' },
      { name: './c', type: '1', target: './a' },
      { name: './d', type: '1', target: './b' },
    ];
    for (const [what, plan] of [
      ['rewritten', put('/a', 'new')],
      ['removed', drop('/a')],
    ] as const) {
      it(what, async () => {
        const { after, image } = await rewrite([file, ...links], plan);
        for (const path of ['/b', '/c', '/d'] as const) {
          assert.equal(await image.readText(path), 'shared', path);
          assert.deepEqual(await image.lstat(path), { type: 'file', mode: 0o750, uid: 9, gid: 0, size: 6 });
        }
        assert.equal(await image.readText('/a'), what === 'removed' ? undefined : 'new');
        const [b, c, d] = after.slice(-3).map(({ record }) => record);
        assert.deepEqual(
          [b?.type, c?.type, c?.target, d?.type, d?.target],
          ['file', 'hard-link', './b', 'hard-link', './b'],
        );
        assert.ok(b?.raw.includes('SCHILY.xattr.user.x=kept'));
      });
    }

    it('another hard link, which is rewritten with the attributes of the file', async () => {
      const { after, image } = await rewrite([file, ...links], put('/b', 'new'));
      assert.equal(await image.readText('/b'), 'new');
      for (const path of ['/a', '/c', '/d'] as const)
        assert.equal(await image.readText(path), 'shared', path);
      assert.deepEqual([after[1]?.record.mode, after[1]?.record.uid], [0o750, 9]);
      assert.ok(after[1]?.record.raw.includes('SCHILY.xattr.user.x=kept'));
      assert.equal(after[3]?.record.target, './a');
    });

    it('gone together with others', async () => {
      const { after, image } = await rewrite([file, ...links], drop('/a'), drop('/b'), put('/c', 'new'));
      assert.equal(await image.readText('/d'), 'shared');
      assert.equal(await image.readText('/c'), 'new');
      assert.deepEqual(
        after.map(({ record }) => [record.name, record.type]),
        [
          ['./c', 'file'],
          ['./d', 'file'],
        ],
      );
    });

    it('replaced by a later entry, and then removed', async () => {
      const { image } = await rewrite([file, ...links, { name: './a', data: 'later' }], drop('/a'));
      assert.equal(await image.lstat('/a'), undefined);
      for (const path of ['/b', '/c', '/d'] as const)
        assert.equal(await image.readText(path), 'shared', path);
    });

    it('a link', async () => {
      const { image } = await rewrite(
        [
          { name: 'l', type: '2', target: 'x' },
          { name: 'm', type: '1', target: 'l' },
        ],
        drop('/l'),
      );
      assert.equal(await image.readLink('/m'), 'x');
    });

    it('sparse, with a long name to go to', async () => {
      const { entry, content } = oldSparse('s', 30);
      const long = `d/${'n'.repeat(200)}`;
      const { image } = await rewrite(
        [
          entry,
          { name: 'short', type: '1', target: 's', pax: pax({ path: long }) },
          { name: 'after', data: 'x' },
        ],
        put('/s', 'new'),
      );
      assert.ok((await image.readFile(`/${long}`))?.equals(content));
      assert.equal(await image.readText('/after'), 'x');
    });

    it("rewritten, when the first link's name is taken by another file later", async () => {
      const { image } = await rewrite([file, ...links, { name: './b', data: 'other' }], put('/a', 'new'));
      assert.equal(await image.readText('/b'), 'other');
      for (const path of ['/c', '/d'] as const) assert.equal(await image.readText(path), 'shared', path);
    });
  });

  describe('writes nothing', () => {
    async function refuses(
      entries: readonly Made[],
      change: Change,
      code: string,
      signal?: AbortSignal,
    ): Promise<void> {
      const source = scratch.file(archive(...entries));
      const output = scratch.file(Buffer.from('untouched'));
      const attempt = writeTarball(source, [change], output, signal ? { signal } : {});
      await assert.rejects(
        attempt,
        (error) => (error instanceof HallmarkError ? error.code : (error as Error).name) === code,
      );
      assert.equal(readFileSync(output, 'utf8'), 'untouched');
      assert.deepEqual(
        readdirSync(scratch.folder).filter((name) => name.endsWith('.tmp')),
        [],
      );
    }
    const content = { bytes: Buffer.from('new') };
    const posix = { mode: 0o644, uid: 0, gid: 0 };
    const to = { kind: 'write', content, posix } as const;
    const sha256 = createHash('sha256').update('old').digest('hex');
    const file = { type: 'file', sha256, posix } as const;
    const x: Made = { name: 'x', data: 'old' };

    it('unless a file is as expected', async () => {
      for (const wrong of [
        { sha256: '0'.repeat(64) },
        ...[{ mode: 0o600 }, { uid: 1 }, { gid: 1 }].map((each) => ({ posix: { ...posix, ...each } })),
      ]) {
        await refuses([x], { ...to, path: '/x', expect: { ...file, ...wrong } }, 'changed');
      }
      await refuses([x], { ...to, path: '/gone', expect: file }, 'changed');
      await refuses(
        [
          { name: 'y', data: 'else' },
          { name: 'x', type: '1', target: 'y' },
        ],
        { ...to, path: '/x', expect: file },
        'changed',
      );
    });
    it('unless a link is as expected', () =>
      refuses(
        [{ name: 'x', type: '2', target: 'a' }],
        { kind: 'remove', path: '/x', expect: { type: 'link', target: 'b' } },
        'changed',
      ));
    it('unless nothing is there, where that is expected', () =>
      refuses([x], { ...to, path: '/x', expect: { type: 'absent' } }, 'changed'));
    it('unless a directory is there, where that is expected', () =>
      refuses([x], { kind: 'remove', path: '/x', expect: { type: 'directory' } }, 'changed'));
    it('below a file', () => refuses([x], { ...to, path: '/x/y', expect: { type: 'absent' } }, 'bad-change'));
    it('below a link', () =>
      refuses(
        [{ name: 'l', type: '2', target: '/tmp' }],
        { ...to, path: '/l/y', expect: { type: 'absent' } },
        'bad-change',
      ));
    it('below nothing', () =>
      refuses([x], { ...to, path: '/gone/y', expect: { type: 'absent' } }, 'bad-change'));
    it('when a directory that goes has something in it', () =>
      refuses(
        [{ name: 'd/y' }],
        { kind: 'remove', path: '/d', expect: { type: 'directory' } },
        'bad-change',
      ));
    it('when a host file is not what it was', async () => {
      const hostFile = scratch.file(Buffer.from('content'));
      for (const [size, digest] of [
        [7, sha256],
        [6, sha256],
        [8, sha256],
      ] as const) {
        await refuses(
          [x],
          { ...to, path: '/x', expect: file, content: { hostFile, size, sha256: digest } },
          'changed',
        );
      }
    });
    it('when it is aborted', async () => {
      await refuses([x], { ...to, path: '/x', expect: file }, 'AbortError', AbortSignal.abort());
    });
    it('when the source is damaged', async () => {
      const output = scratch.path();
      await assert.rejects(writeTarball(scratch.file(made(x).subarray(0, 600)), [], output), {
        code: 'corrupt',
      });
      await assert.rejects(writeTarball(scratch.file(gzipSync(archive(x)).subarray(0, 60)), [], output), {
        code: 'corrupt',
      });
      assert.throws(() => statSync(output));
    });
    it('where it cannot', async () => {
      await assert.rejects(writeTarball(scratch.file(archive(x)), [], scratch.path('no/such/folder/x.tar')), {
        code: 'unwritable',
      });
    });
  });

  it('streams content from a file of the host', async () => {
    const bytes = Buffer.alloc(3_000_000, 'abcdefg');
    const hostFile = scratch.file(bytes);
    const source = scratch.file(archive({ name: 'x', data: 'old' }));
    const output = scratch.path();
    const content = {
      hostFile,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    await writeTarball(
      source,
      [
        {
          kind: 'write',
          path: '/big',
          expect: { type: 'absent' },
          content,
          posix: { mode: 0o755, uid: 0, gid: 0 },
        },
      ],
      output,
    );
    const image = await openTarball(output, []);
    assert.ok((await image.readFile('/big'))?.equals(bytes));
    await image[Symbol.asyncDispose]();
  });

  it('aborts in the midst of it', async () => {
    const source = scratch.file(gzipSync(archive({ name: 'x', data: Buffer.alloc(8_000_000, 'x') })));
    const output = scratch.path();
    const abort = new AbortController();
    setTimeout(() => {
      abort.abort();
    }, 5);
    await assert.rejects(writeTarball(source, [], output, { signal: abort.signal }), { name: 'AbortError' });
    assert.deepEqual(
      readdirSync(scratch.folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
    assert.throws(() => statSync(output));
  });

  it('takes the place of its source, keeping its mode and a link to it', async () => {
    const source = scratch.file(archive({ name: 'x', data: 'old' }));
    chmodSync(source, 0o640);
    const alias = scratch.path();
    symlinkSync(source, alias);
    const image = await openTarball(alias, []);
    const changes = await write(image, '/x', 'new');
    await writeTarball(alias, changes, alias);
    assert.ok(lstatSync(alias).isSymbolicLink());
    assert.equal(statSync(source).mode & 0o777, 0o640);
    const now = await openTarball(source, []);
    assert.equal(await now.readText('/x'), 'new');
    // Who opened it before still sees what was there before.
    assert.equal(await image.readText('/x'), 'old');
    await assert.rejects(writeTarball(alias, changes, alias), { code: 'changed' });
    await now[Symbol.asyncDispose]();
    await image[Symbol.asyncDispose]();
  });

  it('replaces an output that is there', async () => {
    const output = scratch.path();
    writeFileSync(output, 'something else');
    await writeTarball(scratch.file(archive({ name: 'x' })), [], output);
    assert.ok(readFileSync(output).equals(archive({ name: 'x' })));
  });
});
