import assert from 'node:assert/strict';
import type { BootEdge, BootGraph } from '../../../images/guest/init/boot-graph.js';
import { type BootRole, drawBoot } from '../../../pipeline/report/boot.js';

function graph(name: string, ...pairs: readonly string[]): BootGraph {
  const edges = pairs.map((pair): BootEdge => {
    const [first = '', then = ''] = pair.split(' ');
    return { first, then, evidence: { path: `/etc/${first}`, line: 1 }, because: pair };
  });
  return { name, edges, nodes: new Set(edges.flatMap(({ first, then }) => [first, then])) };
}

const roles = new Map<string, BootRole>([
  ['xe', 'xe'],
  ['agent', 'agent'],
  ['cloud', 'cloud-init'],
]);

const shown = (boot: ReturnType<typeof drawBoot>[number] | undefined): string[] =>
  (boot?.edges ?? []).map(({ first, then, mark }) => `${first} ${then} ${mark}`);

describe('drawBoot', () => {
  it('keeps what matters and the shortest chain between, and drops the rest', () => {
    const [boot] = drawBoot([graph('g', 'xe m', 'm agent', 'xe p', 'p q', 'q agent', 'z xe', 'agent y')], {
      roles,
    });
    assert.deepEqual(boot?.nodes, [{ id: 'agent', role: 'agent' }, { id: 'm' }, { id: 'xe', role: 'xe' }]);
    assert.deepEqual(shown(boot), ['m agent given', 'xe m given']);
    assert.deepEqual(boot.edges[0], {
      first: 'm',
      then: 'agent',
      because: 'm agent',
      path: '/etc/m',
      line: 1,
      mark: 'given',
    });
  });

  it('does not draw what follows from two other chains', () => {
    const [boot] = drawBoot([graph('g', 'xe agent', 'agent cloud', 'xe cloud')], { roles });
    assert.deepEqual(shown(boot), ['agent cloud given', 'xe agent given']);
  });

  it('marks every edge of a cycle, only in the graph that has it', () => {
    const cyclic = graph('a', 'xe agent', 'agent cloud', 'cloud basic', 'basic xe');
    const boots = drawBoot([cyclic, graph('b', 'xe agent')], { roles, cycles: [cyclic.edges] });
    assert.deepEqual(shown(boots[0]), [
      'agent cloud wrong',
      'basic xe wrong',
      'cloud basic wrong',
      'xe agent wrong',
    ]);
    assert.deepEqual(shown(boots[1]), ['xe agent given']);
  });

  it('adds the edge that is missing, and marks the chain that runs the other way', () => {
    const orderings = [
      {
        graph: 'a',
        verdict: 'unordered' as const,
        chain: [],
        evidence: [{ path: '/etc/rc3.d/S20agent' as const }],
        because: 'same number',
      },
      {
        graph: 'b',
        verdict: 'after' as const,
        chain: graph('b', 'agent m', 'm xe').edges,
        evidence: [],
        because: 'after',
      },
    ];
    const graphs = [graph('a', 'log xe', 'log agent'), graph('b', 'agent m', 'm xe')];
    const boots = drawBoot(graphs, { roles, wanted: { first: 'xe', then: 'agent', orderings } });
    assert.deepEqual(boots[0]?.edges, [
      { first: 'xe', then: 'agent', because: 'same number', path: '/etc/rc3.d/S20agent', mark: 'missing' },
    ]);
    assert.deepEqual(shown(boots[1]), ['agent m wrong', 'm xe wrong']);
  });

  it('draws graphs that look alike once, whatever file says so', () => {
    const levels = [graph('2', 'xe agent'), graph('3', 'xe agent'), graph('4', 'agent xe')];
    const boots = drawBoot(levels, { roles });
    assert.deepEqual(
      boots.map(({ name, alike }) => [name, alike]),
      [
        ['2', ['3']],
        ['4', []],
      ],
    );
  });

  it('leaves out a graph that starts none of them', () => {
    assert.deepEqual(drawBoot([graph('runlevel 1', 'single log')], { roles }), []);
  });
});
