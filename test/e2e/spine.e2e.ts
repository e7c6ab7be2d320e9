import assert from 'node:assert/strict';
import { guests, healthyRoot, shippedRoot, target, together } from '../guests/real.js';
import { report } from '../support/command.js';
import { takeTheirCourse } from '../support/course.js';
import { RealRoots } from '../support/real-roots.js';

for (const name of ['systemd', 'sysv'] as const) {
  const { faults } = guests[name];
  describe(`the spine on a real ${name} root`, () => {
    let roots: RealRoots;
    let shipped: string;
    let healthy: string;
    before(() => {
      roots = new RealRoots();
      shipped = shippedRoot(roots, name);
      healthy = healthyRoot(roots, shipped);
    });
    after(() => {
      roots[Symbol.dispose]();
    });

    it('finds nothing wrong with the healthy root', () => {
      const { results, verdict } = report(['check', healthy, ...target]);
      const failed = results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error');
      // Like the distribution's own installer they leave out resolvconf, and with SysV route(8): that is noted.
      assert.deepEqual(
        failed.map(({ id, severity }) => `${id}: ${severity}`),
        [...(name === 'sysv' ? ['agent-runnable: warning'] : []), 'network-dns: info'],
      );
      assert.equal(verdict, 'golden');
    });

    for (const fault of faults) {
      it(`${fault.name}: ${fault.repaired ? 'found, repaired and taken back' : 'found, and not pretended to be repaired'}`, () => {
        const root = roots.copy(fault.asShipped ? shipped : healthy);
        fault.put(root);
        takeTheirCourse(root, [fault], { state: roots.folder('state'), target });
        roots.release(root);
      });
    }

    it('all of them that can be had together: found, repaired and taken back', () => {
      const root = roots.copy(healthy);
      const all = together(faults);
      for (const fault of all) fault.put(root);
      takeTheirCourse(root, all, { state: roots.folder('state'), target });
      roots.release(root);
    });
  });
}
