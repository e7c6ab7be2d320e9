import assert from 'node:assert/strict';
import fc from 'fast-check';
import { layOut } from '../../../pipeline/report/boot-layout.js';
import type { ReportedBoot } from '../../../pipeline/report/boot.js';
import { cycleBoot } from './samples.js';

function boot(nodes: readonly string[], pairs: readonly (readonly [string, string])[]): ReportedBoot {
  return {
    name: 'g',
    alike: [],
    nodes: nodes.map((id) => ({ id })),
    edges: pairs.map(([first, then]) => ({ first, then, because: 'b', mark: 'given' })),
  };
}

describe('the layout of a boot graph', () => {
  it('puts what starts first above, and begins a circle where a boot begins', () => {
    const { nodes } = layOut(cycleBoot);
    const rows = [
      'sysinit.target',
      'basic.target',
      'xe-linux-distribution.service',
      'nova-agent.service',
      'cloud-init.service',
      'network-online.target',
    ];
    assert.deepEqual(
      rows.map((id) => nodes.get(id)?.row),
      [0, 1, 2, 3, 4, 5],
    );
  });

  it('leads an edge over several rows through a spot in each', () => {
    const { routes } = layOut(
      boot(
        ['a', 'b', 'c'],
        [
          ['a', 'b'],
          ['b', 'c'],
          ['a', 'c'],
        ],
      ),
    );
    const long = routes.find(({ edge }) => edge.first === 'a' && edge.then === 'c');
    assert.deepEqual(
      long?.spots.map(({ row }) => row),
      [0, 1, 2],
    );
  });

  it('gives every node a place of its own in any graph, and keeps the order where there is no circle', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const pair = fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 15 }), fc.boolean(), (pairs, acyclic) => {
        const edges = pairs.filter(([a, b]) => (acyclic ? a < b : true));
        const { nodes, rows } = layOut(boot(ids, edges));
        const places = [...nodes.values()].map(({ row, column }) => `${row} ${column}`);
        assert.equal(new Set(places).size, ids.length);
        assert.equal(rows.flat().length >= ids.length, true);
        if (acyclic) for (const [a, b] of edges) assert.ok(nodes.get(a)!.row < nodes.get(b)!.row);
      }),
    );
  });
});
