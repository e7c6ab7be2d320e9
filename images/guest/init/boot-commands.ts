import { ImageError } from '../../base/errors.js';
import type { CommandWords } from '../../formats/command-wrappers.js';
import { splitLines } from '../../formats/lines.js';
import { shellCommands } from '../../formats/shell-commands.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import type { Fact } from '../fact.js';
import { type GuestText, regularTextsIn, textAt } from '../texts.js';
import { parseInitDefault } from '../../formats/inittab.js';
import { initModules } from './init-modules.js';
import type { Services } from './service.js';
import { services } from './services.js';
import { shellWorld, sourcedInputs } from './shell-world.js';
import { unwrapped } from './unwrapped.js';

/** A command that a boot runs outside of every service. */
export interface BootCommand {
  /** What runs it. */
  readonly by: 'rc.local' | 'cron' | 'inittab';
  readonly path: GuestPath;
  readonly line: number;
  /** The last line that belongs to it. */
  readonly last: number;
  /** The program and its arguments, without what only leads to it; undefined where only the running shell knows. */
  readonly words: CommandWords;
  /** Whether each boot runs it: it hangs on no condition, and on no date. */
  readonly certain?: boolean;
  /** Its PATH, where cron gives it one of its own. */
  readonly searched?: readonly GuestPath[];
}

const localScripts: readonly GuestPath[] = ['/etc/rc.local', '/etc/rc.d/rc.local'];

/** crontab(5): of the system, whose lines name a user; and root's own, where Debian, Red Hat and SUSE keep it. */
const systemTables: readonly GuestPath[] = ['/etc/crontab'];
const systemFolder: GuestPath = '/etc/cron.d';
const rootTables: readonly GuestPath[] = [
  '/var/spool/cron/crontabs/root',
  '/var/spool/cron/root',
  '/var/spool/cron/tabs/root',
];
const inittab: GuestPath = '/etc/inittab';

/** What a command of cron has for a PATH unless a line before it gives another (crontab(5)). */
const cronPath: readonly GuestPath[] = ['/usr/bin', '/bin'];

/** Names of cron's service: Debian; Red Hat and SUSE; others. */
const crons = ['cron', 'crond', 'cronie', 'fcron', 'bcron', 'systemd-cron'];

const inputs: readonly Input[] = [
  ...localScripts,
  ...systemTables,
  `${systemFolder}/*`,
  ...rootTables,
  inittab,
  ...sourcedInputs,
];

/** Every command that rc.local, cron and init's own table run, in this order. Nothing of a guest whose init is unknown is left out. */
export const bootCommands: Fact<readonly BootCommand[]> = {
  name: 'boot-commands',
  inputs: [...inputs, ...services.inputs],
  async gather(image, get) {
    const texts = {
      local: await localTexts(image),
      cron: await cronTexts(image),
      init: await textAt(image, inittab),
    };
    if (texts.local.length + texts.cron.length + texts.init.length === 0) return [];
    const system = await orUnknown(get(services));
    const found: BootCommand[] = [];
    if (!system || (await initModules[system.system].runsLocal(image, system))) {
      for (const { path, text } of texts.local) {
        for (const command of await shellCommands(text, shellWorld(image, ['start'])))
          found.push(...(await unwrapped<BootCommand>({ ...command, by: 'rc.local', path })));
      }
    }
    // systemd starts the commands of systemd-cron, with its own PATH.
    const first = system?.find('systemd-cron') ? undefined : cronPath;
    if (runsCron(system))
      for (const { path, text } of texts.cron) found.push(...(await cronCommands(path, text, first)));
    if (system && initModules[system.system].readsInittab)
      for (const { text } of texts.init) found.push(...(await initCommands(text)));
    return found;
  },
};

/** undefined of an init system whose services cannot be judged: what it runs is then taken to be run. */
async function orUnknown(asked: Promise<Services>): Promise<Services | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ImageError && error.code === 'unsupported-init') return undefined;
    throw error;
  }
}

async function localTexts(image: Image): Promise<GuestText[]> {
  const found = new Map<GuestPath, GuestText>();
  for (const path of localScripts) {
    const entry = await image.stat(path);
    if (entry?.type !== 'file' || (entry.mode & 0o111) === 0) continue;
    const real = (await image.realPath(path)) ?? path;
    for (const text of await textAt(image, path)) if (!found.has(real)) found.set(real, text);
  }
  return [...found.values()];
}

function runsCron(system: Services | undefined): boolean {
  const there = crons.flatMap((name) => system?.find(name) ?? []);
  return !system || there.some(({ state }) => state === 'enabled');
}

async function cronTexts(image: Image): Promise<GuestText[]> {
  const found: GuestText[] = [];
  for (const path of [...systemTables, ...rootTables])
    if (await isFile(image, path)) found.push(...(await textAt(image, path)));
  // Debian's cron takes only names like those of run-parts(8); the others leave out what package managers left behind.
  const isDebian = (await image.stat('/etc/debian_version')) !== undefined;
  const counts = isDebian ? /^[\w-]+$/ : /^(?![.#]).*(?<!~|\.rpm(?:save|orig|new)|\.cfsaved)$/s;
  // cron takes regular files only, and passes over a pipe or a device ("NOT REGULAR": process_crontab() of its database.c).
  found.push(...(await regularTextsIn(image, systemFolder, (name) => counts.test(name))));
  return found;
}

async function isFile(image: Image, path: GuestPath): Promise<boolean> {
  return (await image.stat(path))?.type === 'file';
}

/** A line of crontab(5): five fields or one name for the time, in a system's table the user, the command. */
async function cronCommands(
  path: GuestPath,
  text: string,
  first: readonly GuestPath[] | undefined,
): Promise<BootCommand[]> {
  const found: BootCommand[] = [];
  let searched = first;
  for (const [at, { text: raw }] of splitLines(text).entries()) {
    const own = /^\s*(["']?)PATH\1\s*=\s*(["']?)(.*?)\2\s*$/.exec(raw)?.[3];
    if (own !== undefined && first) searched = own.split(':').filter(isAbsolute);
    const rest = /^\s*(?:@[a-z]+|(?:[\d*][^\s=]*\s+){4}[\w*][^\s=]*)\s+(.*)$/s.exec(raw)?.[1];
    if (rest === undefined) continue;
    // In a command, `%` ends it and begins its input.
    const command = (path.startsWith('/etc/') ? rest.replace(/^\S+\s+/, '') : rest).replace(
      /(?<!\\)%.*$/s,
      '',
    );
    const certain = /^\s*@reboot\s/.test(raw);
    // What the line takes in, or sets, may change it.
    const mayChange = /\bPATH\b|(?:^|[\s;&|])(?:\.|source)\s|\benv\b/.test(command);
    const place = { by: 'cron', path, line: at + 1, certain } as const;
    found.push(...(await ofLine(command, searched && !mayChange ? { ...place, searched } : place)));
  }
  return found;
}

function isAbsolute(folder: string): folder is GuestPath {
  return folder.startsWith('/');
}

/** inittab(5): what init itself starts on its way to the default runlevel. */
async function initCommands(text: string): Promise<BootCommand[]> {
  const level = parseInitDefault(text)?.runlevel ?? '2';
  const found: BootCommand[] = [];
  for (const [at, { text: raw }] of splitLines(text).entries()) {
    const entry = /^\s*[^#:\s][^:]*:([^:]*):(respawn|wait|once|boot|bootwait|sysinit):\+?(.*)$/s.exec(raw);
    const [, levels = '', action = '', command = ''] = entry ?? [];
    const always = levels === '' || /^(?:boot|bootwait|sysinit)$/.test(action);
    if (entry && (always || levels.includes(level)))
      found.push(...(await ofLine(command, { by: 'inittab', path: inittab, line: at + 1, certain: true })));
  }
  return found;
}

async function ofLine(
  command: string,
  place: Pick<BootCommand, 'by' | 'path' | 'line' | 'searched'> & { readonly certain: boolean },
): Promise<readonly BootCommand[]> {
  const found: BootCommand[] = [];
  for (const { words, certain } of await shellCommands(command)) {
    const one = { ...place, last: place.line, words, certain: place.certain && certain };
    found.push(...(await unwrapped(one)));
  }
  return found;
}
