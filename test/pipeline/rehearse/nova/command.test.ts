import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAnswer } from '../../../../images/formats/agent-message.js';

/** 2.x answers some failures with a number. JSON knows no other numbers than finite ones. */
const isCode = (value: unknown): boolean => typeof value === 'string' || Number.isFinite(value);

describe('an answer', () => {
  it('may say more than it must', () => {
    assert.deepEqual(parseAnswer(' {"message": "a", "returncode": "0", "more": 1}\n'), {
      kind: 'response',
      returncode: '0',
      message: 'a',
    });
  });

  it('is a response only with a return code and a text, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = JSON.parse(text) as { returncode?: unknown; message?: unknown } | null;
        const isResponse = isCode(value?.returncode) && typeof value?.message === 'string';
        assert.equal(parseAnswer(text).kind, isResponse ? 'response' : 'malformed');
      }),
    );
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (returncode, message) => {
        const text = JSON.stringify({ returncode, message });
        const isResponse = isCode(returncode) && typeof message === 'string';
        assert.equal(parseAnswer(text).kind, isResponse ? 'response' : 'malformed');
      }),
    );
  });

  it('is never an error, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseAnswer(text)));
  });
});
