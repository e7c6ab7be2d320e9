import assert from 'node:assert/strict';
import { runCommand } from '../../../images/formats/command-wrappers.js';

describe('formats/command-wrappers', () => {
  const table: [command: string, runs: string | undefined][] = [
    ['/usr/sbin/openvpn --config x', '/usr/sbin/openvpn --config x'],
    ['sudo -u root -E PATH=/bin openvpn x', 'openvpn x'],
    ['env -i -u A B=c D=e openvpn x', 'openvpn x'],
    ['/usr/bin/env openvpn x', 'openvpn x'],
    ['nohup nice -n 5 setsid -f openvpn x', 'openvpn x'],
    ['nice -10 openvpn', 'openvpn'],
    ['timeout -k 5 30s openvpn x', 'openvpn x'],
    ['timeout --signal=KILL 30 openvpn', 'openvpn'],
    ['ionice -c 3 chrt -r 50 taskset 0x1 openvpn', 'openvpn'],
    ['flock -n /run/lock openvpn x', 'openvpn x'],
    ['exec -a vpn openvpn x', 'openvpn x'],
    ['command openvpn', 'openvpn'],
    ['command -v openvpn', undefined],
    [
      'start-stop-daemon --start --quiet --exec /usr/sbin/openvpn -- --config x',
      '/usr/sbin/openvpn --config x',
    ],
    ['start-stop-daemon -S -x /usr/sbin/openvpn', '/usr/sbin/openvpn'],
    ['start-stop-daemon --stop --exec /usr/sbin/openvpn', undefined],
    ['daemon --pidfile /run/x openvpn x', 'openvpn x'],
    ['systemd-run --unit=x -p Restart=on-failure openvpn x', 'openvpn x'],
    ['ip netns exec blue openvpn x', 'openvpn x'],
    ['ip link set x up', 'ip link set x up'],
    ['screen -dmS vpn openvpn x', 'openvpn x'],
    ['bash -x /opt/vpn.sh up', '/opt/vpn.sh up'],
    ['nohup', undefined],
    ['sh', undefined],
  ];
  for (const [command, runs] of table) {
    it(`${command} runs ${runs ?? 'nothing'}`, () => {
      const found = runCommand(command.split(' '));
      assert.equal(found?.kind === 'program' ? found.words.join(' ') : undefined, runs);
    });
  }

  const scripts: [words: string[], text: string][] = [
    [['sh', '-c', 'openvpn x', 'me', 'a'], 'openvpn x'],
    [['/bin/bash', '-lc', 'openvpn x'], 'openvpn x'],
    [['su', '-', 'root', '-c', 'openvpn x'], 'openvpn x'],
    [['sudo', 'sh', '-c', 'openvpn x'], 'openvpn x'],
    [['flock', '/run/lock', '-c', 'openvpn x'], 'openvpn x'],
  ];
  for (const [words, text] of scripts) {
    it(`${words.join(' ')} runs a script`, () => {
      const found = runCommand(words);
      assert.equal(found?.kind === 'script' ? found.text : undefined, text);
    });
  }

  it('ends where wrappers wrap nothing but wrappers', () => {
    assert.equal(runCommand(Array.from({ length: 1000 }, () => 'nohup')), undefined);
  });
});
