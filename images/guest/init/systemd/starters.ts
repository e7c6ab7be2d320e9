import { runCommand } from '../../../formats/command-wrappers.js';
import { shellCommands } from '../../../formats/shell-commands.js';
import { wordsOf } from '../../../formats/unit-file.js';
import type { Obstacle } from '../obstacle.js';
import type { Starter } from '../service.js';
import { isStartOf } from '../start-command.js';
import type { Boot } from './boot.js';
import { expand } from './names.js';
import { type PlacedSetting, type Unit, allValues, lastValue } from './unit.js';

/** What makes a timer elapse by itself, and a path unit start what it watches for (systemd.timer(5), systemd.path(5)). */
const elapses = /^On(?:Active|Boot|Startup|UnitActive|UnitInactive|Calendar)(?:Sec)?$/;
const watches = /^(?:PathExists|PathExistsGlob|DirectoryNotEmpty|PathChanged|PathModified)$/;

const triggers = new Map<string, RegExp>([
  ['timer', elapses],
  ['path', watches],
  ['socket', /^Listen/],
]);

/**
 * The units of the boot that start a service without pulling it into the boot: timers, path and socket units, and
 * services with a `systemctl start` among their commands. They start it later, in no order that the service asks for.
 * @param obstacles - what keeps such a unit itself from being started
 */
export async function startersOf(
  { transaction, units }: Boot,
  names: readonly string[],
  obstacles: (name: string) => Promise<readonly Obstacle[]>,
): Promise<readonly Starter[]> {
  const found: Starter[] = [];
  for (const [by, { unit }] of transaction.members) {
    const setting = unit.type === 'service' ? await commandOf(unit, names) : triggerOf(unit);
    if (!setting) continue;
    if (unit.type !== 'service' && !names.includes(units.nameOf(triggered(unit)))) continue;
    if ((await obstacles(by)).some(({ certain }) => certain)) continue;
    const { path, line, key, value } = setting;
    found.push({ by, evidence: { path, line }, because: `${key}=${value}` });
  }
  return found;
}

function triggerOf(unit: Unit): PlacedSetting | undefined {
  const matches = triggers.get(unit.type);
  return matches && unit.settings.find(({ key, value }) => matches.test(key) && value !== '');
}

/** The unit that a timer, path or socket starts. */
function triggered(unit: Unit): string {
  const section = { timer: 'Timer', path: 'Path', socket: 'Socket' }[
    unit.type as 'timer' | 'path' | 'socket'
  ];
  const named = lastValue(unit, section, unit.type === 'socket' ? 'Service' : 'Unit');
  const own = `${unit.name.slice(0, -unit.type.length - 1)}.service`;
  return (named && expand(named.value, unit.name)) ?? own;
}

/** The command of a service that has one of the units started. */
async function commandOf(unit: Unit, names: readonly string[]): Promise<PlacedSetting | undefined> {
  for (const key of ['ExecStartPre', 'ExecStart', 'ExecStartPost']) {
    for (const setting of allValues(unit, 'Service', key)) {
      // Most commands are none of those, and need no closer look.
      if (!/\b(?:start|restart|now)\b/.test(setting.value)) continue;
      const run = runCommand(wordsOf(setting.value.replace(/^[-@:+!|]+/, '')));
      const commands =
        run?.kind === 'script'
          ? (await shellCommands(run.text)).map(({ words }) => words)
          : run
            ? [run.words]
            : [];
      const starts = (name: string): boolean =>
        commands.some((words) => isStartOf(words, name.replace(/\.service$/, '')));
      if (names.some(starts)) return setting;
    }
  }
  return undefined;
}
