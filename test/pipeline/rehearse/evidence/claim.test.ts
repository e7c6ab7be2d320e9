import assert from 'node:assert/strict';
import fc from 'fast-check';
import { claimed, quote, refutedInWords } from '../../../../pipeline/rehearse/evidence/claim.js';

describe('a quotation from a guest', () => {
  it('is one line of bounded length, with nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const quoted = quote(text);
        assert(!/[\u0000-\u001f\u007f-\u009f]/.test(quoted));
        assert(quoted.length <= 301);
      }),
    );
  });
});

describe('a refuted claim in words', () => {
  it('says what was expected, and then what was seen', () => {
    const claim = claimed('host-name', 'the host name is web-1', false, 'the kernel’s host name is image');
    assert.equal(
      refutedInWords(claim),
      'expected: the host name is web-1; seen: the kernel’s host name is image',
    );
  });
});
