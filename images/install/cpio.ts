import { ImageError } from '../base/errors.js';

/** cpio(5), "New ASCII Format": a header of 110 bytes, then the name and the data, each filled to four. */
const headerSize = 110;
const trailer = 'TRAILER!!!';

/**
 * The contents in a cpio archive, by absolute path; of a link its target. Hard links, which have their data with the last
 * name, each get it.
 * @throws {ImageError} code `corrupt`, naming the archive and the byte
 */
export function parseCpio(bytes: Buffer, archive: string): Map<string, Buffer> {
  const contents = new Map<string, Buffer>();
  const links = new Map<string, string[]>();
  for (let at = 0; ;) {
    const magic = bytes.toString('latin1', at, at + 6);
    if (magic !== '070701' && magic !== '070702') throw corrupt(archive, at);
    const field = (number: number): number => {
      const text = bytes.toString('latin1', at + 6 + 8 * number, at + 14 + 8 * number);
      if (!/^[0-9a-f]{8}$/i.test(text)) throw corrupt(archive, at);
      return parseInt(text, 16);
    };
    const [inode, count, size, device, minor, nameSize] = [0, 4, 6, 7, 8, 11].map(field) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const nameEnd = at + headerSize + nameSize;
    const start = align(nameEnd);
    if (nameSize === 0 || start + size > bytes.length) throw corrupt(archive, at);
    const name = bytes.toString('utf8', at + headerSize, nameEnd - 1);
    if (name === trailer) return contents;
    const path = `/${name.replace(/^(?:\.?\/)+/, '')}`;
    const data = bytes.subarray(start, start + size);
    contents.set(path, data);
    if (count > 1) {
      const key = `${device}:${minor}:${inode}`;
      const names = [...(links.get(key) ?? []), path];
      links.set(key, names);
      if (size > 0) for (const each of names) contents.set(each, data);
    }
    at = align(start + size);
  }
}

const align = (offset: number): number => Math.ceil(offset / 4) * 4;

function corrupt(archive: string, at: number): ImageError {
  return new ImageError(
    'corrupt',
    `${archive} is not a complete package: its archive is damaged at byte ${at}`,
  );
}
