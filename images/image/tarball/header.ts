/**
 * The 512-byte header block of tar: POSIX.1-1988 "ustar", its ancestor of Unix v7 and the GNU variants of it
 * (tar(5), and "Basic Tar Format" in the manual of GNU tar).
 */

/** Everything in a tar archive comes in blocks of this many bytes. */
export const blockSize = 512;

/** Where a field is in the block: offset and length. */
export const field = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  target: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
  /** Old GNU sparse files: four segments, a flag that more follow in blocks of their own, and the true size. */
  sparseMap: [386, 96],
  sparseMore: [482, 1],
  sparseSize: [483, 12],
} as const satisfies Record<string, readonly [number, number]>;

export type Field = readonly [offset: number, length: number];

export const ustarMagic = Buffer.from('ustar\0', 'latin1');
/** GNU tar's own: magic and version in one, and no prefix field. */
export const gnuMagic = Buffer.from('ustar  \0', 'latin1');

export function bytesOf(block: Buffer, [offset, length]: Field): Buffer {
  return block.subarray(offset, offset + length);
}

/** The text of a field, which ends at a NUL or where the field ends. */
export function textOf(block: Buffer, at: Field): Buffer {
  return upToNul(bytesOf(block, at));
}

export function upToNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** The name in a header; in the POSIX format the directories that did not fit may stand in a prefix. */
export function headerName(header: Buffer): Buffer {
  const name = textOf(header, field.name);
  const hasPrefix = bytesOf(header, [field.magic[0], ustarMagic.length]).equals(ustarMagic);
  if (!hasPrefix || header[field.prefix[0]] === 0) return name;
  return Buffer.concat([textOf(header, field.prefix), Buffer.from('/'), name]);
}

/**
 * The number in a field: octal digits among spaces and NULs, or, when the first bit is set, a big-endian two's
 * complement number (GNU's "base-256", for what octal has no room for). An empty field counts as 0.
 * @returns undefined when it is neither, or beyond what a double holds exactly
 */
export function numberOf(block: Buffer, at: Field): number | undefined {
  const [offset, length] = at;
  if ((block[offset] ?? 0) & 0x80) return base256(bytesOf(block, at));
  const end = offset + length;
  let index = offset;
  while (index < end && (block[index] === 0x20 || block[index] === 0)) index++;
  let value = 0;
  for (; index < end; index++) {
    const digit = (block[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; index < end; index++) if (block[index] !== 0x20 && block[index] !== 0) return undefined;
  return value;
}

function base256(bytes: Buffer): number | undefined {
  const negative = ((bytes[0] ?? 0) & 0x40) !== 0;
  const digits = [...bytes];
  digits[0] = negative ? (bytes[0] ?? 0) | 0x80 : (bytes[0] ?? 0) & 0x7f;
  // A negative number is the complement of the digits' complement, plus one.
  const value = digits.reduce((sum, digit) => sum * 256 + (negative ? 0xff - digit : digit), 0);
  const signed = negative ? -value - 1 : value;
  return Number.isSafeInteger(signed) ? signed : undefined;
}

/** Writes a number as octal where it fits, in base-256 where it does not. */
export function setNumber(block: Buffer, [offset, length]: Field, value: number): void {
  const octal = value >= 0 ? value.toString(8) : '';
  if (octal !== '' && octal.length < length) {
    block.write(`${octal.padStart(length - 1, '0')}\0`, offset, 'latin1');
    return;
  }
  let rest = BigInt.asUintN(length * 8, BigInt(value));
  for (let index = offset + length - 1; index >= offset; index--) {
    block[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block[offset] = (block[offset] ?? 0) | 0x80;
}

/** Puts text into a field and clears the rest of it. The text must fit. */
export function setText(block: Buffer, [offset, length]: Field, text: Buffer): void {
  block.fill(0, offset, offset + length);
  text.copy(block, offset, 0, length);
}

/**
 * Whether the checksum fits: the sum of all bytes with the checksum's own taken as spaces. Some old programs
 * summed signed bytes, so that is accepted, too.
 */
export function isChecksumRight(block: Buffer): boolean {
  const stated = numberOf(block, field.checksum);
  let sum = 8 * 0x20;
  let high = 0;
  for (let index = 0; index < 148; index++) {
    const byte = block[index] ?? 0;
    sum += byte;
    high += byte >> 7;
  }
  for (let index = 156; index < blockSize; index++) {
    const byte = block[index] ?? 0;
    sum += byte;
    high += byte >> 7;
  }
  return stated === sum || stated === sum - 256 * high;
}

export function setChecksum(block: Buffer): void {
  bytesOf(block, field.checksum).fill(0x20);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, field.checksum[0], 'latin1');
}

/** The bytes that fill the last block of `size` bytes of data. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}
