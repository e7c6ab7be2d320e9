/** Who owns a file, link or directory, by the guest's numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Permission bits (with setuid, setgid and sticky: 0 … 0o7777) and owner. */
export interface PosixAttributes extends Owner {
  readonly mode: number;
}

/** Extended attributes: name to value, in base64. */
export type ExtendedAttributes = Readonly<Record<string, string>>;

/** What a change says of a file. */
export interface FileAttributes extends PosixAttributes {
  /** Exactly these; unless given, those of the file that it replaces are kept. */
  readonly extended?: ExtendedAttributes | undefined;
}

/**
 * The attributes that a written file ends up with: those of the change, or those of the file that it replaces, or
 * 0644 root:root.
 * @param replaced - what is there, when that is a file
 */
export function fileAttributes(
  { posix }: { readonly posix?: PosixAttributes | undefined },
  replaced: PosixAttributes | undefined,
): PosixAttributes {
  const { mode, uid, gid } = posix ?? replaced ?? { mode: 0o644, ...root };
  return { mode, uid, gid };
}

/** What a change says of a directory. */
export interface DirectoryAttributes {
  readonly mode: number;
  /** Unless given, that of the directory that is there, or root. */
  readonly owner?: Owner | undefined;
  /** Exactly these; unless given, those that are there. */
  readonly extended?: ExtendedAttributes | undefined;
}

/**
 * The attributes that a directory ends up with: those of the change, or those that it has, or 0755 root:root.
 * @param present - those that it has, when it is there
 */
export function directoryAttributes(
  { posix }: { readonly posix?: DirectoryAttributes | undefined },
  present: PosixAttributes | undefined,
): PosixAttributes {
  const { uid, gid } = posix?.owner ?? present ?? root;
  return { mode: posix?.mode ?? present?.mode ?? 0o755, uid, gid };
}

/** The owner that a link ends up with: that of the change, or that of the link that it replaces, or root. */
export function linkOwner(
  { posix }: { readonly posix?: Owner | undefined },
  replaced: Owner | undefined,
): Owner {
  const { uid, gid } = posix ?? replaced ?? root;
  return { uid, gid };
}

/** Whether mode and owner are the same; what is not known of one counts as the same. */
export function samePosix(one: PosixAttributes | undefined, other: PosixAttributes | undefined): boolean {
  if (!one || !other) return true;
  return one.mode === other.mode && one.uid === other.uid && one.gid === other.gid;
}

const root: Owner = { uid: 0, gid: 0 };
