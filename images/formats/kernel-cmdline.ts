import { joinLines, splitLines } from './lines.js';

/** A kernel's command line in a boot loader's configuration. */
export interface CommandLine {
  readonly words: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

/** The files that carry kernel command lines, by their syntax. */
export type BootConfig =
  /** grub.cfg, and GRUB legacy's menu.lst and grub.conf: `linux /vmlinuz …`, `kernel /vmlinuz …`. */
  | 'grub'
  /** /etc/default/grub: `GRUB_CMDLINE_LINUX="…"`. */
  | 'grub-default'
  /** GRUB's environment block: `kernelopts=…`. */
  | 'grubenv'
  /** An entry of the Boot Loader Specification: `options …`. */
  | 'bls'
  /** extlinux.conf, syslinux.cfg: `append …`. */
  | 'syslinux'
  /** /etc/kernel/cmdline: the whole file. */
  | 'plain';

const starts: Readonly<Record<BootConfig, RegExp>> = {
  grub: /^\s*(?:#\s*(?:def|k|xenk)opts?=|(?:linux|linux16|linuxefi|kernel|module|module2|multiboot|multiboot2)\s|set\s+kernelopts=)/,
  'grub-default': /^\s*GRUB_CMDLINE_LINUX\w*=/,
  grubenv: /^kernelopts=/,
  bls: /^\s*options\s/,
  syslinux: /^\s*append\s/i,
  plain: /^(?!\s*#)/,
};

/**
 * Every kernel command line in a boot loader's configuration. Quotes are taken off, since no option looked for
 * here has a blank in its value.
 */
export function commandLines(text: string, syntax: BootConfig): CommandLine[] {
  const found: CommandLine[] = [];
  splitLines(text).forEach(({ text: line }, at) => {
    const start = starts[syntax].exec(line);
    if (!start) return;
    const words = line
      .slice(start[0].length)
      .split(/[\s"']+/)
      .filter(Boolean);
    found.push({ words, line: at + 1 });
  });
  return found;
}

/**
 * The text without some word in its kernel command lines; everything else stays byte for byte. GRUB's environment
 * block keeps its size: the room becomes padding at its end, as grub-editenv(1) leaves it.
 */
export function withoutWord(text: string, syntax: BootConfig, unwanted: (word: string) => boolean): string {
  let freed = 0;
  const lines = splitLines(text).map((line) => {
    const start = starts[syntax].exec(line.text);
    if (!start) return line;
    const kept = dropWords(line.text, start[0].length, unwanted);
    freed += line.text.length - kept.length;
    return { ...line, text: kept };
  });
  return joinLines(lines) + (syntax === 'grubenv' ? '#'.repeat(freed) : '');
}

/** Drops words of a line from a place on, each with the blanks before it (or after it, behind a quote). */
function dropWords(line: string, from: number, unwanted: (word: string) => boolean): string {
  const kept: string[] = [];
  let skipBlanks = false;
  for (const piece of line.slice(from).match(/\s+|["']|[^\s"']+/g) ?? []) {
    const isBlank = piece.trim() === '';
    if (isBlank && skipBlanks) {
      skipBlanks = false;
    } else if (!isBlank && unwanted(piece)) {
      skipBlanks = kept.at(-1)?.trim() !== '';
      if (!skipBlanks) kept.pop();
    } else {
      kept.push(piece);
      skipBlanks = false;
    }
  }
  return line.slice(0, from) + kept.join('');
}
