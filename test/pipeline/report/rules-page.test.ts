import assert from 'node:assert/strict';
import { type Check, defineCheck } from '../../../checks/lib/check.js';
import type { Example } from '../../../checks/lib/example.js';
import { type Fixer, defineFixer } from '../../../fixers/lib/fixer.js';
import { describeRules } from '../../../pipeline/report/rules.js';
import { rulePage, rulesPage } from '../../../pipeline/report/rules-page.js';

const checks: readonly Check[] = [
  defineCheck({
    meta: {
      id: 'xe-ordering',
      title: 'the xe tools start before nova-agent',
      failureTitle: 'nova-agent does not wait for the xe tools',
      category: 'boot',
      severity: 'error',
      targets: ['nova-agent'],
      families: ['Linux'],
      scope: 'image',
      messages: { same: 'both have number {{number}} | in runlevel {{level}}' },
      docs: {
        why: 'The agent opens what the xe tools\n  mount.\n\nIt is not started again.',
        remedy: 'Run <insserv>.',
        references: [{ title: 'insserv(8)', where: 'INIT SCRIPT HEADERS' }],
      },
    },
    needs: {},
    run: () => [],
  }),
  defineCheck({
    meta: {
      id: 'agent-log',
      title: 'the log shows no trouble',
      failureTitle: 'the log shows trouble',
      category: 'agent',
      severity: 'warning',
      targets: ['nova-agent', 'cloud-init'],
      families: ['Linux'],
      scope: 'image',
      messages: { seen: 'seen' },
      docs: { why: 'Why.', remedy: 'Remedy.', references: [] },
    },
    needs: {},
    run: () => [],
  }),
];

const fixers: readonly Fixer[] = [
  defineFixer({
    meta: {
      id: 'xe-ordering',
      title: 'Start the xe tools first',
      risk: 'reviewed',
      phase: 'order',
      docs: 'Numbers the links.',
    },
    needs: {},
    async *plan() {
      // describes nothing
    },
  }),
];

describe('describeRules', () => {
  it('sorts by id and joins each check with its fixer', () => {
    const rules = describeRules(checks, fixers);
    assert.deepEqual(
      rules.map(({ id, repair }) => [id, repair]),
      [
        ['agent-log', undefined],
        ['xe-ordering', { title: 'Start the xe tools first', risk: 'reviewed', docs: 'Numbers the links.' }],
      ],
    );
  });
});

describe('rulesPage', () => {
  const page = rulesPage(checks, fixers, []);

  it('has a row for each check, in the order of their ids, with a link to its page', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ['));
    assert.deepEqual(rows, [
      '| [agent-log](../docs/checks/agent-log.md) | warning | by hand | the log shows no trouble |',
      '| [xe-ordering](../docs/checks/xe-ordering.md) | error | reviewed | the xe tools start before nova-agent |',
    ]);
  });

  it('is the same whatever the order of the registries', () => {
    assert.equal(rulesPage(checks.toReversed(), fixers, []), page);
  });
});

const example: Example = {
  guest: 'debian-12',
  agentFate: 'disable',
  bad: {
    files: { '/etc/a': 'one\n```\n', '/etc/b': { link: '/c' }, '/etc/d': false, '/etc/e': '' },
    metadata: { vm_mode: 'xen' },
    running: { processes: [], tunnels: [{ name: 'tun0' }] },
    says: ['both have <number> 20'],
  },
  good: { files: { '/etc/a': true } },
};

describe('rulePage', () => {
  it('tells all: why, example, remedy, repair, messages, references; markup in them stays text', () => {
    const page = rulePage(checks[0]!, fixers[0], example);
    for (const text of [
      '# xe-ordering\n',
      '- Fails when: nova-agent does not wait for the xe tools.',
      '## Why\n\nThe agent opens what the xe tools mount.\n\nIt is not started again.',
      'and cloud-init off the network, with `--agent disable`:',
      '`/etc/a`\n\n````text\none\n```\n````',
      '`/etc/b: a link to /c`',
      '`/etc/d: does not exist`',
      '`/etc/e: empty`',
      '{ "vm_mode": "xen" }',
      '`processes on the running server: none`',
      '{ "name": "tun0" }',
      '- both have &lt;number&gt; 20',
      '`/etc/a: as its package installs it`',
      '## What to do\n\nRun &lt;insserv&gt;.',
      '## Repair\n\nStart the xe tools first (reviewed).\n\nNumbers the links.',
      '- `same` both have number {{number}} \\| in runlevel {{level}}',
      '- For another target than nova-agent.',
      '- For a guest that is not Linux.',
      '- insserv(8), INIT SCRIPT HEADERS',
    ]) {
      assert.ok(page.includes(text), text);
    }
  });

  it('says of a check without a repair that it is repaired by hand', () => {
    assert.match(rulePage(checks[1]!, undefined, example), /## Repair\n\nNone: you repair it by hand\./);
  });
});
