import { type PresetRule, parsePresets } from '../../../formats/preset-file.js';
import { matches } from '../../../formats/wildcard.js';
import type { Change, GuestPath, Image } from '../../../image/image.js';
import type { Input } from '../../../image/inputs.js';
import { collapse, overlay } from '../../../image/overlay.js';
import { join } from '../../../image/resolve.js';
import { textAt } from '../../texts.js';
import { disable, enable } from './enablement.js';
import { parseUnitName, templateOf, withInstance } from './names.js';
import { UnitSearch } from './search.js';
import { Units } from './unit.js';

/** Where the administrator's preset files lie; they go before those of packages. */
export const presetDirectory: GuestPath = '/etc/systemd/system-preset';

const directories: readonly GuestPath[] = [
  presetDirectory,
  '/usr/local/lib/systemd/system-preset',
  '/usr/lib/systemd/system-preset',
  '/lib/systemd/system-preset',
];

export const presetInputs: readonly Input[] = directories.map((directory) => `${directory}/*.preset`);

/** A rule, and the file that it stands in. */
export interface PlacedRule extends PresetRule {
  readonly path: GuestPath;
}

/** What `systemctl preset-all` may change: `enable-only` adds links and removes none. */
export type PresetMode = 'enable-only' | 'full';

/**
 * The rules of all preset files, in the order in which the first that matches wins: by the files' names, whichever
 * directory they are in; of one name the first directory's (systemd.preset(5)).
 * @param systemdVersion - the major version, where it is known
 */
export async function readPresets(image: Image, systemdVersion?: number): Promise<readonly PlacedRule[]> {
  const files = new Map<string, GuestPath>();
  for (const directory of directories)
    for (const { name } of (await image.readDir(directory)) ?? [])
      if (name.endsWith('.preset') && !files.has(name)) files.set(name, join(directory, name));
  const rules: PlacedRule[] = [];
  for (const [, path] of [...files].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    // A link to /dev/null hides the vendor's file of its name.
    if ((await image.readLink(path)) === '/dev/null') continue;
    const [text] = await textAt(image, path);
    if (!text) continue;
    const knowsIgnore = systemdVersion === undefined || systemdVersion >= 254;
    rules.push(...parsePresets(text.text, knowsIgnore).map((rule) => ({ ...rule, path })));
  }
  return rules;
}

/** The rule for a unit; without one it is enabled (systemd.preset(5)). */
export function ruleFor(name: string, rules: readonly PlacedRule[]): PlacedRule | undefined {
  const template = templateOf(name);
  return rules.find(
    ({ pattern, instances }) =>
      fits(pattern, name) ||
      (template !== undefined &&
        pattern === template &&
        instances.includes(parseUnitName(name)?.instance ?? '')),
  );
}

/** fnmatch(3) with FNM_NOESCAPE: a backslash stands for itself. */
function fits(pattern: string, name: string): boolean {
  return matches(pattern.replaceAll('\\', '\\\\'), name);
}

/**
 * What `systemctl --root=… preset-all --preset-mode=MODE` changes, and PID 1 at a first boot (shared/install.c
 * `unit_file_preset_all`): every unit file of the search path is enabled or disabled by the first rule that matches its
 * name. Aliases and masked units are passed over, and so are units that generators make.
 */
export async function presetAll(
  image: Image,
  rules: readonly PlacedRule[],
  mode: PresetMode,
): Promise<Change[]> {
  const search = await UnitSearch.open(image);
  const plus: string[] = [];
  const minus: string[] = [];
  for (const name of search.names) {
    const { name: own, found } = search.resolve(name);
    if (own !== name || found?.kind !== 'file') continue;
    const rule = ruleFor(name, rules);
    if (rule?.action === 'ignore') continue;
    if (rule?.action === 'disable') minus.push(name);
    else if (rule && rule.instances.length > 0)
      plus.push(...rule.instances.map((instance) => withInstance(name, instance)));
    else plus.push(name);
  }
  const removed = mode === 'full' ? await disable(new Units(image, search), ...minus) : [];
  const view = removed.length > 0 ? await overlay(image, removed) : image;
  const units = new Units(view, removed.length > 0 ? await UnitSearch.open(view) : search);
  return collapse([...removed, ...(await enable(units, ...plus))]);
}
