import type { GuestPath } from '../../image/image.js';

/** Lines of a file that were replaced, as they were and as they are. */
export interface Hunk {
  /** Where `now` begins, counted from 1. */
  readonly line: number;
  readonly was: readonly string[];
  readonly now: readonly string[];
}

/** What was at a path before its VPN was kept from starting. Never a whole file: those can hold keys. */
export interface RecordEntry {
  readonly path: GuestPath;
  readonly was:
    | { readonly type: 'absent' }
    | { readonly type: 'link'; readonly target: string }
    | {
        readonly type: 'lines';
        readonly hunks: readonly Hunk[];
        /** Of the whole file. */
        readonly sha256: string;
        readonly mode: number;
      }
    /** A file that was given another name, and lies there still. */
    | {
        readonly type: 'moved';
        readonly to: GuestPath;
        readonly mode: number;
        readonly uid: number;
        readonly gid: number;
      };
  /** What was left there. Whatever else is found one day, somebody put there since. */
  readonly now: LeftState;
}

/** What a change leaves at a path. */
export type LeftState =
  | { readonly type: 'absent' }
  | { readonly type: 'directory' }
  | { readonly type: 'link'; readonly target: string }
  | { readonly type: 'file'; readonly sha256: string; readonly mode: number };

/** The record, format 1. To put everything back, undo the entries from the last to the first. */
export interface VpnRecord {
  readonly format: 1;
  readonly about: string;
  /** The day of the first entry, YYYY-MM-DD. */
  readonly since: string;
  readonly entries: readonly RecordEntry[];
}

/** Whether something that was read is a record to the letter: it says what is to be written, so nothing is guessed. */
export function isRecord(it: unknown): it is VpnRecord {
  return (
    isObject(it) &&
    it['format'] === 1 &&
    isText(it['about']) &&
    typeof it['since'] === 'string' &&
    /^\d{4}-\d{2}-\d{2}$/.test(it['since']) &&
    isListOf(it['entries'], isEntry)
  );
}

function isEntry(it: unknown): it is RecordEntry {
  return isObject(it) && isPath(it['path']) && isStateBefore(it['was']) && isStateLeft(it['now']);
}

function isStateBefore(it: unknown): it is RecordEntry['was'] {
  if (!isObject(it)) return false;
  switch (it['type']) {
    case 'absent':
      return true;
    case 'link':
      return isText(it['target']) && it['target'] !== '';
    case 'lines':
      return isListOf(it['hunks'], isHunk) && isDigest(it['sha256']) && isMode(it['mode']);
    case 'moved':
      return isPath(it['to']) && isMode(it['mode']) && isCount(it['uid']) && isCount(it['gid']);
    default:
      return false;
  }
}

function isStateLeft(it: unknown): it is LeftState {
  if (!isObject(it)) return false;
  switch (it['type']) {
    case 'absent':
    case 'directory':
      return true;
    case 'link':
      return isText(it['target']);
    case 'file':
      return isDigest(it['sha256']) && isMode(it['mode']);
    default:
      return false;
  }
}

function isHunk(it: unknown): it is Hunk {
  return (
    isObject(it) &&
    isCount(it['line']) &&
    it['line'] > 0 &&
    isListOf(it['was'], isLine) &&
    isListOf(it['now'], isLine)
  );
}

/** Absolute and resolved: neither `.` nor `..` nor an empty name in it. */
function isPath(it: unknown): it is GuestPath {
  return isText(it) && /^(?:\/[^/]+)+$/.test(it) && !/\/\.\.?(?:\/|$)/.test(it);
}

const isObject = (it: unknown): it is Readonly<Record<string, unknown>> =>
  typeof it === 'object' && it !== null && !Array.isArray(it);

const isText = (it: unknown): it is string => typeof it === 'string' && !it.includes('\0');

const isLine = (it: unknown): it is string => isText(it) && !it.includes('\n');

const isCount = (it: unknown): it is number => Number.isSafeInteger(it) && Number(it) >= 0;

const isDigest = (it: unknown): it is string => typeof it === 'string' && /^[0-9a-f]{64}$/.test(it);

const isMode = (it: unknown): it is number => isCount(it) && it <= 0o7777;

const isListOf = <T>(it: unknown, is: (each: unknown) => each is T): it is readonly T[] =>
  Array.isArray(it) && it.every(is);
