import assert from 'node:assert/strict';
import fc from 'fast-check';
import { quote } from '../../../../pipeline/rehearse/evidence/claim.js';

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
