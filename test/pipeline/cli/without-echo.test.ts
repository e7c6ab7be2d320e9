import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { withoutEcho } from '../../../pipeline/cli/without-echo.js';

/** A terminal that remembers its modes. */
class Keyboard extends PassThrough {
  readonly modes: boolean[] = [];

  setRawMode(raw: boolean): this {
    this.modes.push(raw);
    return this;
  }
}

async function type(...chunks: (string | Buffer)[]): Promise<string | undefined> {
  const keyboard = new Keyboard();
  const line = withoutEcho(keyboard as never, new AbortController().signal, () => {
    assert.deepEqual(keyboard.modes, [true], 'asked while what is typed can be seen');
    for (const chunk of chunks) keyboard.write(chunk);
  });
  const typed = await line;
  assert.deepEqual(keyboard.modes, [true, false]);
  return typed;
}

describe('a line that is not shown', () => {
  it('ends with Enter', async () => {
    assert.equal(await type('sec', 'ret\rmore'), 'secret');
    assert.equal(await type('\n'), '');
  });

  it('can be edited', async () => {
    assert.equal(await type('secreß\x7ft\r'), 'secret');
    assert.equal(await type(Buffer.from('wrong\x15'), 'x\x08\x08secret\r'), 'secret');
  });

  it('ends with the input, or with Ctrl-D', async () => {
    assert.equal(await type('\x04'), undefined);
    assert.equal(await type('secret\x04'), 'secret');
  });

  it('ends when we are interrupted', async () => {
    const keyboard = new Keyboard();
    const interrupted = new AbortController();
    const line = withoutEcho(keyboard as never, interrupted.signal, () => {
      keyboard.write('half');
      interrupted.abort();
    });
    assert.equal(await line, undefined);
    assert.deepEqual(keyboard.modes, [true, false]);
  });
});
