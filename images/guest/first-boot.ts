import { overlay } from '../image/overlay.js';
import type { GuestPath, Image } from '../image/image.js';
import type { Input } from '../image/inputs.js';
import { type BootEntries, bootEntries } from './boot/entries.js';
import type { Evidence } from './evidence.js';
import { type Fact, type Gather, factsOf } from './fact.js';
import { type Init, init } from './init/init.js';
import { majorRelease } from './init/systemd/release.js';
import type { Service, Services } from './init/service.js';
import { services } from './init/services.js';
import {
  type PlacedRule,
  type PresetMode,
  presetAll,
  presetInputs,
  readPresets,
  ruleFor,
} from './init/systemd/presets.js';
import { initModules } from './init/init-modules.js';
import { type Os, os } from './os.js';
import type { Vpn } from './vpn/vpn.js';
import { vpns } from './vpn/vpns.js';

/** What the next boot changes by itself, because systemd takes it for a first boot: it presets all units. */
export interface FirstBoot {
  /** What makes it one. */
  readonly evidence: Evidence;
  /** In words that end a sentence: "/etc/machine-id is missing". */
  readonly because: string;
  /** Somebody says that it is one. Where a file is only missing, whoever finishes the image may still make it. */
  readonly isStated: boolean;
  /** What may keep systemd from changing anything, as a whole sentence; undefined when nothing does. */
  readonly doubt: string | undefined;
  /** One for each way in which a systemd may have been built; the image does not always say which. */
  readonly outcomes: readonly PresetOutcome[];
}

/** What starts and what does not, once all units are preset. */
interface PresetOutcome {
  readonly mode: PresetMode;
  /** `usual`: this systemd does it; `possible`: it may; `unusual`: it does not, but one built otherwise would. */
  readonly likelihood: 'usual' | 'possible' | 'unusual';
  /** Services that start now and would not any more. */
  readonly stopped: readonly PresetService[];
  /** Services that do not start now and would. */
  readonly started: readonly PresetService[];
  /** VPNs that do not start now and would. */
  readonly vpns: readonly Vpn[];
}

export interface PresetService {
  readonly service: Service;
  /** The preset that decides; undefined where none matches, which enables. */
  readonly rule: PlacedRule | undefined;
}

const machineId: GuestPath = '/etc/machine-id';

const inputs: readonly Input[] = [
  machineId,
  ...presetInputs,
  ...new Set([init, os, bootEntries, services, vpns].flatMap((fact) => fact.inputs)),
];

/** Undefined when the next boot is not a first boot. */
export const firstBoot: Fact<FirstBoot | undefined> = {
  name: 'first-boot',
  inputs,
  async gather(image, get) {
    const running = await get(init);
    if (!initModules[running.system].presetsUnits) return undefined;
    const entries = await get(bootEntries);
    const cause = await causeOf(image, running, entries);
    if (!cause) return undefined;
    const rules = await readPresets(image, majorRelease(running.systemdVersion));
    const outcomes: PresetOutcome[] = [];
    for (const [mode, likelihood] of modesOf(await get(os), majorRelease(running.systemdVersion)))
      // Without a rule that disables something the two modes are one.
      if (likelihood !== 'unusual' || rules.some(({ action }) => action === 'disable'))
        outcomes.push({ mode, likelihood, ...(await outcomeOf(image, get, mode, rules)) });
    return { ...cause, doubt: doubtOf(entries), outcomes };
  },
};

/**
 * machine-id(5), "First Boot Semantics", and core/main.c: missing is a first boot, empty is not, and `uninitialized` is
 * one since systemd 247. A word on the kernel command line is stronger, since systemd 246.
 */
async function causeOf(
  image: Image,
  running: Init,
  { words }: BootEntries,
): Promise<Pick<FirstBoot, 'evidence' | 'because' | 'isStated'> | undefined> {
  const version = majorRelease(running.systemdVersion) ?? Infinity;
  const word = words.findLast(({ text }) => /^systemd[.]condition[_-]first[_-]boot(?:=|$)/.test(text));
  const told = word && version >= 246 ? booleanOf(word.text) : undefined;
  if (word && told === true)
    return {
      evidence: word.evidence,
      because: `${word.text} on the kernel command line says so`,
      isStated: true,
    };
  if (told === false) return undefined;
  const evidence = { path: machineId };
  const entry = await image.stat(machineId);
  if (!entry) return { evidence, because: `${machineId} is missing`, isStated: false };
  if (entry.type !== 'file') return undefined;
  const [first = ''] = ((await image.readText(machineId)) ?? '').split('\n', 1);
  if (first !== 'uninitialized' || version < 247) return undefined;
  return {
    evidence: { ...evidence, line: 1 },
    because: `${machineId} says "uninitialized"`,
    isStated: true,
  };
}

/** parse_boolean of systemd; a word without a value is true. */
function booleanOf(word: string): boolean | undefined {
  const [, value = 'yes'] = word.split('=');
  if (/^(?:1|y|yes|t|true|on)$/i.test(value)) return true;
  return /^(?:0|n|no|f|false|off)$/i.test(value) ? false : undefined;
}

type Modes = readonly (readonly [PresetMode, PresetOutcome['likelihood']])[];

const isFull: Modes = [['full', 'usual']];
const enablesOnly: Modes = [
  ['enable-only', 'usual'],
  ['full', 'unusual'],
];
const isEither: Modes = [
  ['enable-only', 'possible'],
  ['full', 'possible'],
];

/**
 * Whether a first boot removes links as well is decided where systemd is built (`first-boot-full-preset`, off by default
 * and there since systemd 252). Debian's and Ubuntu's packages leave it off; Fedora turned it on with release 37
 * (Changes/Preset_All_Systemd_Units_on_First_Boot, in 251 by a patch), and its package is that of Enterprise Linux 10 and
 * Azure Linux.
 */
function modesOf({ family, id, version }: Os, systemd: number | undefined): Modes {
  const release = version === undefined ? undefined : Number.parseInt(version, 10);
  if (family === 'debian') return enablesOnly;
  if (id === 'fedora' && release !== undefined) return release >= 37 ? isFull : enablesOnly;
  if (id === 'azurelinux') return isFull;
  if (systemd !== undefined && systemd < 252) return enablesOnly;
  if (family === 'redhat' && id !== 'fedora' && id !== 'amzn' && release !== undefined) {
    if (release <= 8) return enablesOnly;
    if (release >= 10) return isFull;
  }
  return isEither;
}

/** PID 1 makes its links before anything mounts the root file system anew; until then it is as the kernel was told. */
function doubtOf({ menus, words }: BootEntries): string | undefined {
  if (menus.length === 0) return undefined;
  const last = words.findLast(({ text }) => text === 'ro' || text === 'rw');
  if (last?.text === 'rw') return undefined;
  return `Where the root file system is mounted read-only at first (${last ? 'ro' : 'no rw'} on the kernel command line), systemd changes nothing.`;
}

async function outcomeOf(
  image: Image,
  get: Gather,
  mode: PresetMode,
  rules: readonly PlacedRule[],
): Promise<Omit<PresetOutcome, 'mode' | 'likelihood'>> {
  const changes = await presetAll(image, rules, mode);
  const after = factsOf(await overlay(image, changes));
  const [now, then] = [await get(services), await after(services)];
  const missing = (from: Services, of: Services): PresetService[] =>
    from.all
      .filter(({ id, state }) => state === 'enabled' && of.find(id)?.state !== 'enabled')
      .map((service) => ({ service, rule: ruleFor(service.id, rules) }));
  const keyOf = ({ product, name }: Vpn): string => `${product} ${name}`;
  const known = new Set((await get(vpns)).map(keyOf));
  return {
    stopped: missing(now, then),
    started: missing(then, now),
    vpns: (await after(vpns)).filter((vpn) => !known.has(keyOf(vpn))),
  };
}
