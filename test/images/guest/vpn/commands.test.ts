import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VpnCommands } from '../../../../images/guest/vpn/commands.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { type Files, executable, guestOf, link, realServices, secret } from '../../../support/vpn-guests.js';

async function commandsOf(files: Files): Promise<VpnCommands> {
  const image = memoryImage(guestOf('systemd', files));
  return new VpnCommands(image, await factsOf(image)(realServices('systemd')));
}

async function vpnIn(line: string, files: Files = {}): Promise<string | undefined> {
  return (await (await commandsOf(files)).vpnsIn(line))[0]?.product;
}

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
    it(`${JSON.stringify(line)} brings up ${expected ?? 'nothing'}`, async () => {
      assert.equal(await vpnIn(line), expected);
    });
  }

  const devices: [string, string][] = [
    ['openvpn --config x --dev tap0', 'tap'],
    ['openvpn --dev tun0', 'tun'],
    ['tailscaled --tun=userspace-networking', 'none'],
    ['ip tuntap add dev tap0 mode tap', 'tap'],
    ['ip link add gre1 type gre remote 192.0.2.1', 'none'],
    ['ip link add wg0 type wireguard', 'tun'],
    ['ipsec start', 'none'],
  ];
  for (const [line, device] of devices) {
    it(`${line} makes ${device}`, async () => {
      assert.equal((await (await commandsOf({})).vpnsIn(line))[0]?.device, device);
    });
  }

  const up = executable('#!/bin/sh\nwg-quick up wg0\n');
  const guests: [name: string, line: string, files: Files, expected: string | undefined][] = [
    ['a script', '/usr/local/sbin/vpn-up', { '/usr/local/sbin/vpn-up': up }, 'wireguard'],
    ['a script by its name', 'vpn-up', { '/usr/local/sbin/vpn-up': up }, 'wireguard'],
    [
      'a script in a script',
      '/opt/a.sh',
      { '/opt/a.sh': executable('/opt/b.sh'), '/opt/b.sh': up },
      'wireguard',
    ],
    ['a script behind env', '/usr/bin/env A=b /opt/b.sh', { '/opt/b.sh': up }, 'wireguard'],
    ['a script that a shell reads', 'bash /opt/b.sh', { '/opt/b.sh': 'wg-quick up wg0\n' }, 'wireguard'],
    [
      'a script that is not executable',
      '/opt/b.sh',
      { '/opt/b.sh': '#!/bin/sh\nwg-quick up wg0\n' },
      undefined,
    ],
    [
      'a script by its argument',
      '/opt/b.sh up',
      { '/opt/b.sh': executable('[ "$1" = up ] && wg-quick up wg0\n') },
      'wireguard',
    ],
    [
      'a script with another argument',
      '/opt/b.sh down',
      { '/opt/b.sh': executable('[ "$1" = up ] && wg-quick up wg0\n') },
      undefined,
    ],
    ['a script that is not there', '/opt/b.sh', {}, undefined],
    ['a script that runs itself', '/opt/b.sh', { '/opt/b.sh': executable('/opt/b.sh\n') }, undefined],
    ['a program in a variable', 'VPN=/usr/sbin/openvpn; exec $VPN --config x', {}, 'openvpn'],
    [
      'a script that asks for a program that is not there',
      '/opt/b.sh',
      { '/opt/b.sh': executable('[ -x /usr/sbin/openvpn ] || exit 0\nopenvpn x\n') },
      undefined,
    ],
    [
      'a script of another language',
      '/opt/b.py',
      { '/opt/b.py': executable('#!/usr/bin/python3\nopenvpn\n') },
      undefined,
    ],
    ['a program', '/opt/b', { '/opt/b': executable('\x7fELF\0\nopenvpn\n') }, undefined],
    [
      'a service of another name',
      'systemctl start office',
      { '/etc/systemd/system/office.service': '[Service]\nExecStart=/usr/sbin/openvpn --config x\n' },
      'openvpn',
    ],
    [
      'a profile of NetworkManager',
      'nmcli con up id office',
      { '/etc/NetworkManager/system-connections/x': secret('[connection]\nid=office\nuuid=u\ntype=vpn\n') },
      'network-manager',
    ],
    [
      'a profile of a card',
      'nmcli connection up u',
      {
        '/etc/NetworkManager/system-connections/x': secret(
          '[connection]\nid=office\nuuid=u\ntype=ethernet\n',
        ),
      },
      undefined,
    ],
    [
      'a service that is masked',
      'systemctl start openvpn@x',
      {
        '/etc/systemd/system/openvpn@.service': link('/dev/null'),
        '/etc/systemd/system/openvpn@x.service': link('/dev/null'),
      },
      undefined,
    ],
    [
      'a service that does something else',
      'systemctl start ssh',
      { '/usr/lib/systemd/system/ssh.service': '[Service]\nExecStart=/usr/sbin/sshd\n' },
      undefined,
    ],
  ];
  for (const [name, line, files, expected] of guests) {
    it(`${name} brings up ${expected ?? 'nothing'}`, async () => {
      assert.equal(await vpnIn(line, files), expected);
    });
  }

  it('reads a bounded number of scripts', async () => {
    const files: Record<string, ReturnType<typeof executable>> = {};
    for (let at = 0; at < 300; at++)
      files[`/opt/${at}`] = executable(`/opt/${at + 1}\n/opt/${at + 2}\n/opt/${at + 3}\n`);
    assert.equal(await vpnIn('/opt/0', files), undefined);
  });

  it('never throws', async () => {
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
    const commands = await commandsOf({});
    await fc.assert(
      fc.asyncProperty(line, async (text) => {
        await commands.vpnsIn(text);
      }),
    );
  });
});
