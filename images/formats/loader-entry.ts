/** A line `key value` of a Boot Loader Specification entry, or of systemd-boot's loader.conf. */
export interface LoaderSetting {
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The settings of an entry or of loader.conf, in their order (UAPI.1 Boot Loader Specification, loader.conf(5)). */
export function parseLoaderSettings(text: string): LoaderSetting[] {
  return text.split('\n').flatMap((raw, at) => {
    const found = /^([^\s#]\S*)\s+(\S.*)$/.exec(raw.trim());
    return found ? [{ key: found[1] ?? '', value: found[2] ?? '', line: at + 1 }] : [];
  });
}
