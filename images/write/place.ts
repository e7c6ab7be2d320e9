import { readFileSync, realpathSync } from 'node:fs';
import { ImageError } from '../base/errors.js';
import { parseMountinfo } from '../formats/mountinfo.js';

const privatePath = /^(\/proc\/\d+)\/root(\/.*)$/;

/** What a message calls an image: the path that was given, unless that is only ours. */
export function imageName(root: string): string {
  return privatePath.test(root) ? placeOf(root) : root;
}

/**
 * Where an image is, in words that mean the same in another run: its path without links. A root that is mounted in a mount
 * namespace of its own (`/proc/PID/root/…`) has no path that lasts: there it is the device that is mounted, with the
 * folder of it in brackets, as findmnt(8) writes it: `/dev/xvdb1`, `/dev/xvdb2[/@]`.
 */
export function placeOf(root: string): string {
  const [, process, inside] = privatePath.exec(root) ?? [];
  if (process === undefined) return realpathSync(root);
  const mounts = parseMountinfo(readFileSync(`${process}/mountinfo`, 'utf8'));
  const mount = mounts.findLast(({ point }) => point === inside);
  if (!mount) throw new ImageError('unreadable', `nothing is mounted at ${root}`);
  return mount.root === '/' ? mount.source : `${mount.source}[${mount.root}]`;
}
