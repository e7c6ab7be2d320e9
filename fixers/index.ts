import { agentEnabled } from './agent-enabled.js';
import { agentInstalled } from './agent-installed.js';
import { agentRetiredFixer } from './agent-retired.js';
import { bootCycles } from './boot-cycles.js';
import { cloudInitDatasource } from './cloud-init-datasource.js';
import { cloudInitEnabled } from './cloud-init-enabled.js';
import { cloudInitInstalled } from './cloud-init-installed.js';
import { cloudInitNetworkFixer } from './cloud-init-network.js';
import { imageMetadata } from './image-metadata.js';
import type { Fixer } from './lib/fixer.js';
import { lsbHeaders } from './lsb-headers.js';
import { networkLeftoversFixer } from './network-leftovers.js';
import { networkOwner } from './network-owner.js';
import { sysvSymlink } from './sysv-symlink.js';
import { vpnAutostart } from './vpn-autostart.js';
import { xeEnabled } from './xe-enabled.js';
import { xeInstalled } from './xe-installed.js';
import { xeOrdering } from './xe-ordering.js';

/**
 * Every repair, in the order in which they must run: first what is missing, then what makes a service known to its init system, then
 * what enables services, then their order (which holds only among what is enabled), then who owns the network
 * (an agent goes only once cloud-init can take its place, and what it wrote only once it is gone), and last what the outside is told.
 */
export const fixers: readonly Fixer[] = [
  agentInstalled,
  xeInstalled,
  cloudInitInstalled,
  sysvSymlink,
  lsbHeaders,
  xeEnabled,
  agentEnabled,
  xeOrdering,
  bootCycles,
  vpnAutostart,
  cloudInitEnabled,
  cloudInitDatasource,
  cloudInitNetworkFixer,
  agentRetiredFixer,
  networkOwner,
  networkLeftoversFixer,
  imageMetadata,
];
