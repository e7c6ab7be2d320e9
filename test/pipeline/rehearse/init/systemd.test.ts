import assert from 'node:assert/strict';
import type { Service } from '../../../../images/guest/init/service.js';
import type { Init } from '../../../../images/guest/init/init.js';
import { systemd } from '../../../../pipeline/rehearse/init/systemd.js';
import type { RunningGuest } from '../../../../pipeline/rehearse/running-guest.js';
import { guestAt } from '../evidence/guest-at.js';

const agent: Service = {
  name: 'nova-agent',
  aliases: [],
  origin: 'unit',
  state: 'enabled',
  evidence: [],
  exec: [],
  id: 'nova-agent.service',
  path: '/lib/systemd/system/nova-agent.service',
};
const shown =
  'systemctl show --property=ConditionResult,ConditionTimestampMonotonic,InactiveExitTimestampMonotonic -- nova-agent.service';
const running = 'systemctl is-system-running';
const active = 'systemctl is-active -- nova-agent.service';

function withAgent(guest: RunningGuest): RunningGuest {
  return { ...guest, facts: { ...guest.facts, agentService: agent } };
}

describe('a booted systemd', () => {
  it('has its console told what its services say', () => {
    assert.ok(systemd.arguments.includes('systemd.log_target=console'));
    assert.ok(systemd.arguments.includes('systemd.journald.forward_to_console=1'));
  });

  for (const [version, unified] of [
    [undefined, true],
    ['219-78.el7_9.9', false],
    ['232-25+deb9u14', false],
    ['233-1', true],
    ['252.39-1~deb12u2', true],
  ] as const) {
    it(`of version ${version ?? 'unknown'} takes ${unified ? 'unified' : 'split'} control groups`, () => {
      assert.equal(systemd.takesUnifiedGroups({ systemdVersion: version } as Init), unified);
    });
  }

  it('has booted when it says so', () => {
    assert.ok(systemd.endsBoot('systemd[1]: Startup finished in 1.234s.'));
    assert.ok(!systemd.endsBoot('INIT: Entering runlevel: 2'));
  });

  it('says when a unit was started, in milliseconds since the guest was', async () => {
    const guest = guestAt('/', { [shown]: 'InactiveExitTimestampMonotonic=4063500000\n' });
    assert.deepEqual(await systemd.startOf(guest, agent), {
      atMs: 1500,
      withinMs: 0,
      seen: 'nova-agent.service was started',
    });
  });

  it('says when it skipped a unit whose conditions do not hold', async () => {
    const text =
      'ConditionResult=no\nConditionTimestampMonotonic=4062250000\nInactiveExitTimestampMonotonic=0\n';
    const start = await systemd.startOf(guestAt('/', { [shown]: text }), agent);
    assert.equal(start?.atMs, 250);
    assert.match(start.seen, /^nova-agent\.service was skipped/);
  });

  it('knows of no start that did not happen', async () => {
    const text = 'ConditionResult=yes\nConditionTimestampMonotonic=0\nInactiveExitTimestampMonotonic=0\n';
    assert.equal(await systemd.startOf(guestAt('/', { [shown]: text }), agent), undefined);
  });

  for (const [what, says, unstarted] of [
    ['still boots', { [running]: 'starting\n' }, false],
    ['has booted, with the agent active', { [running]: 'running\n', [active]: 'active\n' }, false],
    ['has booted, with the agent starting', { [running]: 'degraded\n', [active]: 'activating\n' }, false],
    ['has booted, with the agent failed', { [running]: 'degraded\n', [active]: 'failed\n' }, true],
    ['has booted without the agent', { [running]: 'running\n', [active]: 'inactive\n' }, true],
  ] as const) {
    it(`${unstarted ? 'left the agent unstarted' : 'may yet start the agent'} when it ${what}`, async () => {
      assert.equal(await systemd.leftAgentUnstarted(withAgent(guestAt('/', says))), unstarted);
    });
  }

  it('proves that there is no ordering cycle by its console', () => {
    const deleted = 'a.service: Job b.service/start deleted to break ordering cycle starting with a.service';
    const [refuted] = systemd.bootClaims(guestAt('/', {}, ['a.service: Found ordering cycle on b', deleted]));
    assert.deepEqual([refuted?.outcome, refuted?.seen], ['fail', `its console reports: ${deleted}`]);
    const [proven] = systemd.bootClaims(guestAt('/', {}, ['Startup finished in 2s.']));
    assert.equal(proven?.outcome, 'pass');
  });
});
