import { parseUnitFile, settingsOf, wordsOf } from '../../../formats/unit-file.js';
import type { GuestPath, Image } from '../../../image/image.js';
import { join } from '../../../image/resolve.js';
import { searchPath as managerPath } from '../../agents/programs.js';
import type { Command, Process, ProcessSetting } from '../process/process.js';
import { expand, parseUnitName } from './names.js';
import { type PlacedSetting, type Unit, type Units, allValues, lastValue } from './unit.js';

const commandKinds = ['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost'] as const;

/** Settings of [Service] that collect, and that an empty assignment resets (systemd.exec(5)). */
const lists: ReadonlySet<string> = new Set([
  'BindPaths',
  'BindReadOnlyPaths',
  'CacheDirectory',
  'CapabilityBoundingSet',
  'ConfigurationDirectory',
  'DeviceAllow',
  'Environment',
  'EnvironmentFile',
  'ExecPaths',
  'ExecSearchPath',
  'InaccessibleDirectories',
  'InaccessiblePaths',
  'LoadCredential',
  'LogsDirectory',
  'NoExecPaths',
  'PassEnvironment',
  'ReadOnlyDirectories',
  'ReadOnlyPaths',
  'ReadWriteDirectories',
  'ReadWritePaths',
  'RestrictAddressFamilies',
  'RuntimeDirectory',
  'StateDirectory',
  'SupplementaryGroups',
  'SystemCallFilter',
  'TemporaryFileSystem',
  'UnsetEnvironment',
]);

/** Where system.conf lies, the strongest first (systemd-system.conf(5)). */
const managerFolders: readonly GuestPath[] = [
  '/etc/systemd',
  '/usr/local/lib/systemd',
  '/usr/lib/systemd',
  '/lib/systemd',
];

/** What is read of the manager's own configuration. */
export const managerInputs: readonly string[] = managerFolders.flatMap((folder) => [
  `${folder}/system.conf`,
  `${folder}/system.conf.d/*.conf`,
]);

/**
 * What systemd executes for a service: its unit as drop-ins leave it, also that of an init script.
 * @param defaults - of every service: {@link managerDefaults}
 * @param slices - of its control groups: {@link sliceSettings}
 */
export function processOf(
  unit: Unit,
  defaults: readonly ProcessSetting[],
  slices: readonly ProcessSetting[],
): Process {
  const isScript = unit.origin === 'script';
  const own = commandKinds.flatMap((kind) =>
    allValues(unit, 'Service', kind).flatMap((setting) => commandsIn(kind, setting, unit.name)),
  );
  const started = own.some(({ kind }) => kind === 'ExecStart');
  const script: readonly Command[] =
    isScript && unit.path && !started
      ? [
          {
            kind: 'ExecStart',
            words: [unit.path, 'start'],
            mayFail: false,
            rights: 'unit',
            evidence: { path: unit.path },
          },
        ]
      : [];
  return {
    origin: isScript ? 'script' : 'unit',
    commands: [...own, ...script],
    settings: settingsInForce(unit),
    slices,
    defaults,
    path: managerPath,
  };
}

/**
 * What the slices of a service limit: its own or system.slice, and those that this one is in (systemd.slice(5): a-b.slice
 * is in a.slice).
 */
export async function sliceSettings(units: Units, unit: Unit): Promise<readonly ProcessSetting[]> {
  const asked = lastValue(unit, 'Service', 'Slice')?.value;
  const written = (asked && expand(asked, unit.name)) ?? 'system.slice';
  if (parseUnitName(written)?.type !== 'slice') return [];
  const parts = written.slice(0, -'.slice'.length).split('-');
  const settings: ProcessSetting[] = [];
  for (let count = Math.min(parts.length, maxSlices); count > 0; count--) {
    const name = parts.slice(0, count).join('-');
    if (name === '') continue;
    for (const { key, value, path, line } of lastOfEach(await units.load(`${name}.slice`)))
      settings.push({ key, value, evidence: { path, line } });
  }
  return settings;
}

/** Slices in slices; systems have two or three. */
const maxSlices = 16;

/** [Slice] as drop-ins leave it. */
function lastOfEach({ settings }: Unit): readonly PlacedSetting[] {
  const own = settings.filter(({ section }) => section === 'Slice');
  return [...new Map(own.map((setting) => [setting.key, setting])).values()];
}

/** A line can hold several commands, with a semicolon of its own between them (systemd.service(5)). */
function commandsIn(kind: Command['kind'], { value, path, line }: PlacedSetting, name: string): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  const finish = (): void => {
    const [first, ...others] = words;
    words = [];
    if (first === undefined) return;
    const prefix = /^[-@:+!|]*/.exec(first)?.[0] ?? '';
    const program = first.slice(prefix.length);
    // After `@` comes what the program is to be called: argv[0].
    const own = [program, ...(prefix.includes('@') ? others.slice(1) : others)];
    commands.push({
      kind,
      // After `|` the login shell has the line, which is root's where the unit says nothing else.
      words: prefix.includes('|') ? ['/bin/sh', '-c', own.join(' ')] : own,
      mayFail: prefix.includes('-'),
      rights: prefix.includes('+') ? 'full' : prefix.includes('!') ? 'root' : 'unit',
      ...(prefix.includes(':') ? { isLiteral: true } : {}),
      evidence: { path, line },
    });
  };
  for (const word of wordsOf(value)) {
    if (word === ';') finish();
    else words.push(expand(word === '\\;' ? ';' : word, name) ?? word);
  }
  finish();
  return commands;
}

function settingsInForce(unit: Unit): readonly ProcessSetting[] {
  const kept: ProcessSetting[] = [];
  const ofService = unit.settings.filter(({ section }) => section === 'Service');
  for (const key of new Set(ofService.map((setting) => setting.key))) {
    if ((commandKinds as readonly string[]).includes(key)) continue;
    const all = ofService.filter((setting) => setting.key === key);
    const reset = all.findLastIndex(({ value }) => value === '');
    // An empty CapabilityBoundingSet= stands for something: it drops every capability.
    const from = reset >= 0 && key === 'CapabilityBoundingSet' ? reset : reset + 1;
    const inForce = lists.has(key) ? all.slice(from) : all.slice(-1);
    for (const { value, path, line } of inForce) {
      kept.push({ key, value: expand(value, unit.name) ?? value, evidence: { path, line } });
    }
  }
  return kept;
}

/** [Manager] of system.conf: the drop-ins of all folders by name, after the first system.conf that is there. */
export async function managerDefaults(image: Image): Promise<readonly ProcessSetting[]> {
  const files: GuestPath[] = [];
  for (const folder of managerFolders) {
    const path = join(folder, 'system.conf');
    if ((await image.stat(path))?.type !== 'file') continue;
    files.push(path);
    break;
  }
  const dropIns = new Map<string, GuestPath>();
  for (const folder of managerFolders) {
    for (const { name } of (await image.readDir(join(folder, 'system.conf.d'))) ?? []) {
      if (name.endsWith('.conf') && !dropIns.has(name))
        dropIns.set(name, join(folder, `system.conf.d/${name}`));
    }
  }
  const sorted = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  const settings: ProcessSetting[] = [];
  for (const path of [...files, ...sorted]) {
    if ((await image.stat(path))?.type !== 'file') continue;
    const text = await image.readText(path);
    for (const { section, key, value, line } of settingsOf(parseUnitFile(text ?? ''))) {
      if (section === 'Manager') settings.push({ key, value, evidence: { path, line } });
    }
  }
  return settings;
}
