import { type Hash, createHash } from 'node:crypto';
import { ImageError, RepairError } from '../../base/errors.js';
import type { Change, GuestPath } from '../../image/image.js';
import { samePosix } from '../../image/posix.js';
import { parentOf } from '../../image/resolve.js';
import type { Archive } from '../../image/tarball/archive.js';
import { type ContentReader, contentReader } from '../../image/tarball/content.js';
import { TarIndex, type TarNode } from '../../image/tarball/entries.js';
import type { TarRecord } from '../../image/tarball/records.js';

/** What becomes of one record. A record without an edit is copied as it is. */
export type Edit =
  | { readonly kind: 'drop' }
  | {
      readonly kind: 'replace';
      readonly change: Change;
      /** the record that has the file, when this is a hard link */ readonly file: number | undefined;
    }
  /** A hard link whose target goes: to another name of the same file. */
  | { readonly kind: 'retarget'; readonly target: string }
  /** A hard link whose target goes, the first of them: it becomes the file. */
  | { readonly kind: 'materialise'; readonly file: number };

/** An addition, with the time it gets: its directory's, so that the same input gives the same output. */
interface Addition {
  readonly change: Change;
  readonly mtime: number;
  /** Where the record of the nearest directory that is there begins: it has the label, if there are labels. */
  readonly folder: number;
}

export interface Edits {
  /** By the offset of the record. */
  readonly byRecord: ReadonlyMap<number, Edit>;
  /** Entries the archive does not have yet, directories before what is in them. */
  readonly additions: readonly Addition[];
  /** What the archive's names begin with: `./` or nothing. */
  readonly prefix: '' | './';
}

interface Occurrence {
  readonly offset: number;
  readonly path: GuestPath;
  readonly node: TarNode;
  readonly name: string;
  /** Of a hard link. */
  readonly target: { readonly path: GuestPath; readonly name: string } | undefined;
}

/** What a pass found out about the paths that change. */
interface Survey {
  readonly index: TarIndex;
  /** Every record of a path that changes, in order. */
  readonly occurrences: ReadonlyMap<GuestPath, readonly Occurrence[]>;
  /** Hard links to a path that changes, which stay. */
  readonly orphans: readonly Occurrence[];
  /** SHA-256 of contents, by the offset of the record. */
  readonly digests: ReadonlyMap<number, string>;
  readonly prefix: '' | './';
}

/**
 * Makes one pass over an archive to find which of its records the changes touch, and whether the changes still
 * fit what is there.
 * @throws {RepairError} code `changed` when something is not as a change expects it
 * @throws {ImageError} code `bad-change` when a change cannot be made there
 */
export async function planEdits(
  archive: Archive,
  changes: readonly Change[],
  signal?: AbortSignal,
): Promise<Edits> {
  const changed = new Map(changes.map((change) => [change.path, change]));
  const survey = await surveyOf(archive, changed, signal);
  for (const change of changed.values()) await assertExpected(archive, survey, change, signal);
  assertPossible(survey.index, changed);
  const byRecord = new Map<number, Edit>();
  for (const [path, occurrences] of survey.occurrences) {
    for (const { offset } of occurrences) byRecord.set(offset, { kind: 'drop' });
    const last = occurrences.at(-1);
    const change = changed.get(path);
    if (!last || !change || change.kind === 'remove') continue;
    byRecord.set(last.offset, { kind: 'replace', change, file: last.target && last.node.offset });
  }
  for (const [offset, edit] of editsOfOrphans(survey)) byRecord.set(offset, edit);
  const additions = [...changed.values()]
    .filter(({ kind, path }) => kind !== 'remove' && !survey.occurrences.has(path))
    .map((change) => {
      const folder = nearestDirectory(survey.index, change.path);
      return { change, mtime: folder?.mtime ?? 0, folder: folder?.offset ?? -1 };
    });
  return { byRecord, additions, prefix: survey.prefix };
}

async function surveyOf(
  archive: Archive,
  changed: ReadonlyMap<GuestPath, Change>,
  signal?: AbortSignal,
): Promise<Survey> {
  const index = new TarIndex(archive.path);
  const occurrences = new Map<GuestPath, Occurrence[]>();
  const orphans: Occurrence[] = [];
  const digests = new Map<number, string>();
  let digest: Digest | undefined;
  let first: string | undefined;
  await archive.scan((event) => {
    if (event.kind === 'data') digest?.push(event.bytes);
    else if (event.kind === 'close' && digest) {
      digests.set(digest.offset, digest.end());
      digest = undefined;
    } else if (event.kind === 'record') {
      const { record } = event;
      const placed = index.add(record);
      if (!placed) return undefined;
      first ??= record.name;
      const occurrence = {
        ...placed,
        offset: record.offset,
        name: record.name,
        target: targetOf(index, record),
      };
      if (changed.has(placed.path)) {
        const all = occurrences.get(placed.path);
        if (all) all.push(occurrence);
        else occurrences.set(placed.path, [occurrence]);
        if (record.type === 'file') digest = new Digest(record, archive.path);
      } else if (occurrence.target && changed.has(occurrence.target.path)) orphans.push(occurrence);
    }
    return undefined;
  }, signal);
  const prefix = first === '.' || first?.startsWith('./') ? './' : '';
  return { index, occurrences, orphans, digests, prefix };
}

function targetOf(index: TarIndex, { type, target }: TarRecord): Occurrence['target'] {
  return type === 'hard-link'
    ? { path: `/${index.componentsOf(target).join('/')}`, name: target }
    : undefined;
}

/** SHA-256 of one file's content as it goes by. */
class Digest {
  readonly offset: number;
  readonly #hash: Hash = createHash('sha256');
  readonly #reader: ContentReader;

  constructor(record: TarRecord, archive: string) {
    this.offset = record.offset;
    this.#reader = contentReader(record, archive);
  }

  push(data: Buffer): void {
    for (const part of this.#reader.push(data)) this.#hash.update(part);
  }

  end(): string {
    for (const part of this.#reader.end()) this.#hash.update(part);
    return this.#hash.digest('hex');
  }
}

/** Reads one record's content again, to know its digest. */
async function digestOf(archive: Archive, offset: number, signal?: AbortSignal): Promise<string | undefined> {
  let digest: Digest | undefined;
  let value: string | undefined;
  await archive.scan((event) => {
    if (event.kind === 'record' && event.record.offset === offset)
      digest = new Digest(event.record, archive.path);
    else if (event.kind === 'data') digest?.push(event.bytes);
    else if (event.kind === 'close') value = digest?.end();
    return value === undefined;
  }, signal);
  return value;
}

async function assertExpected(
  archive: Archive,
  survey: Survey,
  change: Change,
  signal?: AbortSignal,
): Promise<void> {
  const node = survey.index.find(change.path);
  const { expect } = change;
  const type = node?.entry.type ?? 'absent';
  let fits = type === expect.type;
  if (node && fits && expect.type === 'link') fits = node.entry.target === expect.target;
  if (node && fits && expect.type === 'directory') fits = samePosix(node.entry, expect.posix);
  if (node && fits && expect.type === 'file') {
    const sha256 = survey.digests.get(node.offset) ?? (await digestOf(archive, node.offset, signal));
    fits = samePosix(node.entry, expect.posix) && sha256 === expect.sha256;
  }
  if (fits) return;
  throw new RepairError('changed', `${change.path} in ${archive.path} is not what it was when it was read`, {
    hint: 'Nothing was written. Run the command again.',
  });
}

/** Every path that changes lies in a directory, and no directory goes that something is left in. */
function assertPossible(index: TarIndex, changed: ReadonlyMap<GuestPath, Change>): void {
  for (const { path, kind } of changed.values()) {
    const parent = parentOf(path);
    const made = changed.get(parent);
    const isDirectory = made ? made.kind === 'directory' : index.find(parent)?.children !== undefined;
    if (kind !== 'remove' && !isDirectory)
      throw new ImageError('bad-change', `${path} cannot be changed: ${parent} is not a directory`);
    const node = index.find(path);
    const children = node?.children;
    if (kind === 'directory' && node && !children)
      throw new ImageError('bad-change', `${path} is a ${node.entry.type}; a directory cannot replace it`);
    if (kind === 'directory' || !children) continue;
    for (const name of children.keys()) {
      if (changed.get(`${path === '/' ? '' : path}/${name}`)?.kind === 'remove') continue;
      throw new ImageError('bad-change', `${path} is a directory that is not empty`);
    }
  }
}

/**
 * Hard links whose target is rewritten or removed: the file they share lives on under their names, with the
 * content it had. The first of them becomes the file, and the others links to that.
 */
function editsOfOrphans(survey: Survey): Map<number, Edit> {
  const edits = new Map<number, Edit>();
  const heirs = new Map<TarNode, Occurrence>();
  for (const orphan of survey.orphans) {
    const { node, offset } = orphan;
    const name = otherName(survey, orphan) ?? stillNamed(survey, heirs.get(node), node);
    if (name === undefined) heirs.set(node, orphan);
    edits.set(
      offset,
      name === undefined ? { kind: 'materialise', file: node.offset } : { kind: 'retarget', target: name },
    );
  }
  return edits;
}

/** An unchanged name of the same file, found by going from link to link towards the file itself. */
function otherName(survey: Survey, orphan: Occurrence): string | undefined {
  let at: Occurrence | undefined = orphan;
  while (at?.target) {
    const { path, name }: { path: GuestPath; name: string } = at.target;
    const occurrences = survey.occurrences.get(path);
    if (!occurrences) return survey.index.find(path) === orphan.node ? name : undefined;
    const before: number = at.offset;
    at = occurrences.findLast(({ offset }) => offset < before);
  }
  return undefined;
}

/** The heir's name, unless a later entry of that name took it. */
function stillNamed(survey: Survey, heir: Occurrence | undefined, node: TarNode): string | undefined {
  return heir && survey.index.find(heir.path) === node ? heir.name : undefined;
}

/** The directory that something is put in; of one that is new itself, the directory's above. */
function nearestDirectory(index: TarIndex, path: GuestPath): TarNode | undefined {
  let directory = parentOf(path);
  while (directory !== '/' && !index.find(directory)) directory = parentOf(directory);
  return index.find(directory);
}
