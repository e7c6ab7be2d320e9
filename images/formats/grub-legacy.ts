/** A command of GRUB Legacy's menu.lst. */
interface LegacyCommand {
  readonly name: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The commands of GRUB Legacy's menu.lst or grub.conf, in their order: `title …`, `kernel /vmlinuz …`, `default=0`. */
export function parseGrubLegacy(text: string): LegacyCommand[] {
  return text.split('\n').flatMap((raw, at) => {
    const found = /^([^\s#=]+)(?:\s*=\s*|\s+|$)(.*)$/.exec(raw.trim());
    return found ? [{ name: found[1] ?? '', value: (found[2] ?? '').trim(), line: at + 1 }] : [];
  });
}
