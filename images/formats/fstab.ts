/** A file system that /etc/fstab names (fstab(5)). */
export interface FstabEntry {
  /** Counted from 1. */
  readonly line: number;
  readonly device: string;
  /** "/var", without doubled or trailing slashes; "none" for a swap area. */
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** The entries of an fstab; lines that are too short are skipped, as mount(8) does. */
export function parseFstab(text: string): readonly FstabEntry[] {
  return text.split('\n').flatMap((raw, at) => {
    const [device = '', mountPoint = '', type = '', options = 'defaults'] = raw
      .trim()
      .split(/\s+/)
      .map(unescaped);
    if (device.startsWith('#') || type === '') return [];
    return [{ line: at + 1, device, mountPoint: simplified(mountPoint), type, options: options.split(',') }];
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
