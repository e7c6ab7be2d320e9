import assert from 'node:assert/strict';
import { agentStarters } from '../../../../images/guest/agents/agent-starters.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { assertDeclared } from '../../../support/declared.js';

async function linesOf(content: string, mode = 0o755): Promise<readonly unknown[]> {
  const image = memoryImage({
    '/etc/rc.d/rc.local': { content, mode },
    '/etc/rc.local': { link: 'rc.d/rc.local' },
  });
  await assertDeclared(agentStarters.inputs, image, (watched) => factsOf(watched)(agentStarters));
  return factsOf(image)(agentStarters);
}

describe('agent starters', () => {
  for (const line of [
    '/usr/sbin/nova-agent &',
    'nohup /usr/bin/nova-agent -n',
    '/etc/init.d/nova-agent start',
    'sleep 5; service nova-agent restart',
  ]) {
    it(`finds ${line}, once`, async () => {
      assert.deepEqual(await linesOf(`#!/bin/sh\n${line}\nexit 0\n`), [{ path: '/etc/rc.local', line: 2 }]);
    });
  }

  for (const line of [
    '# /usr/sbin/nova-agent &',
    'service nova-agent stop',
    'tail /var/log/nova-agent.log',
    '',
  ]) {
    it(`does not take ${JSON.stringify(line)} for one`, async () => {
      assert.deepEqual(await linesOf(`#!/bin/sh\n${line}\n`), []);
    });
  }

  it('counts only in a script that can be run', async () => {
    assert.deepEqual(await linesOf('#!/bin/sh\n/usr/sbin/nova-agent\n', 0o644), []);
  });
});
