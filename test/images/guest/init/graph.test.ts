import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BootEdge } from '../../../../images/guest/init/boot-graph.js';
import { Digraph } from '../../../../images/guest/init/graph.js';

const edge = (first: string, then: string): BootEdge => ({
  first,
  then,
  evidence: undefined,
  because: 'test',
});
const graphOf = (text: string): Digraph =>
  new Digraph(text.split(' ').map((pair) => edge(pair.charAt(0), pair.charAt(1))));
const show = (edges: readonly BootEdge[] | undefined): string | undefined =>
  edges?.map(({ first, then }) => first + then).join(' ');

const nodes = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

const edges = fc
  .array(fc.tuple(fc.constantFrom(...nodes), fc.constantFrom(...nodes)), { maxLength: 14 })
  .map((pairs) => pairs.map(([first, then]) => edge(first, then)));

describe('Digraph', () => {
  it('finds the shortest chain', () => {
    const graph = graphOf('ab bc cd ac xy');
    assert.equal(show(graph.path('a', 'd')), 'ac cd');
    assert.equal(show(graph.path('d', 'a')), undefined);
    assert.deepEqual(graph.path('a', 'a'), []);
  });

  it('finds the shortest cycle through a node, and no other', () => {
    const graph = graphOf('ab bc ca bd db xa ce');
    assert.equal(show(graph.cycle('a')), 'ab bc ca');
    assert.equal(show(graph.cycle('b')), 'bd db');
    assert.equal(graph.cycle('x'), undefined);
    assert.equal(graph.cycle('e'), undefined);
    assert.equal(show(graph.cyclic()), 'ab bc ca bd db');
  });

  it('does not count an edge from a node to itself: systemd ignores it', () => {
    assert.equal(graphOf('aa ab').cycle('a'), undefined);
    assert.deepEqual(graphOf('aa ab').cyclic(), []);
  });

  it('calls an edge circular just when there is a way back', () => {
    fc.assert(
      fc.property(edges, (list) => {
        const graph = new Digraph(list);
        const circular = new Set(graph.cyclic());
        return list.every(
          (one) => circular.has(one) === (one.first !== one.then && graph.reaches(one.then, one.first)),
        );
      }),
    );
  });

  it('gives chains that hang together and end where they began', () => {
    fc.assert(
      fc.property(edges, fc.constantFrom(...nodes), (list, node) => {
        const cycle = new Digraph(list).cycle(node);
        return (
          !cycle ||
          (cycle[0]!.first === node &&
            cycle.at(-1)!.then === node &&
            cycle.every((one, index) => index === 0 || cycle[index - 1]!.then === one.first))
        );
      }),
    );
  });

  it('survives a chain of a hundred thousand nodes', () => {
    const chain = Array.from({ length: 100_000 }, (_, index) => edge(String(index), String(index + 1)));
    assert.deepEqual(new Digraph(chain).cyclic(), []);
    assert.equal(new Digraph([...chain, edge('100000', '0')]).cyclic().length, 100_001);
  });
});
