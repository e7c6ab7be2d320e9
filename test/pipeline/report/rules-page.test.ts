import assert from 'node:assert/strict';
import { type Check, defineCheck } from '../../../checks/lib/check.js';
import { type Fixer, defineFixer } from '../../../fixers/lib/fixer.js';
import { describeRules } from '../../../pipeline/report/rules.js';
import { rulesPage } from '../../../pipeline/report/rules-page.js';

const checks: readonly Check[] = [
  defineCheck({
    meta: {
      id: 'xe-ordering',
      title: 'the xe tools start before nova-agent',
      failureTitle: 'nova-agent does not wait for the xe tools',
      category: 'boot',
      severity: 'error',
      targets: ['nova-agent'],
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
  const page = rulesPage(checks, fixers);

  it('has a row and a section for each check, in the order of their ids', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ['));
    assert.deepEqual(rows, [
      '| [agent-log](#agent-log) | warning | by hand | the log shows no trouble |',
      '| [xe-ordering](#xe-ordering) | error | reviewed | the xe tools start before nova-agent |',
    ]);
    assert.deepEqual(page.match(/^## .*/gm), ['## agent-log', '## xe-ordering']);
  });

  it('tells all: why, remedy, repair, messages, references; markup in them stays text', () => {
    for (const text of [
      '**Why** The agent opens what the xe tools mount.\n\nIt is not started again.',
      '**What to do** Run &lt;insserv&gt;.',
      '**Repair** (reviewed) Start the xe tools first. Numbers the links.',
      '**Repair** None: this one needs a person.',
      '- `same` both have number {{number}} \\| in runlevel {{level}}',
      '- insserv(8), INIT SCRIPT HEADERS',
      'Targets: nova-agent, cloud-init.',
    ]) {
      assert.ok(page.includes(text), text);
    }
  });

  it('is the same whatever the order of the registries', () => {
    assert.equal(rulesPage(checks.toReversed(), fixers), page);
  });
});
