import assert from 'node:assert/strict';
import { once } from 'node:events';
import fc from 'fast-check';
import tar, { type Header } from 'tar-stream';
import { ImageError } from '../../../../images/base/errors.js';
import {
  blockSize,
  field,
  isChecksumRight,
  numberOf,
  setNumber,
} from '../../../../images/image/tarball/header.js';
import { RecordSplitter, type TarRecord } from '../../../../images/image/tarball/records.js';
import { contentReader } from '../../../../images/image/tarball/content.js';
import { type Made, archive, made, oldSparse, pax } from './archives.js';

interface Item {
  readonly record: TarRecord;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** Splits an archive that comes in pieces of the given size. */
function split(bytes: Buffer, piece = bytes.length): { items: Item[]; rest: Buffer } {
  const splitter = new RecordSplitter('x.tar');
  const items: { record: TarRecord; content: Buffer[]; whole: Buffer[] }[] = [];
  const rest: Buffer[] = [];
  let reader: ReturnType<typeof contentReader> | undefined;
  for (let at = 0; at < bytes.length; at += piece) {
    for (const event of splitter.push(Buffer.from(bytes.subarray(at, at + piece)))) {
      const last = items.at(-1);
      if (event.kind === 'record') {
        items.push({
          record: { ...event.record, raw: Buffer.from(event.record.raw) },
          content: [],
          whole: [Buffer.from(event.record.raw)],
        });
        reader = contentReader(event.record, 'x.tar');
      } else if (event.kind === 'data') {
        last?.whole.push(Buffer.from(event.bytes));
        last?.content.push(...[...reader!.push(event.bytes)].map((part) => Buffer.from(part)));
      } else if (event.kind === 'close') {
        last?.whole.push(Buffer.from(event.padding));
        last?.content.push(...reader!.end());
      } else rest.push(Buffer.from(event.kind === 'global' ? event.raw : event.bytes));
    }
  }
  splitter.end();
  const finished = items.map(({ record, content, whole }) => ({
    record,
    content: Buffer.concat(content),
    whole: Buffer.concat(whole),
  }));
  return { items: finished, rest: Buffer.concat(rest) };
}

function one(entry: Made): Item {
  const { items } = split(archive(entry));
  assert.equal(items.length, 1);
  return items[0]!;
}

function refuses(bytes: Buffer, message: RegExp): void {
  assert.throws(
    () => split(bytes),
    (error) => error instanceof ImageError && error.code === 'corrupt' && message.test(error.message),
  );
}

async function withTarStream(bytes: Buffer): Promise<{ header: Header; content: Buffer }[]> {
  const extract = tar.extract();
  const found: { header: Header; content: Buffer }[] = [];
  extract.end(bytes);
  for await (const entry of extract) {
    const parts: Buffer[] = [];
    for await (const part of entry as AsyncIterable<Buffer>) parts.push(part);
    found.push({ header: entry.header, content: Buffer.concat(parts) });
  }
  return found;
}

describe('RecordSplitter', () => {
  const cases: readonly [what: string, entry: Made, expected: Partial<TarRecord>][] = [
    [
      'a file',
      { name: 'etc/x', data: 'abc', mode: 0o640, uid: 7, gid: 8 },
      { type: 'file', name: 'etc/x', size: 3, mode: 0o640, uid: 7, gid: 8 },
    ],
    ['a v7 file', { name: 'x', type: '\0', data: 'a', format: 'v7' }, { type: 'file', name: 'x', size: 1 }],
    [
      'a v7 directory, which is a file with a slash',
      { name: 'x/', type: '\0', format: 'v7' },
      { type: 'directory' },
    ],
    ['a contiguous file', { name: 'x', type: '7', data: 'a' }, { type: 'file', size: 1 }],
    ['a type nobody knows, which is a file', { name: 'x', type: 'Q', data: 'a' }, { type: 'file', size: 1 }],
    ['a link', { name: 'x', type: '2', target: '../y' }, { type: 'link', target: '../y' }],
    [
      'a hard link, whose size says nothing',
      { name: 'x', type: '1', target: 'y', size: 12 },
      { type: 'hard-link', target: 'y', stored: 0 },
    ],
    ['a character device', { name: 'x', type: '3' }, { type: 'character-device' }],
    ['a block device', { name: 'x', type: '4' }, { type: 'block-device' }],
    ['a FIFO', { name: 'x', type: '6' }, { type: 'fifo' }],
    ['a volume label', { name: 'x', type: 'V', format: 'gnu' }, { type: 'label' }],
    [
      'an owner beyond octal',
      { name: 'x', uid: 3_000_000_000, gid: 2_097_152 },
      { uid: 3_000_000_000, gid: 2_097_152 },
    ],
    ['a negative owner', { name: 'x', uid: -2 }, { uid: 4_294_967_294 }],
    ['a time before 1970', { name: 'x', mtime: -86_400 }, { mtime: -86_400 }],
    ['a time after 2242', { name: 'x', mtime: 9_999_999_999 }, { mtime: 9_999_999_999 }],
    [
      'PAX overrides',
      { name: 'x', pax: pax({ path: 'long', uid: '5', gid: '6', mtime: '12.75' }) },
      { name: 'long', uid: 5, gid: 6, mtime: 12 },
    ],
    ['a PAX size', { name: 'x', data: 'abcd', size: 0, pax: pax({ size: '4' }) }, { size: 4 }],
    ['an empty PAX value, which overrides nothing', { name: 'x', pax: pax({ path: '' }) }, { name: 'x' }],
    [
      'a PAX link target',
      { name: 'x', type: '2', target: 'y', pax: pax({ linkpath: 'z' }) },
      { target: 'z' },
    ],
    [
      'the last of two PAX values',
      { name: 'x', pax: [...pax({ uid: '1' }), ...pax({ uid: '2' })] },
      { uid: 2 },
    ],
    ['a prefix', { name: 'c', patch: (header) => header.write('a/b', field.prefix[0]) }, { name: 'a/b/c' }],
    [
      'no prefix in the GNU format',
      { name: 'c', format: 'gnu', patch: (header) => header.write('a/b', field.prefix[0]) },
      { name: 'c' },
    ],
    ['a name in Latin-1', { name: Buffer.from('caf\xe9', 'latin1') }, { name: 'caf\udce9' }],
  ];
  for (const [what, entry, expected] of cases) {
    it(`reads ${what}`, () => {
      const { record } = one(entry);
      for (const [key, value] of Object.entries(expected))
        assert.equal(record[key as keyof TarRecord], value, key);
    });
  }

  it('reads GNU long names and targets', () => {
    const name = 'n'.repeat(300);
    const target = 't'.repeat(400);
    const bytes = Buffer.concat([
      made({ name: '././@LongLink', type: 'L', data: `${name}\0`, format: 'gnu' }),
      made({ name: '././@LongLink', type: 'K', data: `${target}\0`, format: 'gnu' }),
      archive({ name: 'n', type: '2', target: 't', format: 'gnu' }),
    ]);
    const { items } = split(bytes);
    assert.deepEqual([items[0]?.record.name, items[0]?.record.target], [name, target]);
    assert.equal(items[0]?.record.offset, 0);
    assert.equal(items[0].record.raw.length, 512 + 512 + 512 + 512 + 512);
  });

  it('applies a global header to what follows, and lets an entry take it back', () => {
    const bytes = Buffer.concat([
      made({ name: 'before' }),
      made({ name: 'g', type: 'g', data: '12 uid=1234\n' }),
      made({ name: 'after' }),
      archive({ name: 'own', uid: 9, pax: pax({ uid: '' }) }),
    ]);
    assert.deepEqual(
      split(bytes).items.map(({ record }) => record.uid),
      [0, 1234, 9],
    );
  });

  it('accepts a sum of signed bytes', () => {
    const header = made({ name: Buffer.from('caf\xe9', 'latin1') });
    const stated = numberOf(header, field.checksum)!;
    header.write(`${(stated - 256).toString(8).padStart(6, '0')}\0 `, field.checksum[0], 'latin1');
    assert.ok(isChecksumRight(header.subarray(0, 512)));
    assert.equal(split(Buffer.concat([header, Buffer.alloc(1024)])).items.length, 1);
  });

  describe('sparse files', () => {
    for (const segments of [1, 4, 5, 25, 26, 60]) {
      it(`reads an old GNU one with ${segments} segments, and what follows it`, () => {
        const { entry, content } = oldSparse('sparse', segments);
        const { items } = split(archive(entry, { name: 'next', data: 'n' }), 700);
        assert.equal(items[0]?.record.size, content.length);
        assert.ok(items[0].content.equals(content));
        assert.equal(items[1]?.record.name, 'next');
      });
    }

    it('is what tar-stream cannot read', async () => {
      const { entry } = oldSparse('sparse', 6);
      await assert.rejects(withTarStream(archive(entry, { name: 'next', data: 'n' })), /Invalid tar header/);
    });

    const content = Buffer.alloc(3000);
    content.write('ab', 1000);
    content.write('c', 2000);
    const map = '2\n1000\n2\n2000\n1\n';
    const formats: readonly [string, Made][] = [
      [
        '0.0',
        {
          name: 'x',
          data: 'abc',
          pax: [
            ...pax({
              'GNU.sparse.size': '3000',
              'GNU.sparse.numblocks': '2',
              'GNU.sparse.offset': '1000',
              'GNU.sparse.numbytes': '2',
            }),
            ...pax({ 'GNU.sparse.offset': '2000', 'GNU.sparse.numbytes': '1' }),
          ],
        },
      ],
      [
        '0.1',
        {
          name: 'GNUSparseFile.1/x',
          data: 'abc',
          pax: pax({ 'GNU.sparse.name': 'x', 'GNU.sparse.size': '3000', 'GNU.sparse.map': '1000,2,2000,1' }),
        },
      ],
      [
        '1.0',
        {
          name: 'GNUSparseFile.1/x',
          data: Buffer.concat([Buffer.from(map.padEnd(512, '\0')), Buffer.from('abc')]),
          pax: pax({
            'GNU.sparse.major': '1',
            'GNU.sparse.minor': '0',
            'GNU.sparse.name': 'x',
            'GNU.sparse.realsize': '3000',
          }),
        },
      ],
    ];
    for (const [format, entry] of formats) {
      it(`reads PAX format ${format}, whatever pieces it comes in`, () => {
        for (const piece of [1, 100, 512, 5000]) {
          const item = split(archive(entry), piece).items[0]!;
          assert.deepEqual([item.record.name, item.record.size], ['x', 3000]);
          assert.ok(item.content.equals(content), `${piece}`);
        }
      });
    }

    it('refuses a map that does not fit the data', () => {
      const sparse = (values: Record<string, string>, data: string): Buffer =>
        archive({ name: 'x', data, pax: pax({ 'GNU.sparse.size': '10', ...values }) });
      refuses(sparse({ 'GNU.sparse.map': '0,3' }, 'ab'), /less data/);
      refuses(sparse({ 'GNU.sparse.map': '0,1' }, 'ab'), /more data/);
      refuses(sparse({ 'GNU.sparse.map': '9,2' }, 'ab'), /order or bounds/);
      refuses(sparse({ 'GNU.sparse.map': '5,1,0,1' }, 'ab'), /order or bounds/);
      refuses(sparse({ 'GNU.sparse.map': '5,1,0' }, 'ab'), /malformed/);
      refuses(sparse({ 'GNU.sparse.map': 'a,b' }, 'ab'), /malformed/);
      refuses(sparse({ 'GNU.sparse.major': '2', 'GNU.sparse.minor': '0' }, 'ab'), /malformed/);
      refuses(sparse({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' }, '99999999\n'), /malformed/);
      refuses(sparse({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' }, 'x'.repeat(600)), /malformed/);
    });
  });

  describe('refuses', () => {
    const file = made({ name: 'x', data: 'x'.repeat(1000) });
    const cases: readonly [what: string, bytes: Buffer, message: RegExp][] = [
      ['text', Buffer.alloc(1024, 'no archive'), /byte 0: it is not a tar archive/],
      ['a few bytes', Buffer.from('hello'), /byte 5: it ends too early/],
      ['an end in the data', file.subarray(0, 900), /byte 900: it ends too early/],
      ['an end in the padding', file.subarray(0, 1530), /byte 1530: it ends too early/],
      ['an end in a header', Buffer.concat([file, file.subarray(0, 100)]), /byte 1636: it ends too early/],
      [
        'an end after an extension header',
        made({ name: 'x', pax: pax({ uid: '1' }) }).subarray(0, 1024),
        /byte 1024: it ends too early/,
      ],
      [
        'a wrong checksum',
        Buffer.concat([file, Buffer.alloc(512, 1)]),
        /byte 1536: a header has the wrong checksum/,
      ],
      [
        'garbage after the end',
        Buffer.concat([archive({ name: 'x' }), Buffer.from('\0\0boo')]),
        /byte 1538: there is data after/,
      ],
      [
        'an entry after a block of zeros',
        Buffer.concat([made({ name: 'x' }), Buffer.alloc(512), made({ name: 'y' })]),
        /byte 1024: there is data after/,
      ],
      [
        'a directory with data',
        archive({ name: 'x/', type: '5', data: 'abc' }),
        /a directory claims to hold 3 bytes/,
      ],
      ['a link with data', archive({ name: 'x', type: '2', target: 'y', data: 'abc' }), /a link claims/],
      [
        'a hard link with data by PAX',
        archive({ name: 'x', type: '1', target: 'y', pax: pax({ size: '3' }) }),
        /a hard-link claims/,
      ],
      ['an entry without a name', archive({ name: '' }), /no name/],
      ['a name with a NUL', archive({ name: 'x', pax: pax({ path: 'a\0b' }) }), /NUL/],
      [
        'a malformed PAX header',
        Buffer.concat([made({ name: 'p', type: 'x', data: '99 uid=1\n' }), archive({ name: 'x' })]),
        /PAX header is malformed/,
      ],
      [
        'two PAX headers',
        Buffer.concat([
          made({ name: 'p', type: 'x', data: '8 uid=1\n' }),
          archive({ name: 'x', pax: pax({ uid: '1' }) }),
        ]),
        /two PAX headers/,
      ],
      [
        'a global header that renames',
        Buffer.concat([made({ name: 'g', type: 'g', data: '9 path=x\n' }), archive({ name: 'x' })]),
        /sets path for every entry/,
      ],
      [
        'a global header within an entry',
        Buffer.concat([
          made({ name: 'p', type: 'x', data: '8 uid=1\n' }),
          made({ name: 'g', type: 'g', data: '8 uid=1\n' }),
          archive({ name: 'x' }),
        ]),
        /between an entry/,
      ],
      [
        'an extension header that is none',
        Buffer.concat([made({ name: 'p', type: 'x', data: '8 uid=1\n' }), Buffer.alloc(1024)]),
        /has no entry/,
      ],
      [
        'a huge extension header',
        archive({ name: 'p', type: 'x', size: 2 ** 32 }),
        /claims 4294967296 bytes/,
      ],
      ['a negative size', archive({ name: 'x', size: -1 }), /no valid size/],
      [
        'a size beyond all bounds',
        archive({ name: 'x', patch: (header) => header.fill(0x7f, 124, 136).fill(0x80, 124, 125) }),
        /no valid size/,
      ],
      [
        'a size that is no number',
        archive({ name: 'x', patch: (header) => header.write('12x4', field.size[0]) }),
        /no valid size/,
      ],
    ];
    for (const [what, bytes, message] of cases)
      it(what, () => {
        refuses(bytes, message);
      });
  });

  it('accepts an archive that ends without zeros, with one block of them, or with many', () => {
    const file = made({ name: 'x', data: 'abc' });
    for (const zeros of [0, 512, 1024, 10240, 300_000]) {
      assert.equal(split(Buffer.concat([file, Buffer.alloc(zeros)])).items.length, 1, `${zeros}`);
    }
    assert.equal(split(Buffer.alloc(1024)).items.length, 0);
  });

  it('lists what tar-stream lists, and gives every byte back, whatever pieces it comes in', async () => {
    const name = fc.stringMatching(/^[a-z\u00e4\u{1f600} ./]{0,150}[a-z]$/u);
    const entry = fc.record({
      name,
      type: fc.constantFrom(
        'file' as const,
        'symlink' as const,
        'directory' as const,
        'link' as const,
        'fifo' as const,
      ),
      linkname: name,
      mode: fc.nat(0o7777),
      uid: fc.nat(0o777777),
      gid: fc.nat(0o777777),
      mtime: fc.nat(2 ** 31 - 1).map((seconds) => new Date(seconds * 1000)),
      content: fc.uint8Array({ maxLength: 1600 }).map((bytes) => Buffer.from(bytes)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 3000 }),
        async (entries, piece) => {
          const pack = tar.pack();
          for (const { content, type, linkname, ...header } of entries) {
            const isLink = type === 'symlink' || type === 'link';
            const full = { ...header, type, ...(isLink ? { linkname } : {}) };
            if (type === 'file') pack.entry(full, content);
            else pack.entry(full);
          }
          pack.finalize();
          const parts: Buffer[] = [];
          pack.on('data', (part) => parts.push(part as Buffer));
          await once(pack, 'end');
          const bytes = Buffer.concat(parts);
          const { items, rest } = split(bytes, piece);
          const oracle = await withTarStream(bytes);
          assert.equal(items.length, oracle.length);
          for (const [at, { record, content }] of items.entries()) {
            const { header, content: theirs } = oracle[at]!;
            assert.deepEqual(
              [record.name, record.mode, record.uid, record.gid, record.mtime * 1000, record.size],
              [header.name, header.mode, header.uid, header.gid, header.mtime.getTime(), header.size],
            );
            assert.equal(
              record.type,
              header.type === 'symlink' ? 'link' : header.type === 'link' ? 'hard-link' : header.type,
            );
            if (header.linkname) assert.equal(record.target, header.linkname);
            assert.ok(content.equals(theirs));
          }
          assert.ok(Buffer.concat([...items.map(({ whole }) => whole), rest]).equals(bytes));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('ends with an ImageError, if at all, on any damage', () => {
    const { entry } = oldSparse('s', 26);
    const sample = archive(
      { name: 'dir/', type: '5' },
      {
        name: 'dir/file',
        data: 'x'.repeat(700),
        pax: pax({ path: 'dir/file', uid: '12', 'GNU.sparse.map': '', 'GNU.sparse.size': '0' }),
      },
      entry,
      { name: 'n', type: 'L', data: 'long\0' },
      { name: 'l', type: '2', target: 'dir' },
    );
    const damage = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(damage, fc.boolean(), fc.nat(sample.length), (changes, fix, length) => {
        const bytes = Buffer.from(sample);
        for (const [at, value] of changes) bytes[at] = value;
        // With right checksums the damage gets past the first test.
        if (fix)
          for (let at = 0; at + blockSize <= bytes.length; at += blockSize)
            refresh(bytes.subarray(at, at + blockSize));
        try {
          split(bytes.subarray(0, length), 333);
        } catch (error) {
          assert.ok(error instanceof ImageError, String(error));
          assert.doesNotMatch(error.message, /[\n\x00-\x1f]/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function refresh(block: Buffer): void {
  if (block.subarray(257, 262).toString() !== 'ustar') return;
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

describe('numbers of a header', () => {
  it('come back as they were set', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const block = Buffer.alloc(512);
        setNumber(block, field.size, value);
        assert.equal(numberOf(block, field.size), value);
      }),
    );
  });
});
