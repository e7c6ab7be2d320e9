import { digestOf } from '../../image/change.js';
import { ImageError } from '../../base/errors.js';
import type { Fact } from '../fact.js';
import type { Change, GuestPath, Image, Precondition } from '../../image/image.js';
import { type PosixAttributes, fileAttributes } from '../../image/posix.js';
import { decode } from '../../base/text.js';
import { type Hunk, type LeftState, type RecordEntry, type VpnRecord, isRecord } from './record-shape.js';

export type { VpnRecord } from './record-shape.js';

/** Where the record is kept in the guest, readable by root alone. */
export const recordPath: GuestPath = '/var/lib/hallmark/vpn-autostart.json';

const about =
  'VPNs that Hallmark kept from starting at boot; undo the entries from the last to the first to put them back';

/**
 * What is needed to take changes back.
 * @param changes - collapsed: one for each path, each expecting what is in `image`
 * @returns undefined when one of them could not be taken back from the record alone
 */
export async function entriesFor(
  image: Image,
  changes: readonly Change[],
): Promise<RecordEntry[] | undefined> {
  const entries: RecordEntry[] = [];
  for (const change of changes) {
    const was = await stateBefore(image, change, changes);
    if (!was) return undefined;
    entries.push({ path: change.path, was, now: stateAfter(change) });
  }
  return entries;
}

function stateAfter(change: Change): LeftState {
  switch (change.kind) {
    case 'remove':
      return { type: 'absent' };
    case 'directory':
      return { type: 'directory' };
    case 'link':
      return { type: 'link', target: change.target };
    case 'write':
      return {
        type: 'file',
        sha256: digestOf(change.content),
        mode: fileAttributes(change, filePosix(change.expect)).mode,
      };
  }
}

const filePosix = (expect: Precondition): PosixAttributes | undefined =>
  expect.type === 'file' ? expect.posix : undefined;

async function stateBefore(
  image: Image,
  change: Change,
  changes: readonly Change[],
): Promise<RecordEntry['was'] | undefined> {
  const { expect } = change;
  if (expect.type === 'absent') return { type: 'absent' };
  if (expect.type === 'link') return { type: 'link', target: expect.target };
  if (expect.type === 'directory') return undefined;
  if (change.kind === 'write') return linesBefore(image, change, expect);
  const moved = otherName(change.path, expect.sha256, changes);
  const { mode, uid, gid } = fileAttributes({}, expect.posix);
  return moved && { type: 'moved', to: moved, mode, uid, gid };
}

/** The new file that has the content of one that goes; of several with the same content, the one that is named for it. */
function otherName(path: GuestPath, digest: string, changes: readonly Change[]): GuestPath | undefined {
  const copies = changes.filter(
    (other) => other.kind === 'write' && other.expect.type === 'absent' && digestOf(other.content) === digest,
  );
  const named = copies.find((copy) => copy.path.startsWith(path));
  return (named ?? (copies.length === 1 ? copies[0] : undefined))?.path;
}

async function linesBefore(
  image: Image,
  change: Change & { kind: 'write' },
  { sha256, posix }: Precondition & { type: 'file' },
): Promise<RecordEntry['was'] | undefined> {
  if (!('bytes' in change.content)) return undefined;
  const before = ((await image.readText(change.path)) ?? '').split('\n');
  const hunks = await hunksOf(before, decode(change.content.bytes).split('\n'));
  return { type: 'lines', hunks, sha256, mode: fileAttributes({}, posix).mode };
}

async function hunksOf(before: readonly string[], after: readonly string[]): Promise<Hunk[]> {
  const { diffArrays } = await import('diff');
  const hunks: { line: number; was: string[]; now: string[] }[] = [];
  let open: (typeof hunks)[number] | undefined;
  let line = 1;
  for (const { added, removed, value } of diffArrays([...before], [...after])) {
    if (!added && !removed) {
      open = undefined;
      line += value.length;
      continue;
    }
    if (!open) hunks.push((open = { line, was: [], now: [] }));
    if (removed) open.was.push(...value);
    else {
      open.now.push(...value);
      line += value.length;
    }
  }
  return hunks;
}

/**
 * What earlier runs recorded in the guest, and nobody has put back yet; undefined when there is no record.
 * Throws ImageError `bad-record` when there is one that this release cannot read: it must not be lost.
 */
export const vpnRecord: Fact<VpnRecord | undefined> = {
  name: 'vpn-record',
  inputs: [recordPath],
  async gather(image) {
    const text = await image.readText(recordPath);
    return text === undefined ? undefined : parseRecord(text);
  },
};

/**
 * The text of a record.
 * @param since - the day of the first entry, YYYY-MM-DD
 */
export function printRecord(since: string, entries: readonly RecordEntry[]): string {
  const record: VpnRecord = { format: 1, about, since, entries };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** @throws {ImageError} code `bad-record` for anything but what {@link printRecord} writes */
function parseRecord(text: string): VpnRecord {
  const hint = 'Put back what it names, move it away, and run again.';
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw new ImageError('bad-record', `${recordPath} is not JSON`, { hint, cause });
  }
  if (!isRecord(record)) {
    throw new ImageError('bad-record', `${recordPath} has a format that this release does not know`, {
      hint,
    });
  }
  return record;
}
