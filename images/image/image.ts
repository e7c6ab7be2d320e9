import type { DirectoryAttributes, FileAttributes, Owner, PosixAttributes } from './posix.js';

/**
 * The interfaces everything else is written against: a guest file system that can be read (`Image`), and
 * changes to it that are data (`Change`). Nothing here does anything.
 */

/** An absolute path inside the guest, `/`-separated. A path of the host never fits where one is asked for. */
export type GuestPath = `/${string}`;

export type EntryType =
  'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'character-device' | 'block-device';

/** What `lstat` tells of a name in the guest. */
export interface Entry {
  readonly type: EntryType;
  /** Permission bits with setuid, setgid and sticky: 0 … 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; of a link, the length of its target. */
  readonly size: number;
  /** Of a link: where it points, as written. */
  readonly target?: string | undefined;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly type: EntryType;
}

/** What is known of a file system that the guest's fstab names. */
export type Presence =
  | { readonly state: 'present' }
  /** It is on none of the server's disks. */
  | { readonly state: 'absent'; readonly because: string }
  /** It cannot be told which disk is meant, or whether it is there: a part of a disk cannot be looked into. */
  | { readonly state: 'undecided'; readonly because: string }
  /** Its device is there, and could not be mounted here. */
  | { readonly state: 'not-mounted'; readonly because: string };

/** The disks of a server whose root an image is. */
export interface Disks {
  /**
   * @param device - as fstab's first field names it
   * @param mountPoint - its second field
   */
  find(device: string, mountPoint: string): Presence;
}

export type ImageKind = 'directory' | 'host' | 'tarball' | 'memory';

/**
 * A kind of image, seen by exact path: the caller has already resolved every directory above the last
 * component, so no component but the last can be a link, and the last is never followed. `resolve.ts` turns a
 * `Tree` into an `Image`; every kind and the overlay implement only this.
 *
 * Names are decoded by `text.ts`, so a name that is not UTF-8 survives the round trip.
 */
export interface Tree extends AsyncDisposable {
  readonly kind: ImageKind;
  /** What the user named: a path on the host, or a label for a memory image. */
  readonly source: string;
  /** Only of a root that was found on the disks of a broken server: everything else is an image without disks. */
  readonly disks?: Disks | undefined;
  /** `undefined` when there is nothing at that path. */
  entry(path: GuestPath): Promise<Entry | undefined>;
  /** Names in a directory, in no particular order. Only called for a directory. */
  list(path: GuestPath): Promise<readonly DirectoryEntry[]>;
  /**
   * Bytes of a regular file. Only called for what is a file, or was one when its directory was listed.
   * @throws {ImageError} when the content cannot be read; code `too-large` when it is more than `limit` bytes
   */
  read(path: GuestPath, limit: number): Promise<Buffer>;
}

/** How much of a file is read unless the caller says otherwise (bytes). */
export const defaultReadLimit = 4 * 1024 * 1024;

/**
 * A guest file system, read-only. Every path is resolved inside the root (docs/decisions.md#paths-inside-the-root):
 * absolute links are re-rooted, `..` stops at the root, and nothing but regular files is ever opened. A missing path is
 * `undefined` (also under a file, or behind a link that dangles or leads in a loop); anything else that prevents an
 * answer throws an {@link ImageError}.
 */
export interface Image extends AsyncDisposable {
  readonly kind: ImageKind;
  readonly source: string;
  /** See {@link Tree.disks}. */
  readonly disks: Disks | undefined;
  /** The tree below, for layers that add to it (the overlay) or write to it (apply). */
  readonly tree: Tree;
  /** The entry itself; a link is not followed. */
  lstat(path: GuestPath): Promise<Entry | undefined>;
  /** The entry that the path leads to. */
  stat(path: GuestPath): Promise<Entry | undefined>;
  /** Where a link points, as written; `undefined` when it is missing or not a link. */
  readLink(path: GuestPath): Promise<string | undefined>;
  /** The path with every link resolved; `undefined` when it leads nowhere. */
  realPath(path: GuestPath): Promise<GuestPath | undefined>;
  /**
   * The path with every link above its last component resolved: where a new entry of that name would be made.
   * A directory that does not exist yet is taken literally.
   * @throws {ImageError} code `link-loop`
   */
  locate(path: GuestPath): Promise<GuestPath>;
  /** Names in a directory, sorted by code unit; `undefined` when it is missing or not a directory. */
  readDir(path: GuestPath): Promise<readonly DirectoryEntry[] | undefined>;
  /**
   * Bytes of a regular file, links followed.
   * @param limit - in bytes, {@link defaultReadLimit} unless given
   * @throws {ImageError} code `not-a-file` or `too-large`
   */
  readFile(path: GuestPath, limit?: number): Promise<Buffer | undefined>;
  /** As `readFile`, decoded by `text.ts`: bytes that are not UTF-8 survive a write of the text. */
  readText(path: GuestPath, limit?: number): Promise<string | undefined>;
}

/** New content of a file: bytes, or a file on the host of any size (what a package manager wrote, say). */
export type Content =
  { readonly bytes: Buffer } | { readonly hostFile: string; readonly size: number; readonly sha256: string };

/** What must still be true of a path when a change to it is applied; otherwise nothing is written. */
export type Precondition =
  | { readonly type: 'absent' }
  | {
      readonly type: 'file';
      readonly sha256: string;
      /** Unless given, any mode and owner will do. */
      readonly posix?: PosixAttributes | undefined;
    }
  | { readonly type: 'link'; readonly target: string }
  | {
      readonly type: 'directory';
      /** Unless given, any mode and owner will do. */
      readonly posix?: PosixAttributes | undefined;
    };

interface ChangeBase {
  /** Resolved by `Image.locate`: no component above the last is a link. */
  readonly path: GuestPath;
  readonly expect: Precondition;
}

/**
 * What becomes of a path. POSIX attributes (`posix`) stand apart, for a guest may have none: Windows. A change that
 * lacks them, made to a guest that has them, keeps those that are there; something new gets the usual ones of root.
 *
 * Devices, FIFOs and sockets are never made; a directory and something else never take each other's place. What was
 * one file under several names is written as several files.
 */
export type Change = ChangeBase &
  (
    | {
        /** Create or replace a regular file; with the content that it has, its mode and owner alone change. */
        readonly kind: 'write';
        readonly content: Content;
        readonly posix?: FileAttributes | undefined;
        /** Modification time: whole seconds since 1970, which every archive can hold. Unless given, now. */
        readonly modified?: number | undefined;
      }
    | { readonly kind: 'link'; readonly target: string; readonly posix?: Owner | undefined }
    | {
        /** Make a directory, or give one that is there (`expect`) this mode and owner. */
        readonly kind: 'directory';
        readonly posix?: DirectoryAttributes | undefined;
      }
    /** A file, link or empty directory. */
    | { readonly kind: 'remove' }
  );
