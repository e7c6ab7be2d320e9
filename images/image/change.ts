import { sha256 } from '../base/sha256.js';
import type { Change, Content, GuestPath, Image, Precondition } from './image.js';
import { type PosixAttributes, fileAttributes, samePosix } from './posix.js';
import { parentOf } from './resolve.js';
import { encode } from '../base/text.js';

/**
 * Changes that give a file this content, making the directories above it where they are missing. Nothing when
 * the file is that way already.
 * @param path - links in its directories are resolved; a link at `path` itself is replaced, so pass
 *   `image.realPath(path)` to write to what it points to
 * @param attributes - what is not given is kept, or 0644 root:root
 */
export async function write(
  image: Image,
  path: GuestPath,
  content: string | Buffer,
  attributes: Partial<PosixAttributes> = {},
): Promise<Change[]> {
  const exact = await image.locate(path);
  const expect = await preconditionOf(image, exact);
  const bytes = typeof content === 'string' ? encode(content) : content;
  const now = expect.type === 'file' ? expect.posix : undefined;
  const posix = { ...fileAttributes({}, now), ...attributes };
  if (expect.type === 'file' && expect.sha256 === sha256(bytes) && samePosix(now, posix)) return [];
  return [...(await above(image, exact)), { kind: 'write', path: exact, expect, content: { bytes }, posix }];
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
  const { mode, uid, gid } = entry;
  const posix = { mode, uid, gid };
  if (entry.type === 'directory') return { type: 'directory', posix };
  // Anything but a file makes readFile throw: a fixer has no business there.
  const bytes = (await image.readFile(path, Number.MAX_SAFE_INTEGER)) ?? Buffer.alloc(0);
  return { type: 'file', sha256: sha256(bytes), posix };
}

/** SHA-256 (hex) of a change's content. */
export function digestOf(content: Content): string {
  return 'bytes' in content ? sha256(content.bytes) : content.sha256;
}

/** The directories that must be made before something can be put at `path`. */
async function above(image: Image, path: GuestPath): Promise<Change[]> {
  const directory = parentOf(path);
  if ((await image.lstat(directory))?.type === 'directory') return [];
  const made: Change = {
    kind: 'directory',
    path: directory,
    expect: { type: 'absent' },
    posix: { mode: 0o755 },
  };
  return [...(await above(image, directory)), made];
}
