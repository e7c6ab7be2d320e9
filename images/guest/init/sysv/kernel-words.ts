import type { BootWord } from '../../boot/entry.js';

/** What words on the kernel command line ask of init. */
export interface KernelRunlevel {
  /** The runlevel that takes the place of inittab's. */
  readonly level: { readonly runlevel: string; readonly word: BootWord } | undefined;
  /** The word that asks for a shell before anything is started. */
  readonly emergency: BootWord | undefined;
}

/**
 * The kernel hands init every word that it does not know itself, but for those with `=` or a dot before that (Linux,
 * init/main.c `unknown_bootoption`); of runlevels init takes the last (sysvinit, init.c `main`; Ubuntu's and Red Hat's
 * upstart read the same words in their rc jobs).
 */
export function kernelRunlevel(words: readonly BootWord[]): KernelRunlevel {
  let level: KernelRunlevel['level'];
  let emergency: BootWord | undefined;
  for (const word of words) {
    const { text } = word;
    if (text === 'single' || text === '-s') level = { runlevel: 'S', word };
    else if (/^[0-9sS]$/.test(text)) level = { runlevel: text.toUpperCase(), word };
    else if (text === '-b' || text === 'emergency') emergency = word;
  }
  return { level, emergency };
}
