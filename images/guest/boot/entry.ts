import type { GuestPath } from '../../image/image.js';
import type { GuestText } from '../texts.js';

/** A file, and the line in it. */
export interface Place {
  readonly path: GuestPath;
  /** Counted from 1. */
  readonly line: number;
}

/** A word of a kernel's command line, and where it stands: in the entry itself, or in a variable that it names. */
export interface BootWord {
  readonly text: string;
  readonly evidence: Place;
}

/** What one entry of a boot loader's menu gives the kernel. */
export interface BootEntry {
  /** With those of the submenus that it is in. */
  readonly title: string;
  readonly evidence: Place;
  readonly words: readonly BootWord[];
}

/** What one boot loader offers, as far as its files tell. */
export interface BootMenu {
  /** The configuration that it starts from. */
  readonly path: GuestPath;
  readonly entries: readonly BootEntry[];
  /** What it boots when nobody chooses; undefined when it has no entry that starts a Linux kernel. */
  readonly chosen: BootEntry | undefined;
  /** Whether it waits for a person, so that any entry may be the one. */
  readonly waits: boolean;
  /** Every file that it reads command lines or variables from. */
  readonly texts: readonly GuestText[];
}

/** Whether an entry is called one for recovery: Debian's "(recovery mode)", Red Hat's "0-rescue". */
export function isRecovery({ title }: BootEntry): boolean {
  return /\b(?:recovery|rescue|single[ -]user|emergency|failsafe|safe mode)\b/i.test(title);
}

/** Whether a word is for a person who repairs the server: it leads to a shell, or to an end. */
export function isForRepairWord(text: string): boolean {
  return (
    /^(?:emergency|-b|rescue|single|-s|[sS1]|init=(?:\/\S*)?\/(?:ba|da|a|z|k)?sh)$/.test(text) ||
    /^systemd\.unit=(?:rescue|emergency|poweroff|halt|reboot|kexec|exit|shutdown|runlevel[016])\.target$/.test(
      text,
    )
  );
}

/** Whether nobody boots an entry but to repair the server: by what it is called, or by what it does. */
export function isForRepair(entry: BootEntry): boolean {
  return isRecovery(entry) || entry.words.some(({ text }) => isForRepairWord(text));
}
