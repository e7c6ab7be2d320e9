import { rmSync } from 'node:fs';
import type { RealRoots } from '../../support/real-roots.js';
import { install } from '../healthy.js';
import { prepare, purgeCloudInit } from '../real.js';
import { type StandInOptions, installStandIns } from './packages.js';

/**
 * Guests that a rehearsal must pass, each made of a real root with the stand-ins and prepared. `both` has cloud-init
 * beside the agent as Rackspace's own images do: it looks for a config drive and for nothing else, and leaves the network
 * to the agent.
 */
export const rehearsedGuests = ['systemd', 'sysv', 'both'] as const;

export type RehearsedGuest = (typeof rehearsedGuests)[number];

/** @returns the folder of a guest, ready to be rehearsed */
export async function makeRehearsedGuest(
  roots: RealRoots,
  guest: RehearsedGuest,
  options: StandInOptions = {},
): Promise<string> {
  const init = guest === 'sysv' ? 'sysv' : 'systemd';
  const root = roots.unpack(init);
  if (guest === 'systemd') purgeCloudInit(root);
  if (guest === 'both') {
    rmSync(`${root}/etc/cloud/cloud.cfg.d/90_dpkg.cfg`, { force: true });
    install(root, {
      '/etc/cloud/cloud.cfg.d/10_rackspace.cfg': 'datasource_list: [ ConfigDrive, None ]\n',
      '/etc/cloud/cloud.cfg.d/99_network.cfg': 'network: { config: disabled }\n',
    });
  }
  await installStandIns(root, init, options);
  prepare(roots, root);
  return root;
}
