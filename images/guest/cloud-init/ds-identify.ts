import { splitLines } from '../../formats/lines.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { Input } from '../../image/inputs.js';
import { bootLines } from '../boot/entries.js';

/** Settings of ds-identify, the script that decides at boot which datasource there is. */
export const dsIdentifyFile: GuestPath = '/etc/cloud/ds-identify.cfg';

export const dsIdentifyInputs: readonly Input[] = [dsIdentifyFile];

interface Setting {
  readonly value: string;
  readonly evidence: Evidence & { readonly line: number };
}

/** What ds-identify is told. */
export interface DsIdentify {
  /** `datasource`: taken without looking for it. */
  readonly datasource: Setting | undefined;
  /** The mode of `policy`: search, report, enabled or disabled. */
  readonly policy: Setting | undefined;
}

/**
 * Reads ds-identify.cfg and the kernel command line (`ci.ds=`, `ci.di.policy=`), which is the stronger. Boot entries
 * may differ, and an entry without a word goes by the file: of all that may be in force, what keeps cloud-init from
 * the server's drive counts.
 */
export async function readDsIdentify(image: Image): Promise<DsIdentify> {
  const settings = settingsIn((await image.readText(dsIdentifyFile)) ?? '');
  const lines = await bootLines(image);
  const inForce = (
    pattern: RegExp,
    file: Setting | undefined,
    harms: (setting: Setting) => boolean,
  ): Setting | undefined => {
    const given = lines.map(({ path, line, words }): Setting | undefined => {
      const value = words.findLast((word) => pattern.test(word))?.replace(pattern, '');
      return value ? { value, evidence: { path, line } } : undefined;
    });
    const overruled = given.length > 0 && given.every((setting) => setting && !harms(setting));
    if (file && harms(file) && !overruled) return file;
    const found = given.filter((setting) => setting !== undefined);
    return found.find(harms) ?? found[0] ?? file;
  };
  const policy = inForce(/^ci\.di\.policy=/, settings.policy, (setting) => modeOf(setting) === 'disabled');
  const mode = policy && modeOf(policy);
  return {
    datasource: inForce(
      /^ci\.(?:ds|datasource)=/,
      settings.datasource,
      ({ value }) => value !== 'ConfigDrive',
    ),
    policy: policy && mode ? { ...policy, value: mode } : undefined,
  };
}

function modeOf({ value }: Setting): string | undefined {
  return value.split(',').findLast((part) => /^(?:search|report|enabled|disabled)$/.test(part));
}

function settingsIn(text: string): DsIdentify {
  const found = new Map<string, Setting>();
  splitLines(text).forEach(({ text: raw }, at) => {
    const line = raw.split('#', 1)[0] ?? '';
    const colon = line.indexOf(':');
    if (colon <= 0) return;
    const value = unquoted(line.slice(colon + 1).trim());
    if (value !== '')
      found.set(line.slice(0, colon).trim(), { value, evidence: { path: dsIdentifyFile, line: at + 1 } });
  });
  return { datasource: found.get('datasource'), policy: found.get('policy') };
}

function unquoted(value: string): string {
  return /^(["']).*\1$/.test(value) && value.length > 1 ? value.slice(1, -1) : value;
}
