import type { InitSystem } from '../../../images/guest/init/init-system.js';
import type { BootedInit } from '../running-guest.js';
import { systemd } from './systemd.js';
import { sysv } from './sysv.js';

/**
 * The init systems that a container boots. Undefined: it boots none such, or what its services did could not be judged;
 * then the agent is run without an init, and what only an init can show is not proven.
 */
export const bootedInits: Readonly<Record<InitSystem, BootedInit | undefined>> = {
  systemd,
  sysv,
  upstart: undefined,
  openrc: undefined,
  unknown: undefined,
};
