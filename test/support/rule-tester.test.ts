import assert from 'node:assert/strict';
import { agentInstalled } from '../../checks/agent-installed.js';
import { agent2, anOs } from './facts.js';
import { gaps, judge } from './rule-tester.js';

const pass = [{ name: 'x', facts: { agents: [agent2()], os: anOs() } }];
const fail = (message: string) => ({ name: message, facts: {}, findings: [{ message }] });
const all = Object.keys(agentInstalled.meta.messages).map(fail);

describe('the rule tester', () => {
  it('finds nothing missing in a full table', () => {
    assert.deepEqual(gaps(agentInstalled, { pass, fail: all }), []);
  });

  it('refuses a message that no case triggers', () => {
    assert.deepEqual(gaps(agentInstalled, { pass, fail: all.slice(1) }), [
      `no case triggers the message ${all[0]?.name ?? ''}`,
    ]);
  });

  it('refuses a check that no case lets pass, and a case without findings', () => {
    const cases = {
      pass: [],
      fail: [...all, { name: 'empty', facts: {}, findings: [] }],
    };
    assert.deepEqual(gaps(agentInstalled, cases), ['no case passes', 'the case "empty" expects no finding']);
  });

  it('refuses facts that the check does not declare', async () => {
    await assert.rejects(
      judge(agentInstalled, { name: 'x', facts: { agents: [], os: anOs(), xe: undefined } }),
      /not declared/,
    );
  });

  it('turns a fact that was forgotten into an error, never into a pass', async () => {
    const result = await judge(agentInstalled, { name: 'x', facts: { agents: [] } });
    assert.equal(result.outcome, 'error');
    assert.match(result.reason ?? '', /gives no os/);
  });
});
