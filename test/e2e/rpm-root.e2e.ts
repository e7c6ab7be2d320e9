import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../guests/faults.js';
import { target, together } from '../guests/real.js';
import { el6Faults, el7Faults, el9Faults } from '../guests/rpm-faults.js';
import { el6, el7, el9, installRpmGuest } from '../guests/rpm.js';
import { hallmark, report } from '../support/command.js';
import { takeTheirCourse } from '../support/course.js';
import { RealRoots, sh } from '../support/real-roots.js';

for (const [guest, faults] of [
  [el7, el7Faults],
  [el6, el6Faults],
  [el9, el9Faults],
] as const) {
  describe(`${guest.name}, installed by rpm`, () => {
    let roots: RealRoots;
    let shipped: string;
    let healthy: string;
    before(() => {
      roots = new RealRoots();
      shipped = installRpmGuest(roots, guest);
      healthy = roots.copy(shipped);
      const { status, stderr } = hallmark(['prepare', healthy, '--yes', '--quiet', ...target], {
        state: roots.folder('state'),
      });
      assert.equal(status, 0, stderr);
    });
    after(() => {
      roots[Symbol.dispose]();
    });

    it('is golden once prepared, and known by its packages', () => {
      const { verdict, image } = report(['check', healthy, ...target]);
      assert.equal(verdict, 'golden');
      const versions = JSON.stringify(image);
      for (const { name, version } of guest.packages)
        if (name === 'nova-agent' || name === 'xe-guest-utilities')
          assert.ok(versions.includes(version), versions);
    });

    for (const fault of faults) {
      it(fault.name, () => {
        course(fault.asShipped ? shipped : healthy, [fault]);
      });
    }

    it('all of them together that can be', () => {
      course(healthy, allOf(faults));
    });

    it('as a tarball: the same results, plan and golden image', () => {
      const root = roots.copy(shipped);
      // Faults of a root that was repaired before have nothing to hold on to in one that was not.
      const [first] = faults.filter(({ asShipped }) => asShipped);
      for (const fault of first ? [first] : allOf(faults)) fault.put(root);
      const folder = roots.folder('packed');
      const [tarball, golden] = [join(folder, 'image.tar.gz'), join(folder, 'golden.tar.gz')];
      sh('tar', '--xattrs', '-C', root, '-czf', tarball, '.');
      const [one, other] = [root, tarball].map((image) => report(['check', image, ...target]));
      assert.deepEqual(other?.results, one?.results);
      assert.ok(one?.results.every(({ outcome }) => outcome !== 'error'));
      const [plan, sameplan] = [root, tarball].map((image) => report(['plan', image, ...target]).changes);
      assert.deepEqual(sameplan, plan);
      hallmark(['prepare', tarball, '-o', golden, ...target]);
      hallmark(['prepare', root, '--yes', ...target], { state: roots.folder('state') });
      const after = [root, golden].map((image) => report(['check', image, ...target]).results);
      assert.deepEqual(after[1], after[0]);
      roots.release(root);
    });

    if (guest.backend === 'sqlite') {
      it('with the empty write-ahead log that rpm leaves beside its database', () => {
        assert.equal(statSync(join(shipped, 'var/lib/rpm/rpmdb.sqlite-wal')).size, 0);
      });
    }

    function course(of: string, put: readonly Fault[]): void {
      const root = roots.copy(of);
      for (const fault of put) fault.put(root);
      takeTheirCourse(root, put, { state: roots.folder('state'), target });
      roots.release(root);
    }
  });
}

/** One of each kind; what is disabled is in no order, so that fault goes alone. */
function allOf(faults: readonly Fault[]): readonly Fault[] {
  return together(faults).filter(({ check }) => check !== 'xe-ordering');
}
