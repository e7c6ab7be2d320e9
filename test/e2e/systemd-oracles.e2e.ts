import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { bootSets, putBootSet, putNaiveDropIn } from '../guests/boot-sets.js';
import { prepare, shippedRoot, target } from '../guests/real.js';
import { report } from '../support/command.js';
import { RealRoots, sh } from '../support/real-roots.js';
import { realCycles } from '../support/real-systemd.js';

const agent = 'python3-nova-agent.service';
const xe = 'xe-linux-distribution.service';

describe('a prepared systemd root, judged by systemctl and systemd-analyze', () => {
  let roots: RealRoots;
  let shipped: string;
  before(() => {
    roots = new RealRoots();
    shipped = shippedRoot(roots, 'systemd');
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  for (const set of bootSets) {
    describe(set.name, () => {
      for (const start of ['as shipped', 'with the naive drop-in'] as const) {
        it(`${start}: both enabled, in order, without a cycle`, () => {
          const root = roots.copy(shipped);
          putBootSet(root, set);
          if (start === 'as shipped') assert.deepEqual(realCycles(root), []);
          else {
            putNaiveDropIn(root);
            assert.equal(realCycles(root).length > 0, set.naiveOrderIsCircular, 'systemd finds a cycle');
          }
          prepare(roots, root);
          assert.equal(isEnabled(root, agent), 'enabled');
          // For a script systemctl asks Debian's systemd-sysv-install, which looks for its start links.
          assert.equal(isEnabled(root, xe), 'enabled');
          assert.deepEqual(realCycles(root), []);
          assert.equal(report(['check', root, ...target]).verdict, 'golden');
          roots.release(root);
        });
      }
    });
  }

  describe('enable and disable', () => {
    const forms = { 'as a unit': bootSets[0], 'from a script': bootSets[1] };
    for (const [form, set] of Object.entries(forms)) {
      for (const unit of [agent, xe]) {
        it(`enables ${unit} as systemctl does, with xe ${form}`, () => {
          assert.ok(set);
          const [ours, theirs] = [roots.copy(shipped), roots.copy(shipped)];
          for (const root of [ours, theirs]) {
            putBootSet(root, set);
            systemctl(root, 'disable', unit);
            assert.equal(isEnabled(root, unit), 'disabled');
          }
          systemctl(theirs, 'enable', unit);
          // What is left to do for both is the order.
          for (const root of [ours, theirs]) prepare(roots, root);
          assert.deepEqual(bootLinks(ours), bootLinks(theirs));
          for (const root of [ours, theirs]) roots.release(root);
        });
      }
    }

    it(`disables ${agent} as systemctl does`, () => {
      const [ours, theirs] = [roots.copy(shipped), roots.copy(shipped)];
      for (const root of [ours, theirs]) prepare(roots, root);
      prepare(roots, ours, ['--target', 'cloud-init', '--agent', 'disable', '--only', 'agent-retired']);
      systemctl(theirs, 'disable', agent);
      assert.equal(isEnabled(ours, agent), 'disabled');
      assert.deepEqual(bootLinks(ours), bootLinks(theirs));
      for (const root of [ours, theirs]) roots.release(root);
    });
  });
});

function systemctl(root: string, verb: string, unit: string): void {
  sh('systemctl', `--root=${root}`, verb, unit);
}

/** In the words of `systemctl is-enabled`. */
function isEnabled(root: string, unit: string): string {
  const { stdout } = spawnSync('systemctl', [`--root=${root}`, 'is-enabled', unit], { encoding: 'utf8' });
  return stdout.trim();
}

/** All that says what starts at boot: unit files, drop-ins and links of /etc, and the runlevel links. */
function bootLinks(root: string): string[] {
  const script = 'cd "$1"/etc && find systemd/system rc?.d -printf "%y %m %p %l\\n"';
  return sh('sh', '-c', script, 'sh', root).trim().split('\n').sort();
}
