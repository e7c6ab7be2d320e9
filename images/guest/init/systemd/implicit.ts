import { wordsOf } from '../../../formats/unit-file.js';
import { isNetworkMount } from './fstab-generator.js';
import { buildUnitName, escapePath, expand, parseUnitName } from './names.js';
import {
  type Dependency,
  type Relation,
  type Unit,
  allValues,
  lastBoolean,
  lastValue,
  unitWords,
} from './unit.js';

/**
 * What systemd adds to a unit by itself: the sections "Implicit Dependencies" and "Default Dependencies" of
 * systemd.unit(5), systemd.service(5), systemd.socket(5), systemd.timer(5), systemd.path(5), systemd.mount(5),
 * systemd.automount(5), systemd.target(5), systemd.slice(5), systemd.exec(5).
 *
 * Left out are devices and `-.mount`: they are there before anything is started, or are after nothing, so that no
 * cycle runs through them. What targets add depends on other units; see the boot transaction.
 */
export function implicitDependencies(unit: Unit): readonly Dependency[] {
  const own = new Implied(unit);
  if (hasDefaultDependencies(unit)) addDefaults(own);
  switch (unit.type) {
    case 'service':
      addService(own);
      break;
    case 'socket':
      addSocket(own);
      break;
    case 'timer':
    case 'path':
      own.add('Before', triggered(unit));
      for (const key of ['PathExists', 'PathChanged', 'PathModified', 'DirectoryNotEmpty']) {
        for (const { value } of allValues(unit, 'Path', key)) addMounts(own, value, `${key}=`);
      }
      break;
    case 'mount':
      addMounts(own, parentPath(lastValue(unit, 'Mount', 'Where')?.value), 'a mount above it');
      for (const what of fileSource(unit)) addMounts(own, what, 'What=');
      addJournal(own, 'Mount');
      break;
    case 'automount':
      own.add(
        'Before',
        buildUnitName({ prefix: stem(unit), instance: undefined, type: 'mount' }),
        'its automount',
      );
      addMounts(own, parentPath(lastValue(unit, 'Automount', 'Where')?.value), 'a mount above it');
      break;
    case 'slice':
      addSliceParent(own, unit.name);
      break;
    case 'swap':
    case 'target':
    case 'scope':
    case 'device':
      break; // nothing, or nothing that matters here
  }
  for (const { value } of allValues(unit, 'Unit', 'RequiresMountsFor')) {
    for (const path of wordsOf(value)) addMounts(own, path, 'RequiresMountsFor=');
  }
  return own.dependencies;
}

export function hasDefaultDependencies(unit: Unit): boolean {
  return lastBoolean(unit, 'Unit', 'DefaultDependencies', true);
}

/** Collects dependencies without evidence. */
class Implied {
  readonly dependencies: Dependency[] = [];

  constructor(readonly unit: Unit) {}

  add(relation: Relation, name: string | undefined, because = 'a default dependency'): void {
    if (name !== undefined) this.dependencies.push({ relation, name, evidence: undefined, because });
  }

  requireAfter(name: string, because?: string): void {
    this.add('Requires', name, because);
    this.add('After', name, because);
  }

  wantAfter(name: string, because?: string): void {
    this.add('Wants', name, because);
    this.add('After', name, because);
  }
}

/** Those that DefaultDependencies=no takes away. */
function addDefaults(own: Implied): void {
  const { unit } = own;
  switch (unit.type) {
    case 'service':
      own.requireAfter('sysinit.target');
      own.add('After', 'basic.target');
      break;
    case 'socket':
      own.requireAfter('sysinit.target');
      own.add('Before', 'sockets.target');
      break;
    case 'timer':
      own.requireAfter('sysinit.target');
      own.add('Before', 'timers.target');
      if (allValues(unit, 'Timer', 'OnCalendar').length > 0) {
        own.add('After', 'time-set.target');
        own.add('After', 'time-sync.target');
      }
      break;
    case 'path':
      own.requireAfter('sysinit.target');
      own.add('Before', 'paths.target');
      break;
    case 'mount':
      addMountDefaults(own);
      break;
    case 'automount':
      own.add('After', 'local-fs-pre.target');
      own.add('Before', 'local-fs.target');
      break;
    case 'swap':
      own.add('Before', 'swap.target');
      break;
    case 'target':
    case 'slice':
    case 'scope':
    case 'device':
      break; // shutdown is no part of the boot
  }
}

function addMountDefaults(own: Implied): void {
  const { unit } = own;
  const options = lastValue(unit, 'Mount', 'Options')?.value ?? '';
  const type = lastValue(unit, 'Mount', 'Type')?.value ?? '';
  const where = lastValue(unit, 'Mount', 'Where')?.value;
  if (where === '/' || where === '/usr') return; // there before the units are read
  const nofail = options.split(',').includes('nofail');
  if (isNetworkMount(type, options)) {
    own.add('After', 'remote-fs-pre.target');
    own.add('After', 'network.target');
    own.wantAfter('network-online.target');
    if (!nofail) own.add('Before', 'remote-fs.target');
  } else {
    own.add('After', 'local-fs-pre.target');
    if (!nofail) own.add('Before', 'local-fs.target');
  }
  if (type === 'tmpfs') own.add('After', 'swap.target');
}

function addService(own: Implied): void {
  const { unit } = own;
  const type = lastValue(unit, 'Service', 'Type')?.value;
  const busName = lastValue(unit, 'Service', 'BusName');
  if (type === 'dbus' || (type === undefined && busName)) own.requireAfter('dbus.socket', 'Type=dbus');
  for (const { value } of allValues(unit, 'Service', 'Sockets')) {
    for (const socket of unitWords(value, unit.name)) own.wantAfter(socket, 'Sockets=');
  }
  addExecution(own, 'Service');
}

function addSocket(own: Implied): void {
  const { unit } = own;
  own.add('Before', triggered(unit), 'the service it activates');
  for (const key of [
    'ListenStream',
    'ListenDatagram',
    'ListenSequentialPacket',
    'ListenFIFO',
    'ListenSpecial',
  ]) {
    for (const { value } of allValues(unit, 'Socket', key)) addMounts(own, value, `${key}=`);
  }
  const executes = ['ExecStartPre', 'ExecStartPost', 'ExecStopPre', 'ExecStopPost'];
  if (executes.some((key) => allValues(unit, 'Socket', key).length > 0)) addExecution(own, 'Socket');
  else addSlice(own, 'Socket');
}

/** systemd.exec(5): directories, temporary files and the journal that a program's environment needs. */
function addExecution(own: Implied, section: string): void {
  const { unit } = own;
  for (const key of ['WorkingDirectory', 'RootDirectory', 'RootImage']) {
    addMounts(own, lastValue(unit, section, key)?.value.replace(/^-/, ''), `${key}=`);
  }
  const directories = [
    ['RuntimeDirectory', '/run'],
    ['StateDirectory', '/var/lib'],
    ['CacheDirectory', '/var/cache'],
    ['LogsDirectory', '/var/log'],
    ['ConfigurationDirectory', '/etc'],
  ] as const;
  for (const [key, prefix] of directories) {
    const names = allValues(unit, section, key).flatMap(({ value }) => wordsOf(value));
    for (const name of names) addMounts(own, `${prefix}/${name.replace(/:.*$/s, '')}`, `${key}=`);
    const writes = key === 'StateDirectory' || key === 'CacheDirectory' || key === 'LogsDirectory';
    if (writes && names.length > 0) own.add('After', 'systemd-remount-fs.service', `${key}=`);
  }
  if (lastBoolean(unit, section, 'PrivateTmp', false)) {
    own.wantAfter('tmp.mount', 'PrivateTmp=yes');
    addMounts(own, '/var/tmp', 'PrivateTmp=yes');
    own.add('After', 'systemd-tmpfiles-setup.service', 'PrivateTmp=yes');
  }
  addJournal(own, section);
  addSlice(own, section);
}

/** Output goes to the journal unless the unit says otherwise, and standard error where standard output goes. */
function addJournal(own: Implied, section: string): void {
  const output = lastValue(own.unit, section, 'StandardOutput')?.value ?? 'journal';
  const error = lastValue(own.unit, section, 'StandardError')?.value ?? 'inherit';
  const logs = /^(?:journal|kmsg|syslog)/;
  if (logs.test(output) || logs.test(error)) own.add('After', 'systemd-journald.socket', `${output} output`);
}

function addSlice(own: Implied, section: string): void {
  const explicit = lastValue(own.unit, section, 'Slice')?.value;
  if (explicit !== undefined) {
    const name = expand(explicit, own.unit.name);
    if (name?.endsWith('.slice')) own.requireAfter(name, 'Slice=');
    return;
  }
  const parts = parseUnitName(own.unit.name);
  if (parts?.instance) own.requireAfter(`system-${parts.prefix.replaceAll('-', '\\x2d')}.slice`, 'its slice');
  else if (hasDefaultDependencies(own.unit)) own.requireAfter('system.slice', 'its slice');
}

function addSliceParent(own: Implied, name: string): void {
  const dash = name.lastIndexOf('-');
  if (dash > 0) own.requireAfter(`${name.slice(0, dash)}.slice`, 'the slice above it');
}

/** The mounts that would hold a path; only those that the guest has will count. */
function addMounts(own: Implied, path: string | undefined, because: string): void {
  const expanded = path === undefined ? undefined : expand(path, own.unit.name);
  if (!expanded?.startsWith('/')) return;
  const parts = expanded.split('/').filter((part) => part !== '' && part !== '.');
  for (let count = 1; count <= parts.length; count++) {
    const mount = escapePath(parts.slice(0, count).join('/'), 'mount');
    if (mount !== own.unit.name) own.requireAfter(mount, because);
  }
}

/** What a socket, timer or path unit starts. */
function triggered(unit: Unit): string | undefined {
  const section = { socket: 'Socket', timer: 'Timer', path: 'Path' }[
    unit.type as 'socket' | 'timer' | 'path'
  ];
  if (unit.type === 'socket' && lastBoolean(unit, section, 'Accept', false)) return undefined;
  const explicit = lastValue(unit, section, unit.type === 'socket' ? 'Service' : 'Unit');
  return explicit ? expand(explicit.value, unit.name) : `${stem(unit)}.service`;
}

/** The source of a bind mount or loop mount. */
function fileSource(unit: Unit): string[] {
  const what = lastValue(unit, 'Mount', 'What')?.value;
  const options = (lastValue(unit, 'Mount', 'Options')?.value ?? '').split(',');
  const fromFile = options.includes('bind') || options.includes('rbind') || options.includes('loop');
  return what !== undefined && fromFile ? [what] : [];
}

function parentPath(path: string | undefined): string | undefined {
  return path?.replace(/\/+$/, '').replace(/\/[^/]*$/, '');
}

function stem({ name, type }: Unit): string {
  return name.slice(0, -type.length - 1);
}
