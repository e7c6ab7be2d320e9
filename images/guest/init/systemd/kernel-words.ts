import type { BootWord } from '../../boot/entry.js';
import { parseUnitName } from './names.js';

/** What words on the kernel command line ask of systemd. */
export interface KernelWords {
  /** The unit that is started in place of default.target. */
  readonly goal: { readonly unit: string; readonly word: BootWord } | undefined;
  /** `systemd.run=`: a command that is run in place of everything else. */
  readonly run: BootWord | undefined;
  /** `systemd.mask=`: units by name. */
  readonly masks: ReadonlyMap<string, BootWord>;
  /** `systemd.wants=`: units by name. */
  readonly wants: ReadonlyMap<string, BootWord>;
}

/** Words that stand for a target (systemd 252, basic/unit-file.c `rlmap`; kernel-command-line(7)). */
const targets: ReadonlyMap<string, string> = new Map([
  ...['emergency', '-b'].map((word) => [word, 'emergency.target'] as const),
  ...['rescue', 'single', '-s', 's', 'S', '1'].map((word) => [word, 'rescue.target'] as const),
  ...['2', '3', '4'].map((word) => [word, 'multi-user.target'] as const),
  ['5', 'graphical.target'],
]);

/**
 * What the words ask, as PID 1 and systemd-debug-generator(8) read them (systemd 252, core/main.c
 * `parse_proc_cmdline_item`): of words for the target the last counts, words that start with `rd.` are the initrd's, and
 * nothing ends the list, not even `--`.
 */
export function readKernelWords(words: readonly BootWord[]): KernelWords {
  let goal: KernelWords['goal'];
  let run: BootWord | undefined;
  const masks = new Map<string, BootWord>();
  const wants = new Map<string, BootWord>();
  for (const word of words) {
    const equals = word.text.indexOf('=');
    const [key, value] = equals < 0 ? [word.text] : [word.text.slice(0, equals), word.text.slice(equals + 1)];
    const target = value === undefined ? targets.get(key) : undefined;
    if (target !== undefined) goal = { unit: target, word };
    else if (value === undefined || value === '') continue;
    else if (key === 'systemd.unit' && mayBeStarted(value)) goal = { unit: value, word };
    else if (key === 'systemd.run') run = word;
    else if (key === 'systemd.mask') masks.set(mangle(value), word);
    else if (key === 'systemd.wants') wants.set(mangle(value), word);
  }
  return { goal, run, masks, wants };
}

/** A plain unit or an instance; PID 1 passes over any other name. */
function mayBeStarted(name: string): boolean {
  const parts = parseUnitName(name);
  return parts !== undefined && parts.instance !== '';
}

/** A name without a type is a service's (systemd, basic/unit-name.c `unit_name_mangle`). */
function mangle(name: string): string {
  return parseUnitName(name) ? name : `${name}.service`;
}
