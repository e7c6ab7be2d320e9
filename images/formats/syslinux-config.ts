/** A line of an extlinux.conf or syslinux.cfg: a keyword, whose case is of no matter, and the rest. */
interface SyslinuxDirective {
  /** In lower case. */
  readonly keyword: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The directives of a SYSLINUX configuration, in their order (SYSLINUX documentation, "Config"). */
export function parseSyslinux(text: string): SyslinuxDirective[] {
  return text.split('\n').flatMap((raw, at) => {
    const found = /^([^\s#]\S*)(?:\s+(\S.*))?$/.exec(raw.trim());
    return found ? [{ keyword: (found[1] ?? '').toLowerCase(), value: found[2] ?? '', line: at + 1 }] : [];
  });
}
