import assert from 'node:assert/strict';
import { chooseAgent } from '../../../fixers/lib/agent-choice.js';
import type { Init, InitSystem } from '../../../images/guest/init/init.js';
import type { Os } from '../../../images/guest/os.js';

const osOf = (id: string, family: Os['family'], version: string): Os =>
  ({ id, family, version, name: id }) as Os;
const initOf = (system: InitSystem): Init => ({
  system,
  evidence: undefined,
  alsoInstalled: [],
  systemdVersion: undefined,
});

describe('the choice of an agent', () => {
  for (const [os, system, expected] of [
    [osOf('debian', 'debian', '12'), 'systemd', 2],
    [osOf('debian', 'debian', '7'), 'sysv', 1],
    [osOf('ubuntu', 'debian', '14.04'), 'upstart', 1],
    [osOf('centos', 'redhat', '6.7'), 'sysv', 2],
    [osOf('centos', 'redhat', '5.11'), 'sysv', 1],
    [osOf('rocky', 'redhat', '9.4'), 'systemd', 2],
    [osOf('opensuse-leap', 'suse', '15.5'), 'systemd', 1],
    [osOf('alpine', 'alpine', '3.18'), 'openrc', 2],
    [osOf('rocky', 'redhat', '9.4'), 'unknown', undefined],
  ] as const) {
    it(`for ${os.id} ${os.version ?? ''} with ${system} is ${expected ?? 'none'}`, () => {
      const choice = chooseAgent(os, initOf(system), 'auto');
      assert.equal(choice?.generation, expected);
      if (choice)
        assert.match(
          choice.reason,
          expected === 2 ? /^2\.x supports/ : /^2\.x (?:does not support|has no service)/,
        );
    });
  }

  it('is what was asked for, and has the names of the distribution', () => {
    const ubuntu = osOf('ubuntu', 'debian', '22.04');
    assert.deepEqual(chooseAgent(ubuntu, initOf('systemd'), 1), {
      generation: 1,
      names: ['nova-agent'],
      major: '1',
      reason: '--agent asks for 1.x',
    });
    assert.deepEqual(chooseAgent(ubuntu, initOf('systemd'), 'auto')?.names, [
      'python3-nova-agent',
      'rax-nova-agent',
      'nova-agent',
      'python-nova-agent',
    ]);
  });
});
