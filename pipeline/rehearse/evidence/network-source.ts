import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed, unproven } from './claim.js';
import type { RunningGuest } from '../running-guest.js';
import { orRefuted } from './unreadable.js';

const log = '/var/log/cloud-init.log';

/** What cloud-init says of the source of the network's configuration: stages.py, `apply_network_config`. */
const said = 'network config is disabled by [^ ]+|Applying network configuration from [^ ]+';

/** Those of its sources that have a name: sources/__init__.py, `NetworkConfigSource`. */
const sources: Readonly<Record<string, string>> = {
  ds: 'the config drive',
  system_cfg: 'the image’s own configuration in /etc/cloud',
  cmdline: 'the kernel’s command line',
  initramfs: 'the initramfs',
  fallback: 'its own fallback (DHCP)',
};

const claim = 'cloud-init took the network configuration from the config drive';

/** Whether cloud-init took the network's configuration from the drive, which explains what is then found of the network. */
export async function networkSourceClaims(guest: RunningGuest): Promise<ProvenClaim[]> {
  return orRefuted('network-source', claim, async () => [await networkSource(guest)]);
}

async function networkSource({ machine }: RunningGuest): Promise<ProvenClaim> {
  // The log may be long, and older lines an earlier boot's: the last word counts.
  const { stdout } = await machine.run('grep', ['-oE', said, log]);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const source = last.split(' ').at(-1) ?? '';
  if (source === '') return unproven('network-source', claim, `${log} does not say where it came from`);
  const named = sources[source] ?? source;
  const disabled = last.startsWith('network config is disabled');
  const seen = disabled ? `it left the network alone, as ${named} tells it to` : `it took it from ${named}`;
  return claimed('network-source', claim, !disabled && source === 'ds', seen);
}
