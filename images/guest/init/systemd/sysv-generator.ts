import type { GuestPath, Image } from '../../../image/image.js';
import { baseName, join } from '../../../image/resolve.js';
import type { Evidence } from '../../evidence.js';
import { parseUnitName } from './names.js';
import type { GeneratedLink, GeneratedUnit, IdleScript, PlacedSetting } from './unit.js';

/** Start runlevels, and the target that stands for each; shutdown is left to default dependencies. */
const runlevels = [
  ['rc1.d', 'rescue.target'],
  ['rc2.d', 'multi-user.target'],
  ['rc3.d', 'multi-user.target'],
  ['rc4.d', 'multi-user.target'],
  ['rc5.d', 'graphical.target'],
] as const;

/** LSB's facilities; null for those that hold at any time under systemd. */
const facilities: Readonly<Record<string, string | null>> = {
  local_fs: null,
  network: 'network-online.target',
  named: 'nss-lookup.target',
  portmap: 'rpcbind.target',
  remote_fs: 'remote-fs.target',
  syslog: null,
  time: 'time-sync.target',
};

/** Bytes of an init script; the largest in the field are some tens of kilobytes. */
const maxScriptSize = 1024 * 1024;

interface Script {
  readonly unit: string;
  readonly path: GuestPath;
  readonly hasHeader: boolean;
  readonly aliases: readonly string[];
  readonly settings: PlacedSetting[];
  /** The S link with the highest number. */
  start: { readonly number: number; readonly link: GuestPath } | undefined;
  readonly startedBy: GeneratedLink[];
}

/**
 * The units that systemd-sysv-generator(8) makes of init scripts: named by the file, ordered by the LSB header, or
 * without one by the numbers of the S links. insserv's override files mean nothing to it.
 * @param hasUnit - whether a native unit (masked counts) has that name; such a script gets none
 */
export async function generateFromScripts(
  image: Image,
  hasUnit: (name: string) => boolean,
): Promise<readonly GeneratedUnit[]> {
  const base = await baseOf(image);
  const scripts = new Map<string, Script>();
  for (const { name, type } of (await image.readDir(join(base, 'init.d'))) ?? []) {
    const unit = unitOf(name);
    const path = join(join(base, 'init.d'), name);
    if (!parseUnitName(unit) || scripts.has(unit) || hasUnit(unit)) continue;
    if (type !== 'file' && type !== 'link') continue;
    const entry = await image.stat(path);
    if (entry?.type !== 'file' || (entry.mode & 0o100) === 0) continue;
    scripts.set(unit, readScript(unit, path, (await image.readText(path, maxScriptSize)) ?? ''));
  }
  if (scripts.size > 0) await readStartLinks(image, base, scripts);
  for (const script of scripts.values()) orderByNumber(script, scripts.values());
  return [...scripts.values()].map(generate);
}

/**
 * Init scripts with start links of which no unit is made: the generator is not run, or the script cannot be executed.
 * @param isRun - whether the guest has the generator
 */
export async function idleScripts(
  image: Image,
  isRun: boolean,
  hasUnit: (name: string) => boolean,
): Promise<readonly IdleScript[]> {
  const base = await baseOf(image);
  const found = new Map<string, IdleScript>();
  for (const [directory] of runlevels) {
    for (const { name } of (await image.readDir(join(base, directory))) ?? []) {
      const script = /^S\d\d(.+)$/s.exec(name)?.[1];
      const unit = unitOf(script ?? '');
      if (script === undefined || !parseUnitName(unit) || found.has(unit) || hasUnit(unit)) continue;
      const path = join(join(base, 'init.d'), script);
      const entry = await image.stat(path);
      if (entry?.type !== 'file') continue;
      const isExecutable = (entry.mode & 0o100) !== 0;
      if (isRun && isExecutable) continue;
      const because = isExecutable
        ? 'systemd-sysv-generator, which would make a unit of it, is not in the image, is masked or is not executable'
        : `${path} is not executable, so systemd makes no unit of it`;
      found.set(unit, { unit, path, link: join(join(base, directory), name), because });
    }
  }
  return [...found.values()];
}

/** Red Hat keeps scripts and links below /etc/rc.d, and has links to them in /etc. */
async function baseOf(image: Image): Promise<GuestPath> {
  return (await image.readDir('/etc/rc.d/init.d')) ? '/etc/rc.d' : '/etc';
}

/** The text of the unit that the generator makes of a script, for a unit file that is to take its place. */
export function printGeneratedUnit(unit: GeneratedUnit): string {
  const lines = (section: string): string[] =>
    unit.settings.filter((setting) => setting.section === section).map(({ key, value }) => `${key}=${value}`);
  const targets = [...new Set(unit.startedBy.map(({ target }) => target))];
  return [
    '[Unit]',
    ...lines('Unit'),
    '',
    '[Service]',
    ...lines('Service'),
    '',
    '[Install]',
    ...unit.aliases.map((alias) => `Alias=${alias}`),
    ...targets.map((target) => `WantedBy=${target}`),
    '',
  ].join('\n');
}

function unitOf(script: string): string {
  return `${script.replace(/\.sh$/, '')}.service`;
}

function readScript(unit: string, path: GuestPath, text: string): Script {
  const script = baseName(path);
  const header = readHeader(text);
  const settings: PlacedSetting[] = [];
  const aliases = script.endsWith('.sh') ? [`${script}.service`] : [];
  const add = (section: string, key: string, value: string, line = 1): void => {
    settings.push({ section, key, value, line, path });
  };
  add('Unit', 'SourcePath', path);
  if (header.description) add('Unit', 'Description', header.description);
  for (const { field, words, line } of header.fields) {
    for (const word of words) {
      const name = translate(word, script);
      if (name === undefined) continue;
      if (field !== 'provides') {
        const before = field === 'x-start-before';
        add('Unit', before ? 'Before' : 'After', name, line);
        if (name === 'network-online.target' && !before) add('Unit', 'Wants', name, line);
      } else if (name.endsWith('.service')) {
        aliases.push(name);
      } else {
        // A script that provides a facility marks the moment at which its target is reached.
        const targets = name === 'network-online.target' ? [name, 'network.target'] : [name];
        for (const target of targets) {
          add('Unit', 'Before', target, line);
          add('Unit', 'Wants', target, line);
        }
      }
    }
  }
  const service = [
    'Type=forking',
    'Restart=no',
    'TimeoutSec=5min',
    'IgnoreSIGPIPE=no',
    'KillMode=process',
    'GuessMainPID=no',
    'RemainAfterExit=yes',
    'SuccessExitStatus=5 6',
    `ExecStart=${path} start`,
    `ExecStop=${path} stop`,
  ];
  for (const assignment of service) {
    const equals = assignment.indexOf('=');
    add('Service', assignment.slice(0, equals), assignment.slice(equals + 1));
  }
  return { unit, path, hasHeader: header.found, aliases, settings, start: undefined, startedBy: [] };
}

interface Header {
  readonly found: boolean;
  readonly description: string | undefined;
  readonly fields: readonly {
    readonly field: string;
    readonly words: readonly string[];
    readonly line: number;
  }[];
}

const fieldNames = /^(provides|required-start|should-start|x-start-before|x-start-after):/i;

/** The LSB comment block, read as the generator does: every block of the file counts. */
function readHeader(text: string): Header {
  const fields: Header['fields'][number][] = [];
  let found = false;
  let inside = false;
  let description: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (!line.startsWith('#')) continue;
    if (!inside && line === '### BEGIN INIT INFO') {
      inside = true;
      found = true;
    } else if (line === '### END INIT INFO') {
      inside = false;
    } else if (inside) {
      const content = line.slice(1).trim();
      const field = fieldNames.exec(content)?.[1]?.toLowerCase();
      const words = content
        .slice(content.indexOf(':') + 1)
        .split(/\s+/)
        .filter((word) => word !== '');
      if (field) fields.push({ field, words, line: index + 1 });
      else if (/^short-description:/i.test(content))
        description = `LSB: ${words.join(' ')}`.replaceAll('\\', '').replaceAll('%', '%%');
    }
  }
  return { found, description, fields };
}

/** The unit that a facility stands for; undefined when it stands for nothing that needs waiting. */
function translate(word: string, script: string): string | undefined {
  const plain = word.replace(/^\$/, '');
  if (Object.hasOwn(facilities, plain)) return facilities[plain] ?? undefined;
  if (word.startsWith('$')) return valid(`${plain}.target`);
  // A script that names itself says nothing.
  return plain === script || plain === script.replace(/\.sh$/, '') ? undefined : valid(unitOf(plain));
}

function valid(name: string): string | undefined {
  return parseUnitName(name) ? name : undefined;
}

async function readStartLinks(
  image: Image,
  base: GuestPath,
  scripts: ReadonlyMap<string, Script>,
): Promise<void> {
  for (const [directory, target] of runlevels) {
    for (const { name } of (await image.readDir(join(base, directory))) ?? []) {
      const match = /^S(\d\d)(.+)$/s.exec(name);
      const script = scripts.get(unitOf(match?.[2] ?? ''));
      if (!match || !script) continue;
      const evidence: Evidence = { path: join(join(base, directory), name) };
      const number = Number(match[1]);
      if (number > (script.start?.number ?? -1)) script.start = { number, link: evidence.path };
      script.startedBy.push({ target, relation: 'Wants', name: script.unit, evidence });
      script.settings.push({ section: 'Unit', key: 'Before', value: target, line: 1, path: evidence.path });
    }
  }
}

/** The numbers of the S links count as soon as one of the two scripts has no LSB header. */
function orderByNumber(script: Script, others: Iterable<Script>): void {
  if (!script.start) return;
  for (const other of others) {
    if (other === script || !other.start || (script.hasHeader && other.hasHeader)) continue;
    const difference = other.start.number - script.start.number;
    if (difference === 0) continue;
    const key = difference < 0 ? 'After' : 'Before';
    script.settings.push({ section: 'Unit', key, value: other.unit, line: 1, path: script.start.link });
  }
}

function generate({ unit, path, aliases, settings, startedBy }: Script): GeneratedUnit {
  const own = aliases.filter((alias) => alias !== unit);
  return {
    name: unit,
    origin: 'script',
    path,
    aliases: [...new Set(own)],
    settings: unique(settings),
    startedBy,
  };
}

/** Three runlevels mean the same target; saying it once is enough. */
function unique(settings: readonly PlacedSetting[]): PlacedSetting[] {
  const seen = new Set<string>();
  return settings.filter(({ section, key, value }) => {
    const identity = `${section}.${key}=${value}`;
    return !seen.has(identity) && seen.add(identity);
  });
}
