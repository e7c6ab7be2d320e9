import { parseTerse } from '../formats/nmcli.js';
import { tunnelTypes } from '../guest/vpn/nm-profiles.js';
import { type Process, processes, processesOf, readProcesses } from './processes.js';
import type { RunningVpn, Starter } from './starter.js';
import { tell } from './tell.js';

/** What NetworkManager keeps its connections in: its own key files, and Red Hat's. */
const profiles = /^\/etc\/(?:NetworkManager|sysconfig\/network-scripts)\//;

/** Connections of NetworkManager, by nmcli(1). */
export const networkManagerStarter: Starter = {
  name: 'nmcli',
  async running(_, get) {
    if (!runs(await get(processes))) return [];
    return activeVpns(
      await nmcli('--terse', '--fields', 'UUID,TYPE,DEVICE,NAME', 'connection', 'show', '--active'),
      await nmcli('--terse', '--fields', 'DEVICE,STATE', 'device'),
    );
  },
  async start(id) {
    // What is up would be taken down first.
    const active = parseTerse(
      await nmcli('--terse', '--fields', 'UUID', 'connection', 'show', '--active'),
    ).flat();
    if (!active.includes(id)) await nmcli('connection', 'up', 'uuid', id);
  },
  stop: async (id) => {
    await nmcli('connection', 'down', 'uuid', id);
  },
  /** It keeps what it read, and would write that back with the next change that is made with its tools. */
  async reload(back) {
    if (back.some((path) => profiles.test(path)) && runs(readProcesses()))
      await nmcli('connection', 'reload');
  },
};

/**
 * The connections that are VPNs, out of nmcli's lists of active connections and of devices. Of a device that another
 * program made, NetworkManager shows a connection as well; but that it could not bring up again.
 */
export function activeVpns(connections: string, devices: string): RunningVpn[] {
  const foreign = parseTerse(devices)
    .filter(([, state = '']) => state.includes('externally'))
    .map(([device]) => device);
  return parseTerse(connections)
    .filter(([, type = '', device]) => type === 'vpn' || (tunnelTypes.has(type) && !foreign.includes(device)))
    .map(([id = '', , , name = id]) => ({ by: 'nmcli' as const, id, name }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

const runs = (all: readonly Process[]): boolean => processesOf(all, 'NetworkManager').length > 0;

const nmcli = (...args: string[]): Promise<string> => tell('nmcli', args, 'network-manager');
