import type { Agent } from '../../images/guest/agents/agent.js';
import type { Os } from '../../images/guest/os.js';
import type { Severity } from './check.js';
import { olderThan } from './versions.js';

/**
 * Linux has had the device node /dev/xen/xenbus since 3.3. Before, XenStore could only be reached through
 * /proc/xen/xenbus, which is there once xe-linux-distribution has mounted xenfs.
 */
const firstKernelWithDevice = '3.3';

/** Whether every kernel in the guest gives XenStore a device node; which of them boots is not known. */
function hasXenbusDevice({ kernels }: Os): boolean {
  return kernels.length > 0 && kernels.every((kernel) => olderThan(kernel, firstKernelWithDevice) === false);
}

/**
 * How grave it is when the guest utilities are missing, do not start, or start too late. A 1.x agent gets at
 * XenStore through /proc/xen, so it needs them; a 2.x agent does on kernels without the device node. Elsewhere it
 * is a rule of the documentation that the agent survives breaking.
 */
export function xeSeverity(agents: readonly Agent[], os: Os): Severity {
  return agents.some(({ generation }) => generation === 1) || !hasXenbusDevice(os) ? 'error' : 'warning';
}
