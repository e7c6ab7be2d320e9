import type { Evidence } from '../../evidence.js';
import { type Unit, allValues, lastBoolean, lastValue } from './unit.js';

/** Why systemd does not load a service ("bad-setting"), and what says so. */
export interface Refusal {
  readonly because: string;
  readonly evidence: Evidence;
}

/** Every command of a service; a broken one spoils the unit. */
const commands = /^Exec(?:Condition|Start|StartPre|StartPost|Stop|StopPost|Reload)$/;

/**
 * Why systemd refuses a service, by service_verify() of core/service.c and config_parse_exec() of
 * core/load-fragment.c (tried with systemd 252); undefined when it loads it.
 */
export function refusalOf(unit: Unit): Refusal | undefined {
  if (unit.type !== 'service' || unit.state !== 'loaded' || unit.origin !== 'unit' || !unit.path)
    return undefined;
  const file = { path: unit.path };
  const broken = brokenCommand(unit);
  if (broken) return broken;
  const starts = allValues(unit, 'Service', 'ExecStart');
  const type = lastValue(unit, 'Service', 'Type');
  const oneshot = type?.value === 'oneshot';
  if (starts.length === 0) {
    if (!oneshot) return { because: 'it has no ExecStart=', evidence: file };
    const ends = (lastValue(unit, 'Service', 'SuccessAction')?.value ?? 'none') !== 'none';
    const stops = allValues(unit, 'Service', 'ExecStop').length > 0;
    if (!ends && !(stops && lastBoolean(unit, 'Service', 'RemainAfterExit', false)))
      return {
        because: 'it has neither an ExecStart= nor, with RemainAfterExit=yes, an ExecStop=',
        evidence: file,
      };
  }
  const [, second] = starts;
  if (second && !oneshot)
    return { because: 'it has a second ExecStart=, and only Type=oneshot may', evidence: placeOf(second) };
  const restart = lastValue(unit, 'Service', 'Restart');
  if (oneshot && restart && /^(?:always|on-success)$/.test(restart.value))
    return { because: `Type=oneshot cannot have Restart=${restart.value}`, evidence: placeOf(restart) };
  if (type?.value === 'dbus' && !lastValue(unit, 'Service', 'BusName'))
    return { because: 'Type=dbus needs a BusName=', evidence: placeOf(type) };
  return undefined;
}

/** A command whose program is neither an absolute path nor a plain name, or whose quotes do not end. */
function brokenCommand(unit: Unit): Refusal | undefined {
  for (const { section, key, value, path, line } of unit.settings) {
    if (section !== 'Service' || !commands.test(key) || value === '') continue;
    const program = value.replace(/^[-@:+!|]+\s*/, '');
    const evidence = { path, line };
    const because = (why: string): Refusal => ({ because: `${key}=${value} ${why}`, evidence });
    if (program === '') return because('names no program');
    if (!isClosed(program)) return because('has a quote that does not end');
    const name = program.replace(/^["']/, '').split(/[\s"']/, 1)[0] ?? '';
    if (!name.startsWith('/') && name.includes('/') && !name.includes('%'))
      return because('names its program by a path that is not absolute');
  }
  return undefined;
}

/** Whether every quote of a command line is closed; a quote counts where a word begins (extract_first_word()). */
function isClosed(line: string): boolean {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === '\\') at += 1;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
  }
  return quote === '';
}

function placeOf({ path, line }: { path: Evidence['path']; line: number }): Evidence {
  return { path, line };
}
