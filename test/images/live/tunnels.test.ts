import assert from 'node:assert/strict';
import { ImageError } from '../../../images/base/errors.js';
import { readTunnels } from '../../../images/live/tunnels.js';
import { plantInterfaces } from '../../support/proc-tree.js';
import { scratch } from '../../support/scratch.js';

describe('the tunnels that are up', () => {
  it('are told from other interfaces, and by whether they have a hardware address', () => {
    using here = scratch();
    const folder = plantInterfaces(here.path, {
      lo: { type: '772', address: '00:00:00:00:00:00' },
      eth0: { type: '1', address: 'bc:76:4e:04:cf:e5', uevent: 'INTERFACE=eth0\nIFINDEX=2' },
      docker0: { type: '1', address: '02:42:00:00:00:01', uevent: 'DEVTYPE=bridge' },
      tun0: { type: '65534', address: '', tun_flags: '0x1001' },
      tap0: { type: '1', address: '5e:00:00:00:00:01', tun_flags: '0x1002' },
      wg0: { type: '65534', address: '', uevent: 'DEVTYPE=wireguard\nINTERFACE=wg0' },
      ppp0: { type: '512', address: '', uevent: 'DEVTYPE=ppp' },
      office: { type: '778', address: '0a:00:00:01' },
      sit0: { type: '776', address: '0.0.0.0' },
      sit1: { type: '776', address: '0a:00:00:01' },
    });
    assert.deepEqual(
      readTunnels(folder).map(
        ({ name, kind, hasAddress }) => `${name} ${kind}${hasAddress ? ' address' : ''}`,
      ),
      ['office gre address', 'ppp0 ppp', 'sit1 sit address', 'tap0 tap address', 'tun0 tun', 'wg0 wireguard'],
    );
  });

  it('are not said to be none where nothing can be seen', () => {
    using here = scratch();
    assert.throws(
      () => readTunnels(here.path + '/none'),
      (error) => error instanceof ImageError && error.code === 'unreadable',
    );
  });
});
