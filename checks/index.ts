import { agentEnabled } from './agent-enabled.js';
import { agentInstalled } from './agent-installed.js';
import { agentLog } from './agent-log.js';
import { agentRetired } from './agent-retired.js';
import { agentRunnable } from './agent-runnable.js';
import { agentUnique } from './agent-unique.js';
import { agentVersion } from './agent-version.js';
import { bootCycles } from './boot-cycles.js';
import { cloudInitDatasource } from './cloud-init-datasource.js';
import { cloudInitEnabled } from './cloud-init-enabled.js';
import { cloudInitInstalled } from './cloud-init-installed.js';
import { cloudInitNetworkCheck } from './cloud-init-network.js';
import { imageMetadata } from './image-metadata.js';
import type { Check } from './lib/check.js';
import { lsbHeaders } from './lsb-headers.js';
import { networkLeftoversCheck } from './network-leftovers.js';
import { networkOwner } from './network-owner.js';
import { osSupported } from './os-supported.js';
import { sysvSymlink } from './sysv-symlink.js';
import { vpnAutostart } from './vpn-autostart.js';
import { xeEnabled } from './xe-enabled.js';
import { xeInstalled } from './xe-installed.js';
import { xeOrdering } from './xe-ordering.js';

/** Every rule, sorted by id. To add one, write its file and put it here. */
export const checks: readonly Check[] = [
  agentEnabled,
  agentInstalled,
  agentLog,
  agentRetired,
  agentRunnable,
  agentUnique,
  agentVersion,
  bootCycles,
  cloudInitDatasource,
  cloudInitEnabled,
  cloudInitInstalled,
  cloudInitNetworkCheck,
  imageMetadata,
  lsbHeaders,
  networkLeftoversCheck,
  networkOwner,
  osSupported,
  sysvSymlink,
  vpnAutostart,
  xeEnabled,
  xeInstalled,
  xeOrdering,
];
