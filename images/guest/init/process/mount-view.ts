import { booleanOf, wordsOf } from '../../../formats/unit-file.js';
import type { GuestPath } from '../../../image/image.js';
import { isAtOrBelow } from '../../../image/resolve.js';
import { type Process, type ProcessSetting, valueOf, valuesOf } from './process.js';

/** What a process sees of a path: the system's own file, to be written or only read, nothing, or something else. */
export type Access = 'own' | 'read-only' | 'hidden' | 'elsewhere';

interface Mount {
  readonly path: GuestPath;
  readonly access: Access;
  /** undefined: an exception that systemd makes by itself. */
  readonly setting: ProcessSetting | undefined;
}

export interface Seen {
  readonly access: Access;
  readonly setting: ProcessSetting | undefined;
}

/** A path that a setting names without `-`: the service fails when there is none (systemd.exec(5)). */
export interface NamedPath {
  readonly path: GuestPath;
  readonly setting: ProcessSetting;
}

const system: readonly GuestPath[] = ['/usr', '/boot', '/efi'];
const homes: readonly GuestPath[] = ['/home', '/root', '/run/user'];
const kernels: readonly GuestPath[] = ['/dev', '/proc', '/sys'];

/**
 * The file systems of a unit's process (systemd.exec(5), "SANDBOXING"): which paths it can write, and which are not
 * what they are outside. The most specific path decides; of the same path first what hides it, then what
 * makes it read-only (tried with systemd 252: ReadOnlyPaths=/etc wins over ReadWritePaths=/etc and BindPaths=/etc).
 */
export class MountView {
  readonly #mounts: readonly Mount[];

  /** @param absent - sources of optional binds that are not there: systemd passes over those */
  constructor(process: Process, absent: ReadonlySet<GuestPath> = new Set()) {
    this.#mounts = [...mountsOf(process, absent)];
  }

  at(path: GuestPath): Seen {
    let best: Mount | undefined;
    for (const mount of this.#mounts) {
      if (!isAtOrBelow(path, mount.path)) continue;
      const longer = mount.path.length - (best?.path.length ?? 0);
      if (!best || longer > 0 || (longer === 0 && rank[mount.access] > rank[best.access])) best = mount;
    }
    return best ?? { access: 'own', setting: undefined };
  }
}

const rank: Readonly<Record<Access, number>> = { hidden: 3, 'read-only': 2, elsewhere: 1, own: 0 };

function* mountsOf(process: Process, absent: ReadonlySet<GuestPath>): Iterable<Mount> {
  yield* protectedSystem(process);
  yield* protectedHome(process);
  for (const setting of lists(process, 'ReadWritePaths', 'ReadWriteDirectories'))
    yield* named(setting).map(({ path }) => ({ path, access: 'own' as const, setting }));
  for (const setting of lists(process, 'ReadOnlyPaths', 'ReadOnlyDirectories'))
    yield* named(setting).map(({ path }) => ({ path, access: 'read-only' as const, setting }));
  for (const setting of lists(process, 'InaccessiblePaths', 'InaccessibleDirectories'))
    yield* named(setting).map(({ path }) => ({ path, access: 'hidden' as const, setting }));
  for (const { path, setting } of ownFolders(process)) yield { path, access: 'own', setting };
  for (const { path, source, optional, setting } of binds(process))
    if (!optional || !absent.has(source))
      yield {
        path,
        access: setting.key === 'BindReadOnlyPaths' ? 'read-only' : source === path ? 'own' : 'elsewhere',
        setting,
      };
  for (const setting of valuesOf(process, 'TemporaryFileSystem'))
    for (const word of wordsOf(setting.value)) {
      const [path, options = ''] = word.split(':', 2);
      if (isPath(path))
        yield {
          path: clean(path),
          access: options.split(',').includes('ro') ? 'read-only' : 'elsewhere',
          setting,
        };
    }
  const devices = valueOf(process, 'PrivateDevices');
  // A /dev of its own, with null, zero, full, random, urandom, tty and pts.
  if (devices && booleanOf(devices.value) === true)
    yield { path: '/dev', access: 'elsewhere', setting: devices };
  const temporary = valueOf(process, 'PrivateTmp');
  if (temporary && (booleanOf(temporary.value) === true || temporary.value === 'disconnected'))
    for (const path of ['/tmp', '/var/tmp'] as const) yield { path, access: 'elsewhere', setting: temporary };
}

const stateFolders = [
  ['StateDirectory', '/var/lib'],
  ['CacheDirectory', '/var/cache'],
  ['LogsDirectory', '/var/log'],
  ['ConfigurationDirectory', '/etc'],
  ['RuntimeDirectory', '/run'],
] as const;

/** Folders that systemd makes for a unit before its process starts (systemd.exec(5), RuntimeDirectory= and its like). */
export function* ownFolders(process: Process): Iterable<NamedPath> {
  for (const [key, base] of stateFolders)
    for (const setting of valuesOf(process, key))
      for (const name of wordsOf(setting.value))
        yield { path: `${base}/${name.split(':', 1)[0] ?? ''}`, setting };
}

/** `yes` protects the system's programs, `full` /etc as well, `strict` all but the kernel's file systems and homes. */
function* protectedSystem(process: Process): Iterable<Mount> {
  const dynamic = valueOf(process, 'DynamicUser');
  const isDynamic = dynamic !== undefined && booleanOf(dynamic.value) === true;
  const setting = valueOf(process, 'ProtectSystem') ?? (isDynamic ? dynamic : undefined);
  if (!setting) return;
  // DynamicUser=yes implies strict.
  const value = isDynamic ? 'strict' : setting.value;
  if (value === 'strict') {
    yield { path: '/', access: 'read-only', setting };
    for (const path of [...kernels, ...homes]) yield { path, access: 'own', setting: undefined };
  } else if (value === 'full' || booleanOf(value) === true) {
    for (const path of system) yield { path, access: 'read-only', setting };
    if (value === 'full') yield { path: '/etc', access: 'read-only', setting };
  }
}

function* protectedHome(process: Process): Iterable<Mount> {
  const setting = valueOf(process, 'ProtectHome');
  if (!setting) return;
  const access: Access | undefined =
    booleanOf(setting.value) === true
      ? 'hidden'
      : setting.value === 'read-only'
        ? 'read-only'
        : setting.value === 'tmpfs'
          ? 'elsewhere'
          : undefined;
  if (access) for (const path of homes) yield { path, access, setting };
}

interface Bind extends NamedPath {
  readonly source: GuestPath;
  readonly optional: boolean;
}

/** `[-]source[:target[:options]]` (systemd.exec(5)). */
export function* binds(process: Process): Iterable<Bind> {
  for (const setting of valuesOf(process, 'BindPaths', 'BindReadOnlyPaths'))
    for (const word of wordsOf(setting.value)) {
      const [source = '', target] = word.replace(/^-/, '').split(':');
      if (!isPath(source)) continue;
      const optional = word.startsWith('-');
      yield { source: clean(source), path: clean(isPath(target) ? target : source), optional, setting };
    }
}

/** Every path that has to be there, or the namespace cannot be set up and nothing starts (exit status 226). */
export function* requiredPaths(process: Process): Iterable<NamedPath> {
  const keys = [
    ...['ReadWritePaths', 'ReadOnlyPaths', 'InaccessiblePaths', 'ExecPaths', 'NoExecPaths'],
    ...['ReadWriteDirectories', 'ReadOnlyDirectories', 'InaccessibleDirectories'],
  ];
  for (const setting of lists(process, ...keys)) {
    for (const { path, optional } of named(setting)) if (!optional) yield { path, setting };
  }
  for (const setting of valuesOf(process, 'BindPaths', 'BindReadOnlyPaths'))
    for (const word of wordsOf(setting.value)) {
      const [source] = word.split(':', 1);
      if (isPath(source)) yield { path: clean(source), setting };
    }
}

/** Whether what a path leads to may be executed: NoExecPaths= and its exceptions, the most specific one first. */
export function forbidsExecution(process: Process, path: GuestPath): ProcessSetting | undefined {
  let best: { readonly length: number; readonly setting: ProcessSetting | undefined } | undefined;
  for (const setting of lists(process, 'NoExecPaths', 'ExecPaths'))
    for (const one of named(setting)) {
      if (!isAtOrBelow(path, one.path) || one.path.length < (best?.length ?? 0)) continue;
      best = { length: one.path.length, setting: setting.key === 'NoExecPaths' ? setting : undefined };
    }
  return best?.setting;
}

function lists(process: Process, ...keys: readonly string[]): readonly ProcessSetting[] {
  return valuesOf(process, ...keys);
}

/** `-` before a path: it need not be there; `+`: below RootDirectory=. */
function named(setting: ProcessSetting): { readonly path: GuestPath; readonly optional: boolean }[] {
  return wordsOf(setting.value).flatMap((word) => {
    const path = word.replace(/^[-+]{1,2}/, '');
    return isPath(path) ? [{ path: clean(path), optional: word.slice(0, 2).includes('-') }] : [];
  });
}

function isPath(word: string | undefined): word is GuestPath {
  return word?.startsWith('/') === true && !/[%$]/.test(word);
}

function clean(path: GuestPath): GuestPath {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}
