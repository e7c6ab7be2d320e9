import assert from 'node:assert/strict';
import fc from 'fast-check';
import { vpnProgramIn } from '../../../../images/guest/vpn/commands.js';

describe('guest/vpn/commands', () => {
  const table: [string, string | undefined][] = [
    ['openvpn --config x', 'openvpn'],
    ['/usr/sbin/openvpn --config x &', 'openvpn'],
    ['sleep 10 && /usr/bin/wg-quick up wg0', 'wireguard'],
    ['nohup nice -n 5 vpnc office', 'vpnc'],
    ['(echo secret | openconnect host)', 'openconnect'],
    ['su root -c "openvpn x"', 'openvpn'],
    ['PATH=/bin exec pppd call x', 'ppp'],
    ['if ! pon dsl; then true; fi', 'ppp'],
    ['ip tuntap add dev tun0 mode tun', 'tun'],
    ['/sbin/ip -6 tunnel add x mode sit', 'tun'],
    ['ip link add dev wg0 type wireguard', 'tun'],
    ['ip link add dev br0 type bridge', undefined],
    ['ip link set wg0 up', undefined],
    ['systemctl start wg-quick@wg0', 'wireguard'],
    ['systemctl restart openvpn-client@x.service', 'openvpn'],
    ['service strongswan start', 'strongswan'],
    ['/etc/init.d/openvpn start', 'openvpn'],
    ['/etc/init.d/openvpn stop', undefined],
    ['systemctl stop openvpn', undefined],
    ['wg-quick down wg0', undefined],
    ['pkill openvpn', undefined],
    ['echo openvpn', undefined],
    ['# openvpn', undefined],
    ['', undefined],
  ];
  for (const [line, expected] of table) {
    it(`${JSON.stringify(line)} brings up ${expected ?? 'nothing'}`, () => {
      assert.equal(vpnProgramIn(line), expected);
    });
  }

  it('never throws', () => {
    const word = fc.constantFrom(
      'openvpn',
      'ip',
      'nice',
      '-n',
      '5',
      'type',
      ';',
      '&&',
      '"',
      '(',
      '=',
      'x=',
      '/',
      'start',
    );
    const line = fc.oneof(
      fc.string(),
      fc.array(word).map((words) => words.join(' ')),
    );
    fc.assert(fc.property(line, (text) => void vpnProgramIn(text)));
  });
});
