/** A file system that /etc/fstab names (fstab(5)). */
export interface FstabEntry {
  /** Counted from 1. */
  readonly line: number;
  readonly device: string;
  /** "/var", without doubled or trailing slashes; "none" for a swap area. */
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
  /** When fsck(8) checks it; 0: not at all. */
  readonly pass: number;
}

/** The entries of an fstab; lines that are too short are skipped, as mount(8) does. */
export function parseFstab(text: string): readonly FstabEntry[] {
  return text.split('\n').flatMap((raw, at) => {
    const [device = '', mountPoint = '', type = '', options = 'defaults', , pass = '0'] = raw
      .trim()
      .split(/\s+/)
      .map(unescaped);
    if (device.startsWith('#') || type === '') return [];
    return [
      {
        ...{ line: at + 1, device, mountPoint: simplified(mountPoint), type },
        ...{ options: options.split(','), pass: Number.parseInt(pass, 10) || 0 },
      },
    ];
  });
}

/** As systemd simplifies a path: `//var/./` is `/var`. */
function simplified(path: string): string {
  if (!path.startsWith('/')) return path;
  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  return `/${components.join('/')}`;
}

/** A space is written `\040`. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Whether an option is set that another takes back; the last of them counts (mount(8), fstab_test_yes_no_option of systemd). */
export function isSet(options: readonly string[], name: string, opposite: string): boolean {
  return options.findLast((option) => option === name || option === opposite) === name;
}

/** Whether the boot goes on without it. */
export const isOptional = ({ options }: FstabEntry): boolean => isSet(options, 'nofail', 'fail');

/** Whether something is mounted on its first use: systemd.mount(5). */
export const isAutomount = ({ options }: FstabEntry): boolean =>
  options.some((option) => /^(?:comment=|x-)systemd\.automount$/.test(option));

/** Whether its first field names a block device. A network share, a file system in memory or a bind mount has none. */
export const namesDevice = ({ device, options }: FstabEntry): boolean =>
  /^(?:UUID|LABEL|PARTUUID|PARTLABEL)=|^\/dev\//.test(device) &&
  !options.some((option) => /^r?bind$/.test(option));
