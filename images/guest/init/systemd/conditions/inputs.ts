import type { Input } from '../../../../image/inputs.js';
import { environmentInputs } from './environment.js';
import { tmpfilesInputs } from '../../tmpfiles.js';

/** Guest paths whose content the conditions of units ask for. */
export const conditionInputs: readonly Input[] = [
  ...environmentInputs,
  ...tmpfilesInputs,
  '/etc/os-release',
  '/usr/lib/os-release',
  '/etc/machine-id',
  '/etc/selinux/config',
  '/etc/crypttab',
];
