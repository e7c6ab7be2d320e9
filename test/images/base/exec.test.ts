import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { filter, run } from '../../../images/base/exec.js';

describe('run', () => {
  it('gives what a program wrote and how it ended', async () => {
    const result = await run('sh', ['-c', 'cat; echo bad >&2; exit 3'], { input: 'in' });
    assert.deepEqual(result, { exitCode: 3, stdout: 'in', stderr: 'bad\n' });
  });
  it('passes arguments without a shell', async () => {
    assert.equal((await run('printf', ['%s|', '$HOME', '; false', '*'])).stdout, '$HOME|; false|*|');
  });
  it('gives a program no more than a minimal environment', async () => {
    process.env['HALLMARK_TEST_SECRET'] = 'x';
    const { stdout } = await run('env', [], { env: { EXTRA: '1' } });
    delete process.env['HALLMARK_TEST_SECRET'];
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    assert.deepEqual(names.sort(), ['EXTRA', 'LC_ALL', 'PATH']);
    assert.match(stdout, /^LC_ALL=C$/m);
  });
  it('gives a program that asks no input', async () => {
    assert.equal((await run('cat', [])).stdout, '');
  });
  it('tells the signal that ended a program as a shell does', async () => {
    assert.equal((await run('sh', ['-c', 'kill -TERM $$'])).exitCode, 143);
  });
  it('says which package a missing program is in', async () => {
    await assert.rejects(run('hallmark-no-such-program', [], { package: 'the-package' }), {
      code: 'missing-tool',
      message: /hallmark-no-such-program is not installed/,
      hint: 'Install the package the-package.',
    });
  });
  it('ends a program that takes too long', async () => {
    await assert.rejects(run('sleep', ['20'], { timeout: 50 }), { code: 'program-failed', message: /50 ms/ });
  });
  it('ends a program when it is aborted', async () => {
    const abort = new AbortController();
    setTimeout(() => {
      abort.abort();
    }, 50);
    await assert.rejects(run('sleep', ['20'], { signal: abort.signal }), { name: 'AbortError' });
  });
});

describe('filter', () => {
  it('streams through a program', async () => {
    const { stdin, stdout, done } = await filter('tr', ['a-z', 'A-Z']);
    stdin.end('abc');
    assert.equal(await text(stdout), 'ABC');
    await done;
  });
  it('tells what a program complained of', async () => {
    const { stdin, stdout, done } = await filter('sh', ['-c', 'echo first >&2; echo last >&2; exit 1']);
    stdin.end();
    await text(stdout);
    await assert.rejects(done, { code: 'program-failed', message: 'sh failed: last' });
  });
  it('tells of a missing program', async () => {
    const { stdin, done } = await filter('hallmark-no-such-program', [], { package: 'p' });
    stdin.on('error', () => undefined);
    await assert.rejects(done, { code: 'missing-tool', hint: 'Install the package p.' });
  });
  it('stops', async () => {
    const sleeper = await filter('sleep', ['20']);
    sleeper.stop();
    await assert.rejects(sleeper.done, { code: 'program-failed', message: /SIGKILL/ });
  });
});
