import { booleanOf, wordsOf } from '../../../../formats/unit-file.js';
import { matches } from '../../../../formats/wildcard.js';
import { parseOsRelease } from '../../../../formats/os-release.js';
import type { Image } from '../../../../image/image.js';
import type { Answer, Host, Kind, Machine } from './answer.js';
import { operatorIn, versionsCompare } from './comparison.js';
import { managerEnvironment } from './environment.js';
import { pathKinds } from './paths.js';

/** Conditions of the host alone, whatever is booted: [Match] of systemd-networkd's files has them, too. */
export const hostKinds: Readonly<
  Record<string, (parameter: string, host: Host) => Answer | Promise<Answer>>
> = {
  Host: () => unknown('the host name, the machine id'),
  Virtualization: virtualization,
  KernelCommandLine: kernelCommandLine,
  KernelVersion: kernelVersion,
  Version: (parameter, machine) =>
    parameter.startsWith('systemd') ? unknown('the version of systemd') : kernelVersion(parameter, machine),
  Credential: () => unknown('the credentials'),
  Architecture: architecture,
  Firmware: () => unknown('the firmware'),
};

/**
 * Every condition of systemd.unit(5), and how the image answers it. The tests are those of shared/condition.c. The
 * server is a virtual machine of a Xen cloud: nova-agent and the guest utilities work on no other.
 */
export const kinds: Readonly<Record<string, Kind>> = {
  ...pathKinds,
  ...hostKinds,
  Environment: environment,
  OSRelease: osRelease,
  FirstBoot: firstBoot,
  User: (parameter) => isRoot(parameter, 'user'),
  Group: (parameter) => isRoot(parameter, 'group'),
  Capability: capability,
  Security: security,
  ControlGroupController: controller,
  NeedsUpdate: () => unknown('the age of /usr beside that of the last update'),
  ACPower: () => unknown('the power supply'),
  Memory: () => unknown('the memory'),
  CPUs: () => unknown('the number of processors'),
  CPUFeature: () => unknown('the processor’s features'),
  MemoryPressure: () => unknown('the load'),
  CPUPressure: () => unknown('the load'),
  IOPressure: () => unknown('the load'),
  KernelModuleLoaded: () => unknown('which modules are loaded'),
};

export function isPathKind(kind: string): boolean {
  return Object.hasOwn(pathKinds, kind);
}

function unknown(what: string): Answer {
  return { holds: undefined, why: `only the running server knows ${what}` };
}

/** detect_vm() gives `xen` on a Xen guest, fully virtualized ones included; no server of the cloud is a container. */
function virtualization(parameter: string): Answer {
  const holds = parameter === 'vm' || parameter === 'xen' || booleanOf(parameter) === true;
  return { holds, why: 'the server is a virtual machine of Xen' };
}

/** The dynamic loader that 64-bit programs of the architecture name, by the architecture's name in systemd.unit(5). */
const loaders = [
  ['x86-64', '/lib64/ld-linux-x86-64.so.2'],
  ['arm64', '/lib/ld-linux-aarch64.so.1'],
] as const;

async function architecture(parameter: string, { image }: Host): Promise<Answer> {
  if (parameter === 'native') return { holds: true, why: 'it always is' };
  for (const [name, loader] of loaders) {
    if (await image.stat(loader)) return { holds: parameter === name, why: `the image is one of ${name}` };
  }
  return { holds: undefined, why: 'the image does not tell its architecture' };
}

/** A word without `=` also matches an assignment to it; one with `=` has to be the same (proc_cmdline). */
function kernelCommandLine(parameter: string, { words }: Host): Answer {
  const found = words.some((word) =>
    parameter.includes('=') ? word === parameter : word === parameter || word.startsWith(`${parameter}=`),
  );
  if (found) return { holds: true, why: `the kernel’s command line has ${parameter}` };
  if (words.length === 0) return { holds: undefined, presumed: false, why: 'the image has no boot entry' };
  return { holds: false, why: `no boot entry has ${parameter} on the kernel’s command line` };
}

/** Every word has to hold for the kernel that boots: `>= 5.10`, `6.*`. */
async function kernelVersion(parameter: string, { image }: Host): Promise<Answer> {
  const kernels = ((await image.readDir('/lib/modules')) ?? []).map(({ name }) => name);
  const answers = new Set(kernels.map((kernel) => everyWordHolds(parameter, kernel)));
  const [answer] = answers;
  if (answers.size !== 1 || answer === undefined)
    return { holds: undefined, why: 'the image does not tell which kernel boots' };
  return { holds: answer, why: `the kernel is ${kernels.join(', ')}` };
}

function everyWordHolds(parameter: string, release: string): boolean {
  const words = wordsOf(parameter);
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const operator = operatorIn(word);
    if (!operator) {
      if (!matches(word, release)) return false;
      continue;
    }
    if (operator.rest === '') at += 1;
    const against = operator.rest === '' ? (words[at] ?? '') : operator.rest;
    if (!versionsCompare(release, operator.sign, against)) return false;
  }
  return true;
}

async function environment(parameter: string, machine: Machine): Promise<Answer> {
  const known = await managerEnvironment(machine.image, machine.words);
  const [name, value] = splitOnce(parameter, '=');
  const set = known.get(name);
  const holds = set !== undefined && (value === undefined || set === value);
  return { holds, why: set === undefined ? `${name} is not set` : `${name} is "${set}"` };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** `ID=debian`, `VERSION_ID>=12`: every word has to hold; what is no comparison makes the condition fail. */
async function osRelease(parameter: string, { image }: Machine): Promise<Answer> {
  const text = (await image.readText('/etc/os-release')) ?? (await image.readText('/usr/lib/os-release'));
  const release = parseOsRelease(text ?? '');
  for (const word of wordsOf(parameter)) {
    const [, key = '', comparison = ''] = /^([A-Za-z_]\w*)([!<=>].*)$/s.exec(word) ?? [];
    const operator = operatorIn(comparison);
    if (!operator || operator.rest === '' || /^\s/.test(operator.rest))
      return { holds: false, invalid: true, why: `"${word}" is not a comparison` };
    const value = release.get(key);
    const { sign, rest } = operator;
    // These two hold the texts against each other; the others order versions.
    const isText = sign === '=' || sign === '!=';
    const holds = isText ? (value === rest) === (sign === '=') : versionsCompare(value ?? '', sign, rest);
    if (!holds) return { holds: false, why: `${key} is "${value ?? ''}"` };
  }
  return { holds: true, why: 'the distribution is that one' };
}

/**
 * The first boot is the one with no machine id (machine-id(5), "First Boot Semantics"). A server boots more than once,
 * so what asks for the first boot alone is not started later.
 */
async function firstBoot(parameter: string, { image }: Machine): Promise<Answer> {
  const wanted = booleanOf(parameter);
  if (wanted === undefined)
    return { holds: false, invalid: true, why: `"${parameter}" is neither yes nor no` };
  if (await isFirstBoot(image))
    return {
      holds: undefined,
      why: 'the first boot, for want of a machine id, and the later ones differ in it',
    };
  return { holds: !wanted, why: 'the image has a machine id, so no boot is a first one' };
}

async function isFirstBoot(image: Image): Promise<boolean> {
  const id = (await image.readText('/etc/machine-id'))?.trim();
  return id === undefined || id === 'uninitialized';
}

/** PID 1 is root, and asks no user database (condition_test_user()). */
function isRoot(parameter: string, what: 'user' | 'group'): Answer {
  const names = what === 'user' ? ['root', '0', '@system'] : ['root', '0'];
  return { holds: names.includes(parameter), why: `system units are started by the ${what} root` };
}

/** capabilities(7): PID 1 of a virtual machine has all of them. */
function capability(parameter: string): Answer {
  if (!/^CAP_[A-Z_]+$/i.test(parameter) || !capabilities.has(parameter.slice(4).toLowerCase()))
    return { holds: false, invalid: true, why: `there is no capability ${parameter}` };
  return { holds: true, why: 'PID 1 has every capability' };
}

const capabilities = new Set(
  'audit_control audit_read audit_write block_suspend bpf checkpoint_restore chown dac_override dac_read_search fowner fsetid ipc_lock ipc_owner kill lease linux_immutable mac_admin mac_override mknod net_admin net_bind_service net_broadcast net_raw perfmon setfcap setgid setpcap setuid sys_admin sys_boot sys_chroot sys_module sys_nice sys_pacct sys_ptrace sys_rawio sys_resource sys_time sys_tty_config syslog wake_alarm'.split(
    ' ',
  ),
);

async function security(parameter: string, { image }: Machine): Promise<Answer> {
  if (parameter === 'selinux') {
    const config = await image.readText('/etc/selinux/config');
    // libselinux takes a system without the file for one without SELinux.
    if (config === undefined || /^\s*SELINUX=disabled\b/m.test(config))
      return { holds: false, why: 'SELinux is off' };
  }
  return { holds: undefined, why: 'only the kernel that boots knows its security modules' };
}

function controller(parameter: string): Answer {
  // Which hierarchy is mounted follows from how systemd was built and from the kernel's command line.
  if (/^v[12]$/.test(parameter)) return unknown('its hierarchy of control groups');
  return wordsOf(parameter).every((word) => /^(?:cpu|cpuacct|cpuset|io|blkio|memory|pids)$/.test(word))
    ? { holds: true, why: 'every kernel of a distribution has them' }
    : unknown('which controllers of control groups it has');
}
