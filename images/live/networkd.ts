import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '../base/errors.js';
import { netdevTunnels } from '../guest/vpn/networkd.js';
import { processes, processesOf } from './processes.js';
import type { Starter } from './starter.js';
import { tell } from './tell.js';
import { tunnels } from './tunnels.js';

/** Milliseconds that a device has to appear in. */
const patience = 10_000;

/**
 * Devices that systemd-networkd makes of .netdev files. It makes those that are missing when it reads its files again, and
 * takes none away by itself.
 */
export const networkdStarter: Starter = {
  name: 'networkd',
  async running(image, get) {
    if (processesOf(await get(processes), 'systemd-networkd').length === 0) return [];
    const made = await netdevTunnels(image);
    return (await get(tunnels))
      .filter(({ name }) => made.has(name))
      .map(({ name }) => ({ by: 'networkd' as const, id: name }));
  },
  async start(id) {
    if (isThere(id)) return;
    try {
      await tell('networkctl', ['reload'], 'systemd');
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      // Without D-Bus, and before systemd 244, it cannot be told: it reads them as it starts.
      await tell('systemctl', ['try-restart', 'systemd-networkd.service']);
    }
    const until = performance.now() + patience;
    while (!isThere(id)) {
      if (performance.now() > until)
        throw new ImageError('program-failed', `systemd-networkd did not create ${id}`);
      await sleep(100);
    }
  },
  // networkctl(1) could do it, too, but not without D-Bus.
  stop: async (id) => {
    await tell('ip', ['link', 'delete', 'dev', id], 'iproute2');
  },
  // It writes none of its files, and makes what is new in them at the next boot.
  reload: async () => undefined,
};

const isThere = (name: string): boolean => existsSync(`/sys/class/net/${name}`);
