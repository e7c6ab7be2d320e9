import type { GuestPath } from '../../../image/image.js';
import type { Evidence } from '../../evidence.js';

/** A line of a service that starts a program, as its init system has it. */
export interface Command {
  /** systemd's names; an init script is run by one command, which counts as `ExecStart`. */
  readonly kind: 'ExecCondition' | 'ExecStartPre' | 'ExecStart' | 'ExecStartPost';
  /** The program first; specifiers are filled in where the image knows them. */
  readonly words: readonly string[];
  /** `-`: what comes of it does not matter. */
  readonly mayFail: boolean;
  /** `+`: no user, capabilities or sandbox of the unit; `!`: its sandbox, but root's rights (systemd.service(5)). */
  readonly rights: 'unit' | 'root' | 'full';
  /** `:`: no variable is filled in, so a `$` is one. */
  readonly isLiteral?: true;
  readonly evidence: Evidence;
}

/** `Key=value` that is in force, and where it stands. */
export interface ProcessSetting {
  readonly key: string;
  readonly value: string;
  readonly evidence: Evidence;
}

/**
 * What an init system executes for a service, and in what surroundings. Under SysV there are no settings: a script
 * makes its own.
 */
export interface Process {
  readonly origin: 'unit' | 'script';
  /** In the order in which they run. */
  readonly commands: readonly Command[];
  /** [Service] as drop-ins leave it: of a list every entry since the last reset, of the others the last. */
  readonly settings: readonly ProcessSetting[];
  /** [Slice] of the control groups that it is in, which share their limits with others (systemd.slice(5)). */
  readonly slices?: readonly ProcessSetting[];
  /** Of the manager itself: DefaultEnvironment= in system.conf, say. */
  readonly defaults: readonly ProcessSetting[];
  /** Of the manager itself, or of the script that runs scripts. */
  readonly path: readonly GuestPath[];
}

/** The last value of a setting; undefined when there is none or it is empty. */
export function valueOf(process: Process, key: string): ProcessSetting | undefined {
  const last = process.settings.findLast((setting) => setting.key === key);
  return last?.value === '' ? undefined : last;
}

/** Every entry of some list settings, in the order of the files. */
export function valuesOf(process: Process, ...keys: readonly string[]): readonly ProcessSetting[] {
  return process.settings.filter(({ key, value }) => keys.includes(key) && value !== '');
}

/** What /etc/init.d/rc of Debian and /etc/rc.d/rc of Red Hat, and init before them, have for a PATH. */
const scriptPath: readonly GuestPath[] = ['/sbin', '/usr/sbin', '/bin', '/usr/bin'];

/** An init script that no systemd runs: it is the one command, and makes its surroundings itself. */
export function scriptProcess(path: GuestPath): Process {
  const evidence = { path };
  return {
    origin: 'script',
    commands: [{ kind: 'ExecStart', words: [path, 'start'], mayFail: false, rights: 'unit', evidence }],
    settings: [],
    defaults: [],
    path: scriptPath,
  };
}
