import assert from 'node:assert/strict';
import type { Gather } from '../../../images/guest/fact.js';
import { type Process, processes } from '../../../images/live/processes.js';
import type { ServiceManager } from '../../../images/live/service-manager.js';
import { runningVpnServices } from '../../../images/live/vpn-services.js';
import { scriptProcess } from '../../../images/guest/init/process/process.js';
import type { Services } from '../../../images/guest/init/service.js';
import { services } from '../../../images/guest/init/services.js';
import { memoryImage } from '../../../images/image/memory.js';
import { aScript, aService, someServices } from '../../support/facts.js';

const unit = '/etc/systemd/system/tunnel.service';
const image = memoryImage({ [unit]: '[Service]\nExecStart=/usr/sbin/openconnect host\n' });

function guest(all: Parameters<typeof someServices>[0], running: readonly Process[] = []): Gather {
  return async <T>(fact: Parameters<Gather>[0]): Promise<T> => {
    if ((fact as unknown) === services) return someServices(all) as T;
    assert.equal(fact, processes);
    return running as T;
  };
}

const manager = (tool: ServiceManager['tool'], active: ServiceManager['active']): ServiceManager => {
  const unexpected = (): Promise<void> => Promise.reject(new Error('only looks'));
  return { tool, active, start: unexpected, stop: unexpected, reload: unexpected };
};

describe('the running services of VPNs', () => {
  it('are those of the packages and of the administrator that systemd says are active', async () => {
    const own = aService({
      name: 'tunnel',
      path: unit,
      exec: [{ program: '/usr/sbin/openconnect', evidence: { path: unit, line: 2 } }],
    });
    let asked: readonly string[] = [];
    const systemd = manager('systemctl', async (names) => {
      asked = names;
      return ['openvpn@a.service'];
    });
    const changes: Partial<Services> = {
      process: async (service) => {
        const { commands, ...process } = scriptProcess(service.path);
        const words = service === own ? ['/usr/sbin/openconnect', 'host'] : ['/usr/bin/other'];
        return { ...process, commands: commands.map((command) => ({ ...command, words })) };
      },
    };
    const found = await runningVpnServices(image, guest({ all: [own, aService()], changes }), systemd);
    assert.deepEqual(found, ['openvpn@a.service']);
    for (const name of ['openvpn', 'openvpn@*', 'wg-quick@*', 'strongswan', 'tinc@*', 'tunnel']) {
      assert.ok(asked.includes(name), name);
    }
    // What runs more than a VPN is never stopped.
    for (const name of ['nova-agent', 'NetworkManager', 'systemd-networkd', 'networking']) {
      assert.ok(!asked.includes(name), name);
    }
  });

  it('are, of init scripts, those whose program runs', async () => {
    const all = ['openvpn', 'n2n', 'tinc', 'ssh'].map((name) => aScript({ name }));
    const running = ['/usr/sbin/openvpn', '/usr/sbin/edge', '/usr/sbin/sshd', '/usr/sbin/xl2tpd'].map(
      (program, at) => ({ pid: 10 + at, program, args: [] }),
    );
    const sysv = manager('service', () => Promise.reject(new Error('keeps no list')));
    const found = await runningVpnServices(image, guest({ system: 'sysv', all }, running), sysv);
    assert.deepEqual(found, ['n2n', 'openvpn']);
  });
});
