import assert from 'node:assert/strict';
import { agentLogs } from '../../../../images/guest/agents/agent-log.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { gather } from '../../../support/declared-inputs.js';

describe("the agent's logs", () => {
  it('are none in a clean image', async () => {
    assert.deepEqual(await gather(agentLogs, memoryImage({ '/etc/passwd': '' })), []);
  });

  it('are read whole, rotated ones too, but no compressed ones', async () => {
    const image = memoryImage({
      '/var/log/nova-agent.log': 'one\n\nthree',
      '/var/log/nova-agent.log.1': 'old\n',
      '/var/log/nova-agent.log-20151218': 'dated\n',
      '/var/log/nova-agent.log.2.gz': 'packed',
      '/var/log/nova-agent.log.d/x': 'a folder',
      '/var/log/nova-agent-other.log': 'of something else',
    });
    const logs = await gather(agentLogs, image);
    assert.deepEqual(
      logs.map(({ path }) => path),
      ['/var/log/nova-agent.log', '/var/log/nova-agent.log-20151218', '/var/log/nova-agent.log.1'],
    );
    assert.deepEqual(logs[0]?.lines, [
      { number: 1, text: 'one' },
      { number: 2, text: '' },
      { number: 3, text: 'three' },
    ]);
  });

  it('of the system are kept where they concern an agent, with their own line numbers', async () => {
    const noise = 'Jan 1 00:00:00 host cron[1]: nothing\n';
    const image = memoryImage({
      '/var/log/kern.log': `${noise}Jan 1 kernel: nova-agent[812]: segfault at 0 ip 0\n`,
      '/var/log/syslog': `${noise}${noise}systemd[1]: Found ordering cycle on cloud-init.service/start\n${noise}`,
      '/var/log/messages': noise,
      '/var/log/apt/term.log': "insserv: warning: script 'nova-agent' missing LSB tags and overrides\r\n",
    });
    const found = (await gather(agentLogs, image)).map(({ path, lines }) => [
      path,
      lines.map(({ number }) => number),
    ]);
    assert.deepEqual(found, [
      ['/var/log/syslog', [3]],
      ['/var/log/messages', []],
      ['/var/log/kern.log', [2]],
      ['/var/log/apt/term.log', [1]],
    ]);
  });

  it('keep escape sequences and bytes that are not UTF-8', async () => {
    const image = memoryImage({ '/var/log/nova-agent.log': Buffer.from('\x1b[31mred\xff\n', 'latin1') });
    assert.equal((await gather(agentLogs, image))[0]?.lines[0]?.text, '\x1b[31mred\udcff');
  });

  it('are not skipped when they cannot be read', async () => {
    const fifo = memoryImage({ '/var/log/nova-agent.log': { type: 'fifo' } });
    await assert.rejects(gather(agentLogs, fifo), { code: 'not-a-file' });
  });

  it('say so when they are too large to be read', async () => {
    const giant = memoryImage({ '/var/log/messages': { content: '', size: 2 ** 40 } });
    const [log] = await gather(agentLogs, giant);
    assert.equal(log?.path, '/var/log/messages');
    assert.match(log.unread ?? '', /1099511627776 bytes/);
  });
});
