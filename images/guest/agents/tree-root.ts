import type { GuestPath } from '../../image/image.js';

/** Where a 1.x agent is installed, one folder for each version. */
export const treeRoot: GuestPath = '/usr/share/nova-agent';
