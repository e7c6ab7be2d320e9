/** What the first field of fstab(5) means. */
export type MountSpec =
  | { readonly kind: 'uuid' | 'label' | 'partuuid' | 'partlabel'; readonly value: string }
  /** A logical volume, by device-mapper's name: "vg-root". */
  | { readonly kind: 'mapper'; readonly name: string }
  /** A disk by its place (0: the first), or one of its partitions (from 1). */
  | { readonly kind: 'disk'; readonly disk: number; readonly partition?: number };

/**
 * Which block device an fstab entry means.
 * @returns undefined for anything but a block device (a network share, tmpfs), and when the device cannot be told
 */
export function parseMountSpec(spec: string): MountSpec | undefined {
  const [, tag = '', quoted = ''] = /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/s.exec(spec) ?? [];
  const value = quoted.replace(/^(["'])(.*)\1$/s, '$2');
  if (tag !== '') return { kind: kinds[tag] ?? 'uuid', value };
  const [, folder = '', name = ''] =
    /^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(.+)$/s.exec(spec) ?? [];
  // udev writes what is unsafe in a file name as \x20.
  const plain = name.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (folder !== '') return { kind: kinds[folder.toUpperCase()] ?? 'uuid', value: plain };
  const [, mapped] = /^\/dev\/mapper\/(.+)$/s.exec(spec) ?? [];
  if (mapped !== undefined) return { kind: 'mapper', name: mapped };
  return diskOf(spec) ?? volumeOf(spec);
}

/** The name that device-mapper gives a logical volume: a hyphen in either part is doubled (lvm(8)). */
export function mapperName(group: string, volume: string): string {
  return [group, volume].map((part) => part.replaceAll('-', '--')).join('-');
}

const kinds: Readonly<Record<string, 'uuid' | 'label' | 'partuuid' | 'partlabel'>> = {
  UUID: 'uuid',
  LABEL: 'label',
  PARTUUID: 'partuuid',
  PARTLABEL: 'partlabel',
};

/** `xvda1`, `sdb`, `nvme0n1p2`, `mmcblk0p1`: the kernel's names (admin-guide/devices.txt). */
function diskOf(spec: string): MountSpec | undefined {
  const [, letters, number] = /^\/dev\/(?:sd|hd|vd|xvd)([a-z]{1,2})(\d+)?$/.exec(spec) ?? [];
  if (letters !== undefined) return disk(placeOf(letters), number);
  const [, index, part] = /^\/dev\/(?:nvme(?=\d+n1)|mmcblk)(\d+)(?:n1)?(?:p(\d+))?$/.exec(spec) ?? [];
  return index === undefined ? undefined : disk(Number(index), part);
}

function disk(place: number, partition: string | undefined): MountSpec {
  return { kind: 'disk', disk: place, ...(partition === undefined ? {} : { partition: Number(partition) }) };
}

/** a is 0, z is 25, aa is 26. */
function placeOf(letters: string): number {
  return Array.from(letters).reduce((place, letter) => place * 26 + (letter.charCodeAt(0) - 96), 0) - 1;
}

function volumeOf(spec: string): MountSpec | undefined {
  const [, group, volume] = /^\/dev\/([A-Za-z0-9+_.][\w+.-]*)\/([\w+.-]+)$/.exec(spec) ?? [];
  if (group === undefined || volume === undefined || group === 'disk') return undefined;
  return { kind: 'mapper', name: mapperName(group, volume) };
}
