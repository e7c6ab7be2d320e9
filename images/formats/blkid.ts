/** What blkid(8) finds on a block device, and what the partition table says of it. */
export interface VolumeContent {
  /** "filesystem", "crypto", "raid", "other" (swap); absent when nothing is known on it. */
  readonly usage?: string;
  /** "ext4", "crypto_LUKS", "LVM2_member", "swap", "ntfs" … */
  readonly type?: string;
  readonly uuid?: string;
  readonly label?: string;
  /** "gpt" or "dos", when it is a disk with partitions. */
  readonly table?: string;
  /** When it is a partition. */
  readonly partition?: { readonly number: number; readonly uuid?: string; readonly label?: string };
  /** Several kinds of content are found, and none can be told to be the right one. */
  readonly ambivalent?: true;
}

/** Reads what `blkid --probe --output udev` prints: `NAME=value`, of which the `_ENC` ones are whole, hex-escaped. */
export function parseBlkid(text: string): VolumeContent {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^ID_(\w+)=(.*)$/s.exec(line) ?? [];
    if (name !== '') values.set(name, value);
  }
  const get = (name: string): string | undefined => {
    const encoded = values.get(`${name}_ENC`);
    return encoded === undefined ? values.get(name) : decode(encoded);
  };
  const number = Number(values.get('PART_ENTRY_NUMBER'));
  const partition = Number.isInteger(number)
    ? { number, ...given('uuid', get('PART_ENTRY_UUID')), ...given('label', decoded(get('PART_ENTRY_NAME'))) }
    : undefined;
  return {
    ...given('usage', get('FS_USAGE')),
    ...given('type', get('FS_TYPE')),
    ...given('uuid', get('FS_UUID')),
    ...given('label', get('FS_LABEL')),
    ...given('table', get('PART_TABLE_TYPE')),
    ...(partition ? { partition } : {}),
    ...(values.has('FS_AMBIVALENT') ? { ambivalent: true } : {}),
  };
}

/** The name of a partition is encoded though it has no `_ENC`. */
function decoded(value: string | undefined): string | undefined {
  return value === undefined ? undefined : decode(value);
}

/** `\x20` is a space: blkid_encode_string(3) escapes all that is unsafe, as bytes. */
function decode(value: string): string {
  const bytes = Buffer.from(value)
    .toString('latin1')
    .replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

function given<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return value === undefined || value === '' ? {} : ({ [name]: value } as Record<Name, string>);
}
