import assert from 'node:assert/strict';
import { ImageError } from '../../../images/base/errors.js';
import { upInterfaces } from '../../../images/live/ifupdown.js';
import { activeVpns } from '../../../images/live/network-manager.js';
import { vpnInWords } from '../../../images/live/starter.js';
import { starterOf, starters } from '../../../images/live/starters.js';
import { tunnelInterfaces } from '../../../images/guest/vpn/ifupdown.js';
import { netdevTunnels } from '../../../images/guest/vpn/networkd.js';
import { memoryImage } from '../../../images/image/memory.js';

describe('what brings VPNs up on a running server', () => {
  it('is NetworkManager for its own active tunnels, not for what others made or for Ethernet', () => {
    const connections =
      'c:tun:tun5:office\na:vpn:eth0:home\\: 1\nb:wireguard:wg0:wg0\nd:tun:tun0:tun0\ne:802-3-ethernet:eth0:lan\nf:loopback:lo:lo\n';
    const devices =
      'tun5:connected\neth0:connected (externally)\nwg0:connected\ntun0:connected (externally)\nlo:connected (externally)\ntun7:unmanaged\n';
    assert.deepEqual(activeVpns(connections, devices), [
      { by: 'nmcli', id: 'a', name: 'home: 1' },
      { by: 'nmcli', id: 'b', name: 'wg0' },
      { by: 'nmcli', id: 'c', name: 'office' },
    ]);
  });

  it('is ifupdown for what its state names, and its files say which of that is a tunnel by another name', async () => {
    assert.deepEqual(upInterfaces('tun8=office\nlo=lo\nnonsense\n'), [
      { device: 'lo', stanza: 'lo' },
      { device: 'tun8', stanza: 'office' },
    ]);
    const image = memoryImage({
      '/etc/network/interfaces':
        'iface eth0 inet dhcp\n  openvpn office\niface dsl inet ppp\n  provider isp\niface mesh inet static\n  tinc-net mesh\niface tun0 inet manual\n',
    });
    assert.deepEqual([...(await tunnelInterfaces(image))], ['dsl', 'mesh', 'tun0']);
  });

  it('is networkd for what its files name, whether they are put away or masked by now', async () => {
    const netdev = (name: string, kind: string): string => `[NetDev]\nName=${name}\nKind=${kind}\n`;
    const image = memoryImage({
      '/dev/null': { type: 'character-device' },
      '/etc/systemd/network/a.netdev': netdev('wg0', 'wireguard'),
      '/etc/systemd/network/b.netdev.off': netdev('tun9', 'tun'),
      '/etc/systemd/network/c.netdev': { link: '/dev/null' },
      '/usr/lib/systemd/network/c.netdev': netdev('tap9', 'tap'),
      '/etc/systemd/network/d.netdev': netdev('br0', 'bridge'),
      '/etc/systemd/network/e.network': netdev('tun1', 'tun'),
      '/run/systemd/network/f.netdev': netdev('sit1', 'sit'),
    });
    assert.deepEqual([...(await netdevTunnels(image))].sort(), ['sit1', 'tap9', 'tun9', 'wg0']);
  });

  it('is told by its name; one that this system does not have is an error', () => {
    assert.equal(vpnInWords({ by: 'systemctl', id: 'openvpn@a.service' }), 'openvpn@a.service');
    assert.equal(vpnInWords({ by: 'nmcli', id: '4f', name: 'office' }), 'office (NetworkManager)');
    assert.equal(vpnInWords({ by: 'networkd', id: 'wg0' }), 'wg0 (systemd-networkd)');
    const all = starters();
    assert.equal(starterOf({ by: 'ifupdown', id: 'tun0' }, all).name, 'ifupdown');
    assert.throws(
      () =>
        starterOf(
          { by: 'service', id: 'openvpn' },
          all.filter(({ name }) => name !== 'service'),
        ),
      (error) => error instanceof ImageError && /service stopped it/.test(error.message),
    );
  });
});
