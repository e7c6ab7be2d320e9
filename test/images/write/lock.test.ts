import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { RepairError } from '../../../images/base/errors.js';
import { isAlive, lock, ownMark, parse, print } from '../../../images/write/lock.js';
import { scratch } from '../../support/scratch.js';

const prepared = (): ReturnType<typeof scratch> => {
  const here = scratch();
  mkdirSync(here.root);
  return here;
};

/** The name of a claim, made without the code that is judged. */
function claimOf(
  root: string,
  pid: number | string,
  started: string,
  boot?: string,
  namespace?: string,
): string {
  const { dev, ino } = statSync(root);
  const ownBoot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  const ownNamespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  return `${dev}-${ino}.${pid}.${started}.${boot ?? ownBoot}.${namespace ?? ownNamespace}`;
}

function startOf(pid: number): string {
  return (
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[19] ?? ''
  );
}

describe('lock', () => {
  it('is held until it is disposed', async () => {
    using here = prepared();
    const folder = path.join(here.state, 'locks');
    {
      using _held = await lock(here.state, here.root);
      assert.deepEqual(readdirSync(folder), [claimOf(here.root, process.pid, startOf(process.pid))]);
      await assert.rejects(
        lock(here.state, here.root),
        (error) => error instanceof RepairError && error.code === 'locked',
      );
    }
    assert.deepEqual(readdirSync(folder), []);
    using _again = await lock(here.state, here.root);
  });

  it('is one for each image', async () => {
    using here = prepared();
    mkdirSync(path.join(here.path, 'other'));
    using _one = await lock(here.state, here.root);
    using _other = await lock(here.state, path.join(here.path, 'other'));
    assert.equal(readdirSync(path.join(here.state, 'locks')).length, 2);
  });

  it('names the living process that holds it', async () => {
    using here = prepared();
    const holder = spawn('sleep', ['60']);
    try {
      await once(holder, 'spawn');
      const pid = holder.pid ?? 0;
      mkdirSync(path.join(here.state, 'locks'), { recursive: true });
      const claim = path.join(here.state, 'locks', claimOf(here.root, pid, startOf(pid)));
      writeFileSync(claim, '');
      await assert.rejects(lock(here.state, here.root), (error) => {
        assert.ok(error instanceof RepairError);
        assert.match(error.message, new RegExp(`another run \\(process ${pid}\\) is working`));
        assert.equal(error.exitCode, 4);
        return true;
      });
      assert.ok(existsSync(claim));
      holder.kill('SIGKILL');
      await once(holder, 'exit');
      using _held = await lock(here.state, here.root);
      assert.ok(!existsSync(claim));
    } finally {
      holder.kill('SIGKILL');
    }
  });

  const dead: readonly (readonly [string, (root: string) => string])[] = [
    ['whose process number is used again by another', (root) => claimOf(root, process.ppid, '1')],
    [
      'from before the machine was started',
      (root) => claimOf(root, process.ppid, startOf(process.ppid), 'ffffffff'),
    ],
    ['whose process is gone', (root) => claimOf(root, 4_194_999, '5')],
    ['that says nothing', (root) => claimOf(root, 'x', 'y')],
  ];
  for (const [what, claim] of dead) {
    it(`ignores a claim ${what}`, async () => {
      using here = prepared();
      const folder = path.join(here.state, 'locks');
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, claim(here.root)), '');
      using _held = await lock(here.state, here.root);
      assert.equal(readdirSync(folder).length, 1);
    });
  }

  it('respects a claim from another process id namespace, which cannot be looked into', async () => {
    using here = prepared();
    const folder = path.join(here.state, 'locks');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, claimOf(here.root, 4_194_999, '5', undefined, '1')), '');
    await assert.rejects(lock(here.state, here.root), /process 4194999 of another container/);
  });

  it('is never held by two that want it at once', async function () {
    this.timeout(300_000);
    using here = prepared();
    const module = new URL('../../../images/write/lock.js', import.meta.url).href;
    // Each holder makes a file that must not be there yet, keeps it for a moment, and removes it.
    const code = `
      import { lock } from ${JSON.stringify(module)};
      import { closeSync, openSync, unlinkSync } from 'node:fs';
      const [state, root] = process.argv.slice(1);
      let held = 0;
      for (let n = 0; n < 40; n++) {
        let holding;
        try { holding = await lock(state, root); } catch (error) { if (error.code !== 'locked') throw error; continue; }
        closeSync(openSync(root + '/critical', 'wx'));
        await new Promise((resolve) => setTimeout(resolve, 1));
        unlinkSync(root + '/critical');
        holding[Symbol.dispose]();
        held += 1;
      }
      process.exit(held > 0 ? 0 : 3);`;
    const runs = [1, 2, 3].map(async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code, here.state, here.root], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', (chunk) => (stderr += String(chunk)));
      const [exit] = (await once(child, 'close')) as [number];
      assert.equal(exit, 0, stderr);
    });
    await Promise.all(runs);
  });
});

describe('the mark of a process', () => {
  it('is alive for this one', () => {
    assert.ok(isAlive(ownMark()));
    assert.deepEqual(parse(print(ownMark())), ownMark());
  });

  it('is parsed from any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const mark = parse(text);
        assert.ok(mark === undefined || /^\d+\./.test(print(mark)));
      }),
    );
  });
});
