import { commentOut, splitLines } from '../../formats/lines.js';
import { wordsOf } from '../../formats/unit-file.js';
import { matches } from '../../formats/wildcard.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { regularTextsIn } from '../texts.js';
import type { StartedVpn } from './commands.js';
import type { Guest, Mechanism } from './mechanism.js';
import { initModules } from '../init/init-modules.js';
import { rewrite } from './rewrite.js';
import { scriptInputs } from './scripts.js';
import { type Rule, type RulePart, parseRules } from './udev-rules.js';
import type { Vpn } from './vpn.js';

const folder: GuestPath = '/etc/udev/rules.d';

/** A device that every server has, by what the kernel calls it. */
interface Device {
  readonly subsystem: string;
  readonly kernel: string;
  /** Whether 99-systemd.rules makes a unit of it. */
  readonly isUnit: boolean;
}

/** What appears in the boot of a server of the cloud. */
const devices: readonly Device[] = [
  { subsystem: 'net', kernel: 'eth0', isUnit: true },
  { subsystem: 'net', kernel: 'eth1', isUnit: true },
  // A card has an event of its own when it gets its lasting name.
  ...['enX0', 'ens3', 'enp0s3'].map((kernel) => ({ subsystem: 'net', kernel, isUnit: true })),
  { subsystem: 'net', kernel: 'lo', isUnit: false },
  { subsystem: 'block', kernel: 'xvda', isUnit: true },
  { subsystem: 'block', kernel: 'xvda1', isUnit: true },
  { subsystem: 'xen', kernel: 'vif-0', isUnit: false },
  { subsystem: 'misc', kernel: 'tun', isUnit: false },
  { subsystem: 'mem', kernel: 'random', isUnit: false },
  { subsystem: 'tty', kernel: 'console', isUnit: false },
  { subsystem: 'cpu', kernel: 'cpu0', isUnit: false },
  { subsystem: 'module', kernel: 'tun', isUnit: false },
];

/** A rule that names something to be started, and the file that it is in. */
interface Start {
  readonly path: GuestPath;
  readonly rule: Rule;
  readonly lines: readonly string[];
  readonly what: { readonly unit: string } | { readonly command: string };
}

/**
 * The administrator's rules of udev that bring a VPN up when a device of the server appears: `RUN` runs a program
 * (udev(7)), `SYSTEMD_WANTS` has a unit started by the device's own (systemd.device(5)).
 */
export const udev: Mechanism = {
  inputs: [`${folder}/*.rules`, ...scriptInputs],
  async find(guest) {
    const { image, services } = guest;
    if (['systemd-udevd', 'udev'].some((name) => services.find(name)?.state === 'masked')) return [];
    const files = (await regularTextsIn(image, folder, (name) => name.endsWith('.rules'))).flatMap(
      ({ path, text }) => (/SYSTEMD_WANTS|RUN/.test(text) ? [{ path, text, rules: parseRules(text) }] : []),
    );
    if (files.length === 0) return [];
    const starts = new Map<string, Start>();
    for (const start of devices.flatMap((device) => startsOf(device, files)))
      starts.set([start.path, start.rule.line, Object.values(start.what).join()].join(' '), start);
    const found = new Map<string, Vpn>();
    for (const start of starts.values()) {
      const vpn = await vpnOf(guest, start.what);
      if (!vpn) continue;
      const one = describe(start, vpn);
      found.set([start.path, start.rule.line, one.product, one.name].join(' '), one);
    }
    return [...found.values()];
  },
};

function describe({ path, rule, lines, what }: Start, { product, device }: StartedVpn): Vpn {
  const does = 'unit' in what ? `has systemd start ${what.unit}` : 'runs it';
  return {
    product,
    name: 'unit' in what ? what.unit.replace(/\.service$/, '') : product,
    evidence: { path, line: rule.line },
    how: `a rule of udev ${does} when a device appears`,
    tunnelLink: device === 'tun',
    disable: (image) => withoutRule(image, path, rule, lines),
  };
}

async function vpnOf({ commands, services }: Guest, what: Start['what']): Promise<StartedVpn | undefined> {
  if ('command' in what) return commands.vpnOf(wordsOf(what.command));
  if (!initModules[services.system].hasUnitFiles || !what.unit.endsWith('.service')) return undefined;
  const service = services.find(what.unit) ?? services.find(what.unit.replace(/@.*\.service$/, '@.service'));
  if (!service || service.state === 'masked') return undefined;
  if ((await services.obstacles(service)).some(({ certain }) => certain)) return undefined;
  return (await commands.vpnOf(['systemctl', 'start', what.unit])) ?? commands.ofService(service);
}

interface RulesFile {
  readonly path: GuestPath;
  readonly text: string;
  readonly rules: readonly Rule[];
}

/** What the rules have started when a device appears: they are read in the order of their files' names. */
function startsOf(device: Device, files: readonly RulesFile[]): Start[] {
  let runs: Start[] = [];
  let wants: Start[] = [];
  let { isUnit } = device;
  for (const { path, text, rules } of files) {
    for (const rule of rulesFor(device, rules)) {
      const startOf = (what: Start['what']): Start => ({ path, rule, lines: linesOf(text, rule), what });
      for (const { key, attribute, operator, value } of rule.parts) {
        if (operator === '==' || operator === '!=' || operator === '-=') continue;
        const filled = value.replace(/%k|\$kernel\b|\$name\b/g, device.kernel);
        if (key === 'TAG' && value === 'systemd') isUnit = true;
        if (key === 'ENV' && attribute === 'SYSTEMD_WANTS') {
          const units = wordsOf(filled).map((unit) => startOf({ unit }));
          wants = operator === '+=' ? [...wants, ...units] : units;
        }
        if (key === 'RUN' && (attribute ?? 'program') === 'program') {
          const run = filled === '' ? [] : [startOf({ command: filled })];
          runs = operator === '+=' ? [...runs, ...run] : run;
        }
      }
    }
  }
  return isUnit ? [...runs, ...wants] : runs;
}

/** The rules of a file that fit a device or may do so; GOTO skips what comes before its LABEL. */
function rulesFor(device: Device, rules: readonly Rule[]): Rule[] {
  const fitting: Rule[] = [];
  let label: string | undefined;
  for (const rule of rules) {
    if (label !== undefined && !rule.parts.some(({ key, value }) => key === 'LABEL' && value === label))
      continue;
    label = undefined;
    const answers = rule.parts.filter(isMatch).map((part) => holds(part, device));
    if (answers.includes(false)) continue;
    fitting.push(rule);
    const isCertain = !answers.includes(undefined);
    if (isCertain) label = rule.parts.find(({ key }) => key === 'GOTO')?.value;
  }
  return fitting;
}

const isMatch = ({ operator }: RulePart): boolean => operator === '==' || operator === '!=';

/** Events of a boot: a device appears, gets its driver, and a network card its name. */
const events = ['add', 'bind', 'move'];

/** Buses of what a person plugs in. */
const plugged = /^(?:usb|bluetooth|pcmcia|firewire|thunderbolt)/;

/** Whether a match holds when the device appears; undefined for what only the running server knows. */
function holds({ key, attribute, operator, value }: RulePart, device: Device): boolean | undefined {
  const equal = operator === '==';
  const fits = (actual: string): boolean => value.split('|').some((pattern) => matches(pattern, actual));
  switch (key) {
    case 'ACTION':
      return equal ? events.some(fits) : !fits('add');
    case 'SUBSYSTEM':
      return fits(device.subsystem) === equal;
    case 'KERNEL':
      return fits(device.kernel) === equal;
    case 'SUBSYSTEMS':
    case 'ENV':
      if (key === 'ENV' && attribute !== 'ID_BUS') return undefined;
      return equal && value.split('|').every((one) => plugged.test(one)) ? false : undefined;
    default:
      return undefined;
  }
}

const linesOf = (text: string, { line, last }: Rule): string[] =>
  splitLines(text)
    .slice(line - 1, last)
    .map((one) => one.text);

/** Turns a rule into a comment, when it is still in its place. */
async function withoutRule(
  image: Image,
  path: GuestPath,
  rule: Rule,
  lines: readonly string[],
): Promise<Change[]> {
  return rewrite(image, path, (text) =>
    linesOf(text, rule).join('\n') === lines.join('\n')
      ? commentOut(
          text,
          lines.map((_, at) => rule.line + at),
        )
      : text,
  );
}
