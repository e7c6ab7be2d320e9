import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fresh } from '../../../../pipeline/rehearse/evidence/agent.js';
import { claimed, quote } from '../../../../pipeline/rehearse/evidence/claim.js';

const pass = (id: string, seen = 'so'): ReturnType<typeof claimed> => claimed(id, 'a claim', true, seen);
const fail = (id: string): ReturnType<typeof claimed> => claimed(id, 'a claim', false, 'not so');

describe('what a later look adds', () => {
  it('is what is new, and what is no longer true', () => {
    assert.deepEqual(fresh([pass('a'), fail('b'), pass('c')], [pass('a'), pass('b')]), [
      { ...fail('b'), id: 'b #2' },
      pass('c'),
    ]);
  });

  it('is not told twice when it stays untrue', () => {
    assert.deepEqual(fresh([fail('b')], [pass('b'), { ...fail('b'), id: 'b #2' }]), []);
  });

  it('is told of a second password, which is another', () => {
    assert.deepEqual(fresh([pass('password')], [pass('password')]), [
      { ...pass('password'), id: 'password #2' },
    ]);
  });
});

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
