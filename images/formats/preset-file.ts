/** A line of a preset file (systemd.preset(5)). */
export interface PresetRule {
  readonly action: 'enable' | 'disable' | 'ignore';
  /** A unit's name, or a shell pattern of names. */
  readonly pattern: string;
  /** Of a template that is enabled: the instances that are. */
  readonly instances: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The rules of a preset file, in their order; lines that systemd cannot parse are passed over, as it does
 * (shared/install.c `read_presets`).
 * @param knowsIgnore - whether `ignore` is a directive: since systemd 254
 */
export function parsePresets(text: string, knowsIgnore: boolean): PresetRule[] {
  return text.split('\n').flatMap((raw, at): PresetRule[] => {
    const [, action, rest = ''] = /^(enable|disable|ignore)\s+(\S.*)$/.exec(raw.trim()) ?? [];
    if (action === 'enable') {
      const [pattern = '', ...instances] = rest.split(/\s+/);
      // Only a template has instances.
      if (instances.length > 0 && !/^[^@]+@\.\w+$/.test(pattern)) return [];
      return [{ action, pattern, instances, line: at + 1 }];
    }
    if (action === 'disable' || (action === 'ignore' && knowsIgnore))
      return [{ action, pattern: rest, instances: [], line: at + 1 }];
    return [];
  });
}
