import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { debian6 } from '../guests/debian6.js';
import { hallmark } from '../support/command.js';
import { packTarball } from '../support/tarballs.js';
import { plant } from '../support/trees.js';
import { walkByTools } from '../support/walk.js';
import { sh } from '../support/real-roots.js';
import { program } from '../support/project.js';
import { numberOf } from '../support/switches.js';

/** How often each command is killed. Every next time a little later, over the whole of its run and past its end. */
const moments = numberOf('HALLMARK_KILLS', 40);

describe('the command, killed', function () {
  this.timeout(1_200_000);
  let folder: string;
  let state: string;
  const at = (name: string): string => join(folder, name);
  const run = (...args: string[]): ReturnType<typeof hallmark> => hallmark(args, { cwd: folder, state });

  beforeEach(async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'hallmark-kill-'));
    folder = join(scratch, 'work');
    state = join(scratch, 'state');
    mkdirSync(folder);
    plant(at('guest'), debian6);
    await packTarball(debian6, at('guest.tar'));
  });
  afterEach(() => {
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  /** Kills the command after some time; whether it came that far, or had ended. */
  async function killed(
    args: string[],
    after: number,
    signal: NodeJS.Signals = 'SIGKILL',
  ): Promise<number | null> {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], XDG_STATE_HOME: state },
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await Promise.race([sleep(after, undefined, { ref: false }), ended]);
    child.kill(signal);
    return ended;
  }

  /** How long a command takes here and now, and the moments to kill it at: most in its second half, where it writes. */
  async function timeline(args: string[], count = moments): Promise<number[]> {
    const start = performance.now();
    await killed(args, 60_000);
    const took = performance.now() - start;
    return Array.from({ length: count }, (_, at) => took * (0.45 + (0.6 * at) / count));
  }

  it('leaves a directory as it was or as planned, whether it repaired or undid', async () => {
    sh('cp', '-a', at('guest'), at('work'));
    const before = walkByTools(at('work'));
    const prepare = ['prepare', 'work', '--yes', '--quiet'];
    const undo = ['undo', 'work', '--yes'];
    const whens = await timeline(prepare);
    const content = (): string => contentOf(at('work'));
    const planned = content();
    const undoWhens = await timeline(undo);
    assert.equal(walkByTools(at('work')), before);
    const seen = { before: 0, planned: 0 };
    for (const [turn, when] of whens.entries()) {
      await killed(prepare, when);
      run('check', 'work', '--quiet');
      if (walkByTools(at('work')) === before) {
        seen.before += 1;
        continue;
      }
      assert.equal(content(), planned, `killed after ${when} ms`);
      seen.planned += 1;
      await killed(undo, undoWhens[turn] ?? 0);
      run('check', 'work', '--quiet');
      if (walkByTools(at('work')) === before) continue;
      assert.equal(content(), planned, `undo killed after ${undoWhens[turn]} ms`);
      assert.equal(run(...undo).status, 0);
      assert.equal(walkByTools(at('work')), before);
    }
    assert.ok(seen.before > 0, JSON.stringify(seen));
    assert.deepEqual(
      readdirSync(join(state, 'hallmark/transactions')).filter((name) => !name.startsWith('unfinished')),
      [],
    );
  });

  it('leaves a tarball whole, and its output whole or absent', async () => {
    const original = readFileSync(at('guest.tar'));
    const prepare = ['prepare', 'guest.tar', '-o', 'out.tar', '--quiet'];
    const whens = await timeline(prepare);
    const planned = readFileSync(at('out.tar'));
    for (const when of whens) {
      rmSync(at('out.tar'), { force: true });
      await killed(prepare, when);
      assert.ok(readFileSync(at('guest.tar')).equals(original));
      if (readdirSync(folder).includes('out.tar')) assert.ok(readFileSync(at('out.tar')).equals(planned));
    }
    run(...prepare);
    assert.deepEqual(readdirSync(folder).sort(), ['guest', 'guest.tar', 'out.tar']);
  });

  it('leaves a tarball in place as it was or as planned, and undo finds the way back', async () => {
    const original = readFileSync(at('guest.tar'));
    copyFileSync(at('guest.tar'), at('work.tar'));
    const prepare = ['prepare', 'work.tar', '--in-place', '--quiet'];
    const whens = await timeline(prepare);
    const planned = readFileSync(at('work.tar'));
    for (const when of whens) {
      run('undo', 'work.tar', '--yes');
      assert.ok(readFileSync(at('work.tar')).equals(original), `after ${when} ms`);
      await killed(prepare, when);
      const now = readFileSync(at('work.tar'));
      assert.ok(now.equals(original) || now.equals(planned), `after ${when} ms`);
    }
    assert.equal(
      run('undo', 'work.tar', '--yes').status === 0 || readFileSync(at('work.tar')).equals(original),
      true,
    );
    assert.equal(run(...prepare).status, 0);
    assert.equal(run('undo', 'work.tar', '--yes').status, 0);
    assert.deepEqual(readdirSync(folder).sort(), ['guest', 'guest.tar', 'work.tar']);
  });

  it('rolls a directory back when it is interrupted instead', async () => {
    const before = walkByTools(at('guest'));
    const prepare = ['prepare', 'guest', '--yes', '--quiet'];
    const whens = await timeline(prepare, 30);
    run('undo', 'guest', '--yes');
    for (const [turn, when] of whens.entries()) {
      const status = await killed(prepare, when, turn % 2 ? 'SIGINT' : 'SIGTERM');
      assert.ok([0, 1, 130, 143].includes(status ?? 130), String(status));
      if (walkByTools(at('guest')) !== before) assert.equal(run('undo', 'guest', '--yes').status, 0);
      assert.equal(walkByTools(at('guest')), before);
    }
  });

  it('runs twice at once on one directory without harm', async () => {
    const before = walkByTools(at('guest'));
    const both = ['prepare', 'guest', '--yes', '--quiet'];
    const codes = await Promise.all([killed(both, 60_000), killed(both, 60_000), killed(both, 60_000)]);
    assert.ok(codes.includes(0), codes.join());
    for (const code of codes) assert.ok(code === 0 || code === 4, codes.join());
    assert.equal(run('undo', 'guest', '--yes').status, 0);
    assert.equal(walkByTools(at('guest')), before);
  });

  /** What is in a tree, without times. */
  function contentOf(root: string): string {
    return sh(
      'sh',
      '-c',
      `cd "$1" && find . -printf '%P %y %m %l\\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum`,
      'sh',
      root,
    );
  }

  it('judges what a user may not read as unjudged, by name', () => {
    sh('chmod', '755', join(folder, '..'), folder);
    sh('chmod', '600', at('guest/var/log/nova-agent.log'));
    const result = hallmark(['check', 'guest'], { cwd: folder, uid: 65534 });
    assert.equal(result.status, 3);
    assert.match(result.stdout.replace(/\s+/g, ' '), /cannot read \/var\/log\/nova-agent\.log: EACCES/);
  });
});
