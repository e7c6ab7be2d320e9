import { lstatSync, readdirSync } from 'node:fs';
import type { DirectoryHandles } from '../image/handles.js';
import type { GuestPath } from '../image/image.js';
import { join, parentOf } from '../image/resolve.js';
import { decode } from '../base/text.js';

/** Names looked at before the search is given up: a few seconds' worth. */
const maxNames = 500_000;

/**
 * The other names of a file that has more than one, so that the file itself, not a copy, can be put back. Its own
 * directory is searched first, where hard links nearly always are; then all of the image that lies on the same device.
 * @returns as many as were found
 */
export function otherNames(handles: DirectoryHandles, path: GuestPath): GuestPath[] {
  const at = handles.at(path);
  if (at === undefined) return [];
  const { dev, ino, nlink } = lstatSync(at, { bigint: true });
  const found = new Set<GuestPath>();
  const queue: GuestPath[] = [parentOf(path), '/'];
  const seen = new Set<GuestPath>();
  let names = 0;
  for (let directory = queue.shift(); directory; directory = queue.shift()) {
    if (seen.has(directory)) continue;
    seen.add(directory);
    const handle = handles.handle(directory);
    if (handle === undefined) continue;
    for (const entry of readdirSync(`/proc/self/fd/${handle}`, { withFileTypes: true, encoding: 'buffer' })) {
      names += 1;
      if (names > maxNames) return [...found];
      const child = join(directory, decode(entry.name));
      if (!entry.isFile() && !entry.isDirectory()) continue;
      const childAt = handles.at(child);
      const stats =
        childAt === undefined ? undefined : lstatSync(childAt, { bigint: true, throwIfNoEntry: false });
      if (stats?.dev !== dev) continue;
      if (stats.isDirectory()) queue.push(child);
      else if (stats.ino === ino && child !== path) found.add(child);
      if (BigInt(found.size) === nlink - 1n) return [...found];
    }
  }
  return [...found];
}
