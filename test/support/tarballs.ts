import { createWriteStream, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import tar from 'tar-stream';
import type { Files } from '../guests/parts.js';

/** Packs a table of guest files, sorted, with the directories above them: the same table gives the same bytes. */
export async function packTarball(
  files: Files,
  path: string,
  { gzip = false, prefix = './' } = {},
): Promise<void> {
  const pack = tar.pack();
  const mtime = new Date('2013-05-26T12:00:00Z');
  const directories = new Set<string>();
  for (const name of Object.keys(files))
    for (let up = dirname(name); up !== '/'; up = dirname(up)) directories.add(up);
  for (const name of [...directories, ...Object.keys(files)].sort()) {
    const node = files[name];
    const common = { name: `${prefix}${name.slice(1)}`, mtime };
    if (node === undefined) pack.entry({ ...common, type: 'directory', mode: 0o755 });
    else if (typeof node === 'string' || Buffer.isBuffer(node)) pack.entry({ ...common, mode: 0o644 }, node);
    else if ('link' in node) pack.entry({ ...common, type: 'symlink', linkname: node.link, mode: 0o777 });
    else if (node.type === 'directory')
      pack.entry({ ...common, type: 'directory', mode: node.mode ?? 0o755 });
    else pack.entry({ ...common, mode: node.mode ?? 0o644 }, node.content ?? '');
  }
  pack.finalize();
  await (gzip
    ? pipeline(pack, createGzip(), createWriteStream(path))
    : pipeline(pack, createWriteStream(path)));
}

/** Two gigabytes of nothing, sparse on the disk, in an entry that no rule reads. */
export function appendBig(from: string, path: string): void {
  const bytes = readFileSync(from);
  let end = bytes.length;
  while (bytes.subarray(end - 512, end).every((byte) => byte === 0)) end -= 512;
  const header = Buffer.alloc(512);
  const size = 2 ** 31;
  header.write('./var/big');
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, end), header]));
  truncateSync(path, end + 512 + size + 1024);
}
