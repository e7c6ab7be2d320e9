import { createHash } from 'node:crypto';
import type { Change, Content, GuestPath, Image, Precondition } from './image.js';
import { parentOf } from './resolve.js';
import { encode } from '../base/text.js';

/** Owner and permission bits of a file that a change writes; what is not given is kept, or 0644 root:root. */
export interface FileAttributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Changes that give a file this content, making the directories above it where they are missing. Nothing when
 * the file is that way already.
 * @param path - links in its directories are resolved; a link at `path` itself is replaced, so pass
 *   `image.realPath(path)` to write to what it points to
 */
export async function write(
  image: Image,
  path: GuestPath,
  content: string | Buffer,
  attributes: FileAttributes = {},
): Promise<Change[]> {
  const exact = await image.locate(path);
  const expect = await preconditionOf(image, exact);
  const bytes = typeof content === 'string' ? encode(content) : content;
  const { mode, uid, gid } = {
    mode: 0o644,
    uid: 0,
    gid: 0,
    ...(expect.type === 'file' ? expect : {}),
    ...attributes,
  };
  const same =
    expect.type === 'file' &&
    expect.sha256 === sha256(bytes) &&
    expect.mode === mode &&
    expect.uid === uid &&
    expect.gid === gid;
  if (same) return [];
  return [
    ...(await above(image, exact)),
    { kind: 'write', path: exact, expect, content: { bytes }, mode, uid, gid },
  ];
}

/** Changes that make `path` a symbolic link to `target`. Nothing when it is that already. */
export async function link(image: Image, path: GuestPath, target: string): Promise<Change[]> {
  const exact = await image.locate(path);
  const expect = await preconditionOf(image, exact);
  if (expect.type === 'link' && expect.target === target) return [];
  return [...(await above(image, exact)), { kind: 'link', path: exact, expect, target }];
}

/** Changes that remove a file, a link or an empty directory. Nothing when there is nothing. */
export async function remove(image: Image, path: GuestPath): Promise<Change[]> {
  const exact = await image.locate(path);
  const expect = await preconditionOf(image, exact);
  return expect.type === 'absent' ? [] : [{ kind: 'remove', path: exact, expect }];
}

/** What is at an exact path now, in the form that a change expects it. */
export async function preconditionOf(image: Image, path: GuestPath): Promise<Precondition> {
  const entry = await image.lstat(path);
  if (!entry) return { type: 'absent' };
  if (entry.type === 'link') return { type: 'link', target: entry.target ?? '' };
  if (entry.type === 'directory') {
    const { type, mode, uid, gid } = entry;
    return { type, mode, uid, gid };
  }
  // Anything but a file makes readFile throw: a fixer has no business there.
  const bytes = (await image.readFile(path, Number.MAX_SAFE_INTEGER)) ?? Buffer.alloc(0);
  return { type: 'file', sha256: sha256(bytes), mode: entry.mode, uid: entry.uid, gid: entry.gid };
}

/** SHA-256 (hex) of a change's content. */
export function digestOf(content: Content): string {
  return 'bytes' in content ? sha256(content.bytes) : content.sha256;
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The directories that must be made before something can be put at `path`. */
async function above(image: Image, path: GuestPath): Promise<Change[]> {
  const directory = parentOf(path);
  if ((await image.lstat(directory))?.type === 'directory') return [];
  const made: Change = { kind: 'directory', path: directory, expect: { type: 'absent' }, mode: 0o755 };
  return [...(await above(image, directory)), made];
}
