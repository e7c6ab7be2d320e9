/** A block device as lsblk(8) lists it. */
export interface BlockDevice {
  /** "/dev/xvdb1", "/dev/mapper/vg-root". */
  readonly name: string;
  /** "202:17": major and minor number, which mean one device whatever it is called. */
  readonly number: string;
  /** "disk", "part", "lvm", "crypt", "loop", "raid1", "rom" … */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly readOnly: boolean;
  /** The names of what it lies on: of a partition its disk, of a logical volume its physical ones. */
  readonly parents: readonly string[];
}

/** The columns that {@link parseLsblk} reads. */
export const lsblkColumns = 'NAME,TYPE,SIZE,MAJ:MIN,RO';

/**
 * Every block device once, what lies on another after it. `text` is what `lsblk --json --bytes --paths` prints: a tree,
 * in which a device that lies on several others comes several times. Before util-linux 2.33 all values are strings.
 * @throws {SyntaxError} when it is not such a text
 */
export function parseLsblk(text: string): readonly BlockDevice[] {
  const devices = new Map<string, BlockDevice>();
  const visit = (node: unknown, parent: string | undefined): void => {
    if (!isRecord(node)) return;
    const [name, number] = [word(node['name']), word(node['maj:min']).trim()];
    const known = devices.get(name);
    const parents = parent === undefined ? [] : [parent];
    devices.set(name, {
      name,
      number,
      type: word(node['type']),
      size: Number(node['size']),
      readOnly: node['ro'] === true || node['ro'] === '1',
      parents: [...(known?.parents ?? []), ...parents],
    });
    for (const child of listOf(node['children'])) visit(child, name);
  };
  const whole: unknown = JSON.parse(text);
  if (!isRecord(whole) || !Array.isArray(whole['blockdevices']))
    throw new SyntaxError('not a list of block devices');
  for (const node of listOf(whole['blockdevices'])) visit(node, undefined);
  return [...devices.values()];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
