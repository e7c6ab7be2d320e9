import assert from 'node:assert/strict';
import { checks } from '../../../checks/index.js';
import type { Target } from '../../../checks/lib/check.js';
import { fixers } from '../../../fixers/index.js';
import { type RepairOrder, inOrder } from '../../../fixers/lib/order.js';

const fixer = (id: string, phase: RepairOrder['phase'], ...after: string[]) => ({
  meta: { id, phase, after },
});
const ids = (list: readonly { readonly meta: { readonly id: string } }[]): string[] =>
  list.map(({ meta }) => meta.id);

describe('the order of repairs', () => {
  it('is by phase, then by what each comes after, then by id', () => {
    const sorted = inOrder([
      fixer('z', 'install'),
      fixer('a', 'order', 'y'),
      fixer('y', 'order', 'z'),
      fixer('b', 'order'),
      fixer('c', 'install'),
    ]);
    assert.deepEqual(ids(sorted), ['c', 'z', 'b', 'y', 'a']);
  });

  for (const [name, list] of [
    ['wait for each other', [fixer('a', 'order', 'b'), fixer('b', 'order', 'a')]],
    ['come after one that there is not', [fixer('a', 'order', 'x')]],
    ['come after one of a later phase', [fixer('a', 'install', 'b'), fixer('b', 'order')]],
  ] as const) {
    it(`refuses fixers that ${name}`, () => {
      assert.throws(() => inOrder(list), /no order for a after/);
    });
  }

  /** Both lists as they have always been: a plan has its steps in this order. */
  const before: Readonly<Record<Target, readonly string[]>> = {
    'nova-agent': [
      'agent-installed',
      'xe-installed',
      'sysv-symlink',
      'lsb-headers',
      'xe-enabled',
      'agent-enabled',
      'xe-ordering',
      'boot-cycles',
      'vpn-autostart',
      'network-owner',
      'image-metadata',
    ],
    'cloud-init': [
      'cloud-init-installed',
      'boot-cycles',
      'cloud-init-enabled',
      'cloud-init-datasource',
      'cloud-init-network',
      'agent-retired',
      'network-owner',
      'network-leftovers',
      'image-metadata',
    ],
  };
  for (const target of ['nova-agent', 'cloud-init'] as const) {
    it(`for the target ${target} keeps the order in which repairs depend on each other`, () => {
      const asked = checks.filter(({ meta }) => meta.targets.includes(target)).map(({ meta }) => meta.id);
      const order = ids(fixers).filter((id) => asked.includes(id));
      // New repairs may stand anywhere between these.
      assert.deepEqual(
        order.filter((id) => before[target].includes(id)),
        before[target],
      );
    });
  }
});
