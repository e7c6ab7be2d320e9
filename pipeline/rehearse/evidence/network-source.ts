import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed, unproven } from './claim.js';
import type { Guest } from './guest.js';

const log = '/var/log/cloud-init.log';

/** What cloud-init says of the source of the network's configuration: stages.py, `apply_network_config`. */
const said = 'network config is disabled by [^ ]+|Applying network configuration from [^ ]+';

/** Those of its sources that have a name: sources/__init__.py, `NetworkConfigSource`. */
const sources: Readonly<Record<string, string>> = {
  ds: 'the config drive',
  system_cfg: 'the image’s own configuration in /etc/cloud',
  cmdline: 'the kernel’s command line',
  initramfs: 'the initramfs',
  fallback: 'nothing but its own guess (DHCP)',
};

/** Whether cloud-init took the network's configuration from the drive, which explains what is then found of the network. */
export async function networkSourceClaim({ machine }: Guest): Promise<ProvenClaim> {
  const claim = 'cloud-init set up the network as the config drive says';
  // The log may be long, and older lines an earlier boot's: the last word counts.
  const { stdout } = await machine.run('grep', ['-oE', said, log]);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const source = last.split(' ').at(-1) ?? '';
  if (source === '') return unproven('network-source', claim, `${log} does not say what it took it from`);
  const named = sources[source] ?? source;
  const disabled = last.startsWith('network config is disabled');
  const seen = disabled ? `it keeps off the network, as ${named} tells it to` : `it took it from ${named}`;
  return claimed('network-source', claim, !disabled && source === 'ds', seen);
}
