import { booleanOf, wordsOf } from '../../../formats/unit-file.js';
import { type Process, type ProcessSetting, valueOf, valuesOf } from './process.js';

/**
 * The setting that takes a capability from the process; undefined when it has it. What PID 1 drops of its own is lost to
 * all its children (systemd-system.conf(5)).
 */
export function lacksCapability(process: Process, capability: string): ProcessSetting | undefined {
  return withoutCapability(process.settings, capability) ?? withoutCapability(process.defaults, capability);
}

function withoutCapability(
  settings: readonly ProcessSetting[],
  capability: string,
): ProcessSetting | undefined {
  let allowed: { readonly has: boolean; readonly setting: ProcessSetting } | undefined;
  for (const setting of settings) {
    if (setting.key !== 'CapabilityBoundingSet') continue;
    const inverted = setting.value.startsWith('~');
    const names = wordsOf(setting.value.replace(/^~/, '')).map((name) => name.toUpperCase());
    const isNamed = names.includes(capability);
    // The first line says whether it lists what is allowed or what is not; those after it add or take away.
    const before = allowed?.has ?? inverted;
    allowed = { has: inverted ? before && !isNamed : before || isNamed, setting };
  }
  return allowed && !allowed.has ? allowed.setting : undefined;
}

/** The setting that keeps the process from opening sockets of a family (systemd.exec(5), RestrictAddressFamilies=). */
export function lacksFamily(process: Process, family: string): ProcessSetting | undefined {
  let state: { readonly has: boolean; readonly setting: ProcessSetting } | undefined;
  let denies: boolean | undefined;
  for (const setting of valuesOf(process, 'RestrictAddressFamilies')) {
    const inverted = setting.value.startsWith('~');
    const names = wordsOf(setting.value.replace(/^~/, ''));
    denies ??= inverted;
    const before = state?.has ?? denies;
    const isNamed = names.includes(family);
    state = { has: isNamed ? !inverted : before, setting };
  }
  return state && !state.has ? state.setting : undefined;
}

/** The setting that gives the process a network of its own, in which the server's interfaces are not. */
export function lacksNetwork(process: Process): ProcessSetting | undefined {
  const own = valueOf(process, 'PrivateNetwork');
  if (own && booleanOf(own.value) === true) return own;
  return valueOf(process, 'NetworkNamespacePath');
}

/** What of DeviceAllow= a device answers to: its path, and the group of its driver in /proc/devices. */
function isAllowed(process: Process, device: string, group: string): boolean {
  return valuesOf(process, 'DeviceAllow').some(({ value }) => {
    const [name = '', access = 'rwm'] = wordsOf(value);
    const isIt = name === device || name === group || name === 'char-*';
    return isIt && access.includes('r') && access.includes('w');
  });
}

/**
 * The setting that keeps the process from opening a character device. Without DevicePolicy= every device is allowed
 * until a DeviceAllow= names one, as ProtectClock=yes does; PrivateDevices=yes implies `closed`
 * (systemd.resource-control(5)).
 */
export function lacksDevice(process: Process, device: string, group: string): ProcessSetting | undefined {
  if (isAllowed(process, device, group)) return undefined;
  const policy = valueOf(process, 'DevicePolicy');
  if (policy && /^(?:strict|closed)$/.test(policy.value)) return policy;
  const own = valueOf(process, 'PrivateDevices');
  if (own && booleanOf(own.value) === true) return own;
  // It implies `DeviceAllow=char-rtc r` (systemd.exec(5)).
  const clock = valueOf(process, 'ProtectClock');
  if (clock && booleanOf(clock.value) === true) return clock;
  return valuesOf(process, 'DeviceAllow')[0];
}

/**
 * Groups of system calls (`systemd-analyze syscall-filter`) without which a program that starts others and changes a
 * password does not work. Each was tried by itself with systemd 252; without `@setuid`, `@resources`, `@ipc`,
 * `@keyring`, `@memlock`, `@pkey`, `@sandbox`, `@aio` and those for the hardware it works.
 */
const needed = new Set([
  ...['@basic-io', '@chown', '@default', '@file-system', '@io-event', '@known', '@network-io', '@privileged'],
  ...['@process', '@signal', '@sync', '@system-service', '@timer'],
  ...['chown', 'fchown', 'execve', 'open', 'openat', 'socket', 'connect', 'sendmsg', 'recvmsg'],
]);

/** Groups that stand for enough, and what says so: with `@system-service` all was done (tried, systemd 252). */
const enough = new Set(['@system-service', '@known']);

/** A filter of system calls that stands in the way, and whether that is certain. */
export interface FilterVerdict {
  readonly certain: boolean;
  readonly setting: ProcessSetting;
}

/** What SystemCallFilter= makes of a program that starts others and changes a password. */
export function filtered(process: Process, also: readonly string[] = []): FilterVerdict | undefined {
  const settings = valuesOf(process, 'SystemCallFilter');
  const [first] = settings;
  if (!first) return undefined;
  const wanted = new Set([...needed, ...also]);
  const denies = first.value.startsWith('~');
  const listed = settings
    .filter(({ value }) => !value.startsWith('~'))
    .flatMap(({ value }) => namesIn(value));
  for (const setting of settings.filter(({ value }) => value.startsWith('~'))) {
    const named = namesIn(setting.value).filter((name) => wanted.has(name));
    // What a later line without `~` gives back is known only for single calls.
    if (named.length > 0) return { certain: !denies || listed.length === 0, setting };
  }
  if (denies || listed.some((name) => enough.has(name))) return undefined;
  const groups = ['@file-system', '@network-io', '@process'].every((group) => listed.includes(group));
  // A list of single calls may be complete; nobody can tell.
  return { certain: !groups && listed.every((name) => name.startsWith('@')), setting: first };
}

/** The names of a line, without the error number that each may have (`name:EPERM`). */
function namesIn(value: string): string[] {
  return wordsOf(value.replace(/^~/, '')).map((name) => name.split(':', 1)[0] ?? '');
}
