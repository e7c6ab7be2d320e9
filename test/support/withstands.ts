import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemdGuest } from '../guests/tables.js';
import { hallmark } from './command.js';
import type { Attack } from './hostile.js';
import { plant } from './trees.js';
import { walk } from './walk.js';

/** What must never be read: it would show in a report. */
const canary = 'the canary of the host';

/** Control characters other than line ends and tabs, and markup that came from the image. */
const raw = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** Each attack on an image of its own: what is outside is neither read nor written, and the outcome is clear. */
export function withstands(attacks: readonly Attack[]): void {
  let scratch: string;
  let root: string;
  let outside: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'hallmark-hostile-'));
    root = join(scratch, 'root');
    outside = join(scratch, 'outside');
    plant(root, systemdGuest);
    // Whatever a link stands for, it finds something there: a folder full of what the rules look for.
    mkdirSync(outside);
    for (const name of [
      'os-release',
      'nova-agent',
      'nova-agent.log',
      'status',
      'openvpn',
      'system',
      'x.service',
    ]) {
      plant(outside, { [`/${name}`]: `ID=debian\nPRETTY_NAME="${canary}"\nAUTOSTART=all # ${canary}\n` });
    }
  });
  afterEach(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  for (const attack of attacks) {
    it(`${attack.name}: a clear outcome, and nothing outside is touched`, function () {
      this.timeout(300_000);
      attack.put(root, outside);
      const before = walk(outside);
      const state = join(scratch, 'state');
      const reports = join(scratch, 'reports');
      for (const args of [
        ['check', root, '--report', reports],
        ['plan', root],
        ['prepare', root, '--yes'],
        ['undo', root, '--yes'],
      ]) {
        const { status, stdout, stderr } = hallmark(args, { state });
        const expected = args[0] === 'check' ? [attack.exit] : [0, 1, 2, 3, 4];
        assert.ok(expected.includes(status ?? -1), `hallmark ${args.join(' ')}: exit ${status}\n${stderr}`);
        assert.doesNotMatch(stdout + stderr, raw);
        assert.ok(!(stdout + stderr).includes(canary), stdout + stderr);
      }
      assert.deepEqual(walk(outside), before);
      // Every run has a report, also one that could not judge at all.
      const written = readdirSync(reports);
      assert.equal(written.length, 7);
      for (const name of written) {
        if (name === 'report.json') continue; // JSON has escapes of its own
        const text = readFileSync(join(reports, name), 'utf8');
        assert.doesNotMatch(text, raw, name);
        assert.ok(!text.includes(canary), name);
        if (name !== 'report.txt' && name !== 'report.tap' && name !== 'report.sarif') {
          assert.ok(!text.includes('<script>alert'), name);
        }
      }
    });
  }
}
