import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../pipeline/report/report.js';
import { debian6 } from '../guests/debian6.js';
import { hallmark } from '../support/command.js';
import { sh } from '../support/real-roots.js';
import { packTarball } from '../support/tarballs.js';

describe('the reports of an earlier run, as root', function () {
  this.timeout(600_000);
  let folder: string;
  let disk: string;
  const at = (name: string): string => join(folder, name);
  const run = (...args: string[]): ReturnType<typeof hallmark> =>
    hallmark(args, { cwd: folder, state: at('state') });

  /** Makes the image golden by asking one check alone, which passes. */
  const check = (image = 'guest.tar'): ReturnType<typeof hallmark> =>
    run('check', image, '--only', 'agent-unique', '--report', join(disk, 'out'));

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hallmark-stale-'));
    disk = at('disk');
    mkdirSync(disk);
    await packTarball(debian6, at('guest.tar'));
    writeFileSync(at('broken.tar'), 'no archive');
    sh('mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk);
  });
  afterEach(() => {
    sh('umount', disk);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Formats that call the image golden. */
  const golden = (): string[] =>
    readdirSync(join(disk, 'out')).filter((name) => {
      const text = readFileSync(join(disk, 'out', name), 'utf8').replace(/golden only|called golden/g, '');
      return /(?:^|[^T ] *)GOLDEN|(?:verdict|value)\W+golden/.test(text);
    });

  it('are no run’s that has not written its own, however little space is left', () => {
    let refused = 0;
    for (let left = 0; left <= 96; left += 4) {
      assert.equal(check().status, 0);
      assert.ok(golden().length > 4);
      // The whole disk but some blocks, of four kibibytes each.
      const free = Number(sh('stat', '--file-system', '--format=%f', disk)) * 4 - left;
      if (free > 0) writeFileSync(join(disk, 'filler'), Buffer.alloc(free * 1024));
      const { status, stderr } = check();
      if (status !== 0) {
        refused++;
        assert.equal(status, 3);
        assert.match(stderr, /cannot write the report to \S+: ENOSPC/);
        assert.deepEqual(golden(), []);
      }
      assert.deepEqual(
        readdirSync(join(disk, 'out')).filter((name) => name.endsWith('.tmp')),
        [],
      );
      rmSync(join(disk, 'filler'), { force: true });
    }
    assert.ok(refused > 5, `only ${refused} runs had too little space`);
  });

  it('are replaced by those of a run that could not judge', () => {
    assert.equal(check().status, 0);
    assert.equal(check('broken.tar').status, 3);
    assert.deepEqual(golden(), []);
    const report = JSON.parse(readFileSync(join(disk, 'out/report.json'), 'utf8')) as Report;
    assert.equal(report.verdict, 'incomplete');
    assert.equal(report.error?.exitCode, 3);
  });

  it('stay where nothing can be written, and the run says so before it begins', () => {
    assert.equal(check().status, 0);
    sh('mount', '-o', 'remount,ro', disk);
    const { status, stdout, stderr } = check();
    sh('mount', '-o', 'remount,rw', disk);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /--report: \S+ is not writable \(EROFS\)/);
  });
});
