import { ImageError } from '../base/errors.js';
import { preconditionOf } from '../image/change.js';
import type { Change, Content, GuestPath, Image } from '../image/image.js';
import { parentOf } from '../image/resolve.js';
import { Archive } from '../image/tarball/archive.js';
import { ContentBuffer } from '../image/tarball/content.js';
import { TarIndex } from '../image/tarball/entries.js';

/** A file, directory or link that a package brings. */
export interface PayloadEntry {
  readonly path: GuestPath;
  readonly type: 'file' | 'directory' | 'link';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly modified: number;
  readonly target?: string | undefined;
  readonly content?: Buffer | undefined;
}

/** Bytes of files that a package may bring: they are kept in memory. */
const mostBytes = 512 * 1024 * 1024;

/**
 * Everything in a tar archive of the host, compressed or not, with hard links as files of their own.
 * @throws {ImageError} code `corrupt`, `unsafe-name`, `too-large`, or `unsupported-change` for devices and FIFOs
 */
export async function payloadOfTar(path: string): Promise<PayloadEntry[]> {
  await using archive = await Archive.open(path);
  const index = new TarIndex(path);
  const entries = new Map<GuestPath, PayloadEntry>();
  let current: { readonly path: GuestPath; readonly buffer: ContentBuffer } | undefined;
  let total = 0;
  await archive.scan((event) => {
    if (event.kind === 'data') current?.buffer.push(event.bytes);
    else if (event.kind === 'close' && current) {
      const entry = entries.get(current.path);
      if (entry) entries.set(current.path, { ...entry, content: current.buffer.end() });
      current = undefined;
    } else if (event.kind === 'record') {
      const { record } = event;
      const placed = index.add(record);
      if (!placed) return undefined;
      if (record.type === 'hard-link') {
        const twin = entries.get(`/${index.componentsOf(record.target).join('/')}`);
        if (twin) entries.set(placed.path, { ...twin, path: placed.path });
        return undefined;
      }
      const { type, mode, uid, gid, target } = placed.node.entry;
      if (type !== 'file' && type !== 'directory' && type !== 'link') throw special(path, placed.path, type);
      const modified = placed.node.mtime;
      entries.set(placed.path, {
        path: placed.path,
        type,
        mode,
        uid,
        gid,
        modified,
        target,
      });
      if (type !== 'file') return undefined;
      total += record.size;
      if (total > mostBytes) throw new ImageError('too-large', `${path} holds more than ${mostBytes} bytes`);
      current = { path: placed.path, buffer: new ContentBuffer(record, path) };
    }
    return undefined;
  });
  return [...entries.values()];
}

function special(archive: string, path: string, type: string): ImageError {
  return new ImageError(
    'unsupported-change',
    `${archive} brings a ${type}, ${path}, which cannot be applied to an image`,
  );
}

/**
 * The changes that lay a package's files down: through the guest's own links (/lib may be one), directories that are
 * there as they are, and configuration that differs kept, as dpkg and rpm do when they get no answer.
 * @param configuration - paths of it
 */
export async function payloadChanges(
  image: Image,
  entries: readonly PayloadEntry[],
  configuration: ReadonlySet<string>,
): Promise<Change[]> {
  const changes = new Map<GuestPath, Change>();
  const needDirectory = async (path: GuestPath): Promise<void> => {
    if (changes.has(path) || (await image.lstat(path))?.type === 'directory') return;
    await needDirectory(parentOf(path));
    changes.set(path, {
      kind: 'directory',
      path,
      expect: { type: 'absent' },
      posix: { mode: 0o755, owner: { uid: 0, gid: 0 } },
    });
  };
  for (const entry of [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (entry.path === '/') continue;
    if (entry.type === 'directory' && (await image.stat(entry.path))?.type === 'directory') continue;
    const path = await image.locate(entry.path);
    const expect = await preconditionOf(image, path);
    if (configuration.has(entry.path) && expect.type !== 'absent') continue;
    await needDirectory(parentOf(path));
    changes.set(path, { ...whatOf(entry), path, expect });
  }
  return [...changes.values()];
}

type What = Change extends infer Each ? (Each extends Change ? Omit<Each, 'path' | 'expect'> : never) : never;

function whatOf({ type, mode, uid, gid, modified, target, content }: PayloadEntry): What {
  const owner = { uid, gid };
  switch (type) {
    case 'directory':
      return { kind: 'directory', posix: { mode, owner } };
    case 'link':
      return { kind: 'link', target: target ?? '', posix: owner };
    case 'file':
      return {
        kind: 'write',
        content: { bytes: content ?? Buffer.alloc(0) } satisfies Content,
        posix: { mode, ...owner },
        modified,
      };
  }
}
