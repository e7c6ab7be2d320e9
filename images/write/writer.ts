import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { addExtended, errorNumber, writeExtended } from './attributes.js';
import type { ErrorCode } from '../base/error-codes.js';
import { HallmarkError, RepairError } from '../base/errors.js';
import { labelName } from './labels.js';
import { type DirectoryHandles, childOf } from '../image/handles.js';
import type { Change, Content, GuestPath } from '../image/image.js';
import type { ExtendedAttributes } from '../image/posix.js';
import type { StepHook } from './journal.js';
import { baseName, join, parentOf } from '../image/resolve.js';
import { directoryAt, pump } from './state.js';
import { encode } from '../base/text.js';

/** Owner, mode and extended attributes for something new; what is not given is left as the kernel made it. */
export interface Ownership {
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly extended?: ExtendedAttributes | undefined;
  /** The SELinux label (in base64) of something new, unless the kernel has given it one or `extended` says all. */
  readonly label?: string | undefined;
}

/** What a change says of a directory; a new one gets 0755 unless it says. */
export function directoryOwnership({ posix, expect }: Extract<Change, { kind: 'directory' }>): Ownership {
  const mode = posix?.mode ?? (expect.type === 'absent' ? 0o755 : undefined);
  return { mode, ...posix?.owner, extended: posix?.extended };
}

/**
 * The system calls that write to an image: through directory handles, never following a link, each announced
 * before it is made. Their errors become a {@link RepairError} that says what could not be done to which path.
 */
export class Writer {
  constructor(
    readonly handles: DirectoryHandles,
    readonly step: StepHook,
  ) {}

  /**
   * Makes a file that does not exist, and sees it on the disk. `path` is a temporary name: its mode comes last.
   * @param modified - seconds since 1970; now unless given
   */
  async createFile(
    path: GuestPath,
    content: Content,
    ownership: Ownership,
    modified?: number,
  ): Promise<void> {
    const at = this.#at(path);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = this.#do('create', path, () => openSync(at, flags, 0o600));
    try {
      this.#do('fill', path, () => {
        fill(file, content);
      });
      this.#own(file, path, ownership);
      await this.#extend(at, path, ownership);
      const { mode } = ownership;
      if (mode !== undefined)
        this.#do('set the mode of', path, () => {
          fchmodSync(file, mode);
        });
      if (modified !== undefined)
        this.#do('set the time of', path, () => {
          futimesSync(file, modified, modified);
        });
      this.#do('sync', path, () => {
        fsyncSync(file);
      });
    } finally {
      closeSync(file);
    }
  }

  async createLink(path: GuestPath, target: string, ownership: Ownership = {}): Promise<void> {
    const at = this.#at(path);
    this.#do('create', path, () => {
      symlinkSync(encode(target), at);
    });
    const { uid, gid } = ownership;
    if (uid !== undefined && gid !== undefined)
      this.#do('set the owner of', path, () => {
        lchownSync(at, uid, gid);
      });
    await this.#extend(at, path, ownership);
  }

  /** Another name for a file. */
  createHardLink(path: GuestPath, existing: GuestPath): void {
    const [from, to] = [this.#at(existing), this.#at(path)];
    this.#do('create', path, () => {
      linkSync(from, to);
    });
  }

  async createDirectory(path: GuestPath, ownership: Ownership): Promise<void> {
    const at = this.#at(path);
    this.#do('create', path, () => {
      mkdirSync(at, 0o700);
    });
    await this.setDirectory(path, ownership);
  }

  async setDirectory(path: GuestPath, ownership: Ownership): Promise<void> {
    await this.#inDirectory(path, async (handle) => {
      this.#own(handle, path, ownership);
      await this.#extend(directoryAt(this.handles, path) ?? '', path, ownership);
      const { mode } = ownership;
      if (mode !== undefined)
        this.#do('set the mode of', path, () => {
          fchmodSync(handle, mode);
        });
    });
  }

  /**
   * Dates a link or a directory.
   * @param modified - seconds since 1970
   */
  setTime(path: GuestPath, modified: number): void {
    const at = path === '/' ? directoryAt(this.handles, path) : this.#at(path);
    if (at === undefined) throw new RepairError('changed', `${path} is no longer a directory`);
    this.#do('set the time of', path, () => {
      lutimesSync(at, modified, modified);
    });
  }

  /** Puts a finished file or link in its place, instead of what is there. */
  replace(path: GuestPath, temporary: GuestPath): void {
    const [from, to] = [this.#at(temporary), this.#at(path)];
    this.#do('replace', path, () => {
      renameSync(from, to);
    });
  }

  unlink(path: GuestPath): void {
    const at = this.#at(path);
    this.#do('remove', path, () => {
      unlinkSync(at);
    });
  }

  removeDirectory(path: GuestPath): void {
    const at = this.#at(path);
    this.#do('remove', path, () => {
      rmdirSync(at);
    });
    this.handles.forget(path);
  }

  /** Sees the names in a directory on the disk. */
  async syncDirectory(path: GuestPath): Promise<void> {
    await this.#inDirectory(path, async (handle) => {
      this.#do('sync', path, () => {
        fsyncSync(handle);
      });
    });
  }

  #own(handle: number, path: GuestPath, { uid, gid }: Ownership): void {
    if (uid === undefined || gid === undefined) return;
    const now = fstatSync(handle);
    if (now.uid === uid && now.gid === gid) return;
    this.#do('set the owner of', path, () => {
      fchownSync(handle, uid, gid);
    });
  }

  async #extend(at: string | Buffer, path: GuestPath, { extended, label }: Ownership): Promise<void> {
    if (extended === undefined && label === undefined) return;
    this.step(`set the extended attributes of ${path}`);
    try {
      if (extended) await writeExtended(at, extended);
      else if (label !== undefined) await addExtended(at, labelName, label);
    } catch (cause) {
      throw failure('set the extended attributes of', path, cause);
    }
  }

  async #inDirectory(path: GuestPath, use: (handle: number) => Promise<void>): Promise<void> {
    const at = directoryAt(this.handles, path);
    if (at === undefined) throw new RepairError('changed', `${path} is no longer a directory`);
    let handle: number;
    try {
      handle = openSync(at, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch (cause) {
      throw failure('open', path, cause);
    }
    try {
      await use(handle);
    } finally {
      closeSync(handle);
    }
  }

  #at(path: GuestPath): string | Buffer {
    const parent = this.handles.handle(parentOf(path));
    if (parent === undefined) throw new RepairError('changed', `${parentOf(path)} is no longer a directory`);
    return childOf(parent, baseName(path));
  }

  #do<Result>(what: string, path: GuestPath, call: () => Result): Result {
    this.step(`${what} ${path}`);
    try {
      return call();
    } catch (cause) {
      throw failure(what, path, cause);
    }
  }
}

/** Where a temporary name lies: beside the path it will replace. */
export function beside(path: GuestPath, temporary: string): GuestPath {
  return join(parentOf(path), temporary);
}

function fill(file: number, content: Content): void {
  if ('bytes' in content) {
    writeAll(file, content.bytes);
    return;
  }
  const source = openSync(content.hostFile, 'r');
  try {
    const sha256 = pump(source, (chunk) => {
      writeAll(file, chunk);
    });
    if (sha256 !== content.sha256) {
      throw new RepairError('changed', `${content.hostFile} is no longer what was planned`);
    }
  } finally {
    closeSync(source);
  }
}

/** write(2) may write less than it was given. */
export function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

/** errno(3) numbers (Linux, the same on every architecture) with a code and the words that tell the user. */
const reasons: ReadonlyMap<number, readonly [code: ErrorCode, why: string]> = new Map([
  [1, ['not-permitted', 'not permitted (the immutable attribute, or not its owner)']],
  [13, ['not-permitted', 'permission denied']],
  [17, ['changed', 'something else is there']],
  [28, ['no-space', 'no space left on the device']],
  [30, ['read-only', 'the file system is read-only']],
  [39, ['changed', 'the directory is not empty']],
  [122, ['no-space', 'the disk quota is used up']],
]);

function failure(what: string, path: GuestPath, cause: unknown): HallmarkError {
  if (cause instanceof HallmarkError) return cause;
  const [code, why] = reasons.get(errorNumber(cause) ?? 0) ?? ['write-failed', String(cause)];
  return new RepairError(code, `cannot ${what} ${path}: ${why}`, { cause });
}
