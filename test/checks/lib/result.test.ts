import assert from 'node:assert/strict';
import { type Check, type CheckContext, defineCheck } from '../../../checks/lib/check.js';
import { runCheck } from '../../../checks/lib/result.js';

const context: CheckContext = {
  target: 'nova-agent',
  family: 'Linux',
  metadata: undefined,
  today: '2026-01-15',
};
const get = () => Promise.reject(new Error('no fact is declared'));

function check(message: string, families: Check['meta']['families'] = ['Linux'], line = 3): Check {
  return defineCheck({
    meta: {
      id: 'agent-enabled',
      title: 'the agent starts',
      failureTitle: 'the agent does not start',
      category: 'agent',
      severity: 'error',
      targets: ['nova-agent'],
      families,
      scope: 'image',
      messages: { disabled: message },
      docs: { why: '', remedy: '', references: [] },
    },
    needs: {},
    run: () => [
      { message: 'disabled', data: { service: 'nova-agent.service' }, evidence: { path: '/etc/x', line } },
    ],
  });
}

describe('runCheck', () => {
  it('gives a finding a fingerprint that neither its wording nor its line changes: waivers name it', async () => {
    for (const [message, line] of [
      ['{{service}} does not start', 3],
      ['nothing starts {{service}}', 3],
      ['nothing starts {{service}}', 40],
    ] as const) {
      const { findings } = await runCheck(check(message, ['Linux'], line), get, context);
      assert.deepEqual(
        findings.map(({ fingerprint }) => fingerprint),
        ['d847ef225fdcc9da'],
      );
    }
  });

  it('does not ask a check about a guest of another family, and says why', async () => {
    for (const family of ['FreeBSD', 'Windows'] as const) {
      const result = await runCheck(check('x {{service}}'), get, { ...context, family });
      assert.equal(result.outcome, 'not-applicable');
      assert.equal(result.reason, `it judges Linux guests; this one is ${family}`);
      assert.deepEqual(result.findings, []);
    }
    const both = check('x {{service}}', ['Linux', 'FreeBSD']);
    assert.equal((await runCheck(both, get, { ...context, family: 'FreeBSD' })).outcome, 'fail');
    assert.equal(
      (await runCheck(both, get, { ...context, family: 'Windows' })).reason,
      'it judges Linux and FreeBSD guests; this one is Windows',
    );
  });

  it('turns a check that throws into an error, never into a pass', async () => {
    const broken: Check = {
      ...check('x'),
      run: () => {
        throw new Error('lost');
      },
    };
    const result = await runCheck(broken, get, context);
    assert.deepEqual([result.outcome, result.reason], ['error', 'Error: lost']);
  });
});
