import assert from 'node:assert/strict';
import { agents } from '../../../images/guest/agents/agents.js';
import type { Agent } from '../../../images/guest/agents/agent.js';
import type { Gather, Gatherable } from '../../../images/guest/fact.js';
import { init } from '../../../images/guest/init/init.js';
import { os } from '../../../images/guest/os.js';
import type { BootEdge } from '../../../images/guest/init/boot-graph.js';
import { services } from '../../../images/guest/init/services.js';
import type { Service, Services } from '../../../images/guest/init/service.js';
import { xe } from '../../../images/guest/agents/xe.js';
import { memoryImage } from '../../../images/image/memory.js';
import { describeBoot, describeImage } from '../../../pipeline/report/describe-image.js';

/** Facts by table; what is not in it fails, as a fact does that cannot be read. */
function factsFrom(table: ReadonlyMap<Gatherable<unknown>, unknown>): Gather {
  return <T>(fact: Gatherable<T>) =>
    table.has(fact)
      ? Promise.resolve(table.get(fact) as T)
      : Promise.reject(new Error(`${fact.name} cannot be read`));
}

const agent: Agent = {
  generation: 1,
  form: 'tree',
  version: '1.39.0',
  versionFrom: undefined,
  program: '/usr/sbin/nova-agent',
  serviceNames: ['nova-agent', 'python3-nova-agent'],
  requirements: [],
  links: [],
};

function service(id: string, state: Service['state']): Service {
  return {
    id,
    name: id,
    aliases: [],
    origin: 'script',
    path: `/etc/init.d/${id}`,
    state,
    evidence: [],
    exec: [],
  };
}

function guestWith(all: readonly Service[]): Services {
  const edges: BootEdge[] = [
    { first: 'networking', then: 'python3-nova-agent', evidence: undefined, because: 'S01 before S02' },
  ];
  return {
    process: () => Promise.reject(new Error('not asked for')),
    system: 'sysv',
    all,
    graphs: () =>
      Promise.resolve([
        {
          name: 'runlevel 2',
          nodes: new Set(['networking', 'python3-nova-agent', 'xe-daemon', 'cron']),
          edges,
        },
      ]),
    find: (name) => all.find(({ id }) => id === name),
    order: (first, then) =>
      Promise.resolve([
        {
          graph: 'runlevel 2',
          verdict: 'unordered',
          chain: [],
          evidence: [],
          because: `${first.id} and ${then.id} have one number`,
        },
      ]),
    cycles: () => Promise.resolve([]),
    enable: () => Promise.reject(new Error('a report changes nothing')),
    disable: () => Promise.reject(new Error('a report changes nothing')),
    putBefore: () => Promise.reject(new Error('a report changes nothing')),
    goal: () => Promise.reject(new Error('a report asks for no goal')),
    setDefaultGoal: () => Promise.reject(new Error('a report changes nothing')),
    obstacles: () => Promise.reject(new Error('a report asks for no obstacle')),
    enabledInVain: () => Promise.resolve([]),
    starters: () => Promise.resolve([]),
  };
}

const tools = {
  name: 'xe-guest-utilities',
  version: undefined,
  evidence: '/usr/sbin/xe-daemon',
  programs: [],
  serviceNames: ['xe-linux-distribution', 'xe-daemon'],
};

const table = new Map<Gatherable<unknown>, unknown>([
  [
    os,
    {
      family: 'debian',
      id: 'debian',
      name: 'Debian GNU/Linux',
      version: '6.0.1',
      evidence: '/etc/debian_version',
      kernels: [],
    },
  ],
  [init, { system: 'sysv', evidence: undefined, alsoInstalled: [], systemdVersion: undefined }],
  [agents, [agent]],
  [xe, tools],
  [
    services,
    guestWith([
      service('nova-agent', 'disabled'),
      service('python3-nova-agent', 'enabled'),
      service('xe-daemon', 'enabled'),
    ]),
  ],
]);

describe('describeImage', () => {
  it('says what is known, and leaves out versions that are not', async () => {
    assert.deepEqual(await describeImage(memoryImage({}, 'label'), factsFrom(table), 'sha256:00'), {
      kind: 'memory',
      source: 'label',
      digest: 'sha256:00',
      os: { id: 'debian', name: 'Debian GNU/Linux', version: '6.0.1' },
      init: 'sysv',
      agents: [{ generation: 1, form: 'tree', version: '1.39.0', program: '/usr/sbin/nova-agent' }],
      xe: { name: 'xe-guest-utilities' },
    });
  });

  it('claims nothing about what could not be read', async () => {
    assert.deepEqual(await describeImage(memoryImage({}, 'label'), factsFrom(new Map())), {
      kind: 'memory',
      source: 'label',
    });
  });
});

describe('describeBoot', () => {
  it('draws the agent that boots, the tools, the network and what is missing between them', async () => {
    assert.deepEqual(await describeBoot(factsFrom(table)), [
      {
        name: 'runlevel 2',
        alike: [],
        nodes: [
          { id: 'networking', role: 'network' },
          { id: 'python3-nova-agent', role: 'agent' },
          { id: 'xe-daemon', role: 'xe' },
        ],
        edges: [
          { first: 'networking', then: 'python3-nova-agent', because: 'S01 before S02', mark: 'given' },
          {
            first: 'xe-daemon',
            then: 'python3-nova-agent',
            because: 'xe-daemon and python3-nova-agent have one number',
            mark: 'missing',
          },
        ],
      },
    ]);
  });

  it('draws nothing when the services or their order could not be told', async () => {
    const broken = { ...guestWith([]), graphs: () => Promise.reject(new Error('unreadable unit')) };
    assert.deepEqual(await describeBoot(factsFrom(new Map([...table, [services, broken]]))), []);
    assert.deepEqual(await describeBoot(factsFrom(new Map())), []);
  });
});
