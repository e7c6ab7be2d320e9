import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decode, encode } from '../../../images/base/text.js';

describe('text', () => {
  it('gives back the same bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.deepEqual(encode(decode(Buffer.from(bytes))), Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('decodes UTF-8 as UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.equal(decode(Buffer.from(text)), text);
      }),
    );
  });

  const cases: [string, Buffer, string][] = [
    ['a Latin-1 letter', Buffer.from('caf\xe9', 'latin1'), 'caf\udce9'],
    ['an overlong slash', Buffer.from([0xc0, 0xaf]), '\udcc0\udcaf'],
    ['an encoded surrogate', Buffer.from([0xed, 0xb0, 0x80]), '\udced\udcb0\udc80'],
    ['a sequence cut short', Buffer.from([0x41, 0xe2, 0x82]), 'A\udce2\udc82'],
  ];
  for (const [what, bytes, text] of cases) {
    it(`escapes ${what}`, () => {
      assert.equal(decode(bytes), text);
      assert.deepEqual(encode(text), bytes);
    });
  }
});
