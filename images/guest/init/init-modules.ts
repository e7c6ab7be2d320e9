import type { InitModule } from './init-module.js';
import type { InitSystem } from './init-system.js';
import { openrc } from './openrc.js';
import { systemd } from './systemd/module.js';
import { sysv } from './sysv/module.js';
import { unknown } from './unknown.js';
import { upstart } from './upstart.js';

/** The module of each init system. `unknown` comes last: it recognizes whatever no other does. */
export const initModules: Readonly<Record<InitSystem, InitModule>> = {
  systemd,
  sysv,
  upstart,
  openrc,
  unknown,
};
