import assert from 'node:assert/strict';
import { fresh } from '../../../../pipeline/rehearse/evidence/agent.js';
import { claimed } from '../../../../pipeline/rehearse/evidence/claim.js';

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
