import type { Change, Content, Image, Precondition } from '../../images/image/image.js';
import { digestOf } from '../../images/image/change.js';
import { readHostFile } from '../../images/base/host-file.js';
import type { PosixAttributes } from '../../images/image/posix.js';
import { decode } from '../../images/base/text.js';
import type { ReportedChange, ReportedState } from './report.js';
import { visible } from '../../images/base/visible.js';
import { isSecretFile, showsSecret } from './secrets.js';

/** Files beyond this (bytes) get digests, not a diff: nobody reads more. */
const diffLimit = 256 * 1024;

/** Edits beyond this are a different file; it also bounds the time of the diff, whatever an image holds. */
const editLimit = 4000;

/**
 * Changes as a report shows them: what is there and what comes, with a unified diff of text. Content that may be
 * secret is never shown, nor its digest.
 * @param base - the image before any of them
 * @param changes - one a path, as `collapse` gives them
 * @param plannedBy - the ids of the fixers that asked for a path
 * @param installers - those of them that install: of what only they ask for, configuration alone is compared
 * @throws {ImageError} when a file of the image cannot be read
 */
export async function reportChanges(
  base: Image,
  changes: readonly Change[],
  plannedBy: ReadonlyMap<string, readonly string[]>,
  installers: ReadonlySet<string> = new Set(),
): Promise<ReportedChange[]> {
  const reported: ReportedChange[] = [];
  for (const change of changes) {
    const fixers = plannedBy.get(change.path) ?? [];
    const isInstalled =
      fixers.length > 0 && fixers.every((id) => installers.has(id)) && !change.path.startsWith('/etc/');
    reported.push(await (isInstalled ? reportInstalled : reportChange)(base, change, fixers));
  }
  return reported;
}

/** Thousands of files that nobody reads: what is there and what comes, without a look at the content. */
async function reportInstalled(
  base: Image,
  change: Change,
  fixers: readonly string[],
): Promise<ReportedChange> {
  const { path, kind, expect } = change;
  const hide = isSecretFile(path, modesOf(change.kind === 'write' ? change.posix : undefined), []);
  const size = expect.type === 'file' ? (await base.lstat(path))?.size : undefined;
  const notShown = hide ? 'secret' : 'installed';
  return {
    ...{ path, kind, fixers, installed: true },
    before: stateBefore(expect, size, hide),
    after: stateAfter(change, hide),
    ...(change.kind === 'write' ? { notShown } : {}),
  };
}

async function reportChange(base: Image, change: Change, fixers: readonly string[]): Promise<ReportedChange> {
  const { path, kind, expect } = change;
  const content = await contentOf(base, change);
  const modes = [
    ...modesOf(expect.type === 'file' ? expect.posix : undefined),
    ...modesOf(change.kind === 'write' ? change.posix : undefined),
  ];
  const secret = isSecretFile(path, modes, content.texts);
  const shown = secret ? { notShown: 'secret' as const } : await diffOf(path, content, expect, change);
  const hide = shown.notShown === 'secret';
  return {
    path,
    kind,
    fixers,
    before: stateBefore(expect, content.sizeBefore, hide),
    after: stateAfter(change, hide),
    ...(content.changed ? shown : {}),
  };
}

interface Contents {
  /** Whether the bytes of a regular file change, appear or go. */
  readonly changed: boolean;
  readonly sizeBefore: number | undefined;
  /** undefined when there is no file, or one beyond the limit. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly tooLarge: boolean;
  readonly texts: readonly string[];
}

async function contentOf(base: Image, change: Change): Promise<Contents> {
  const { expect } = change;
  const digestBefore = expect.type === 'file' ? expect.sha256 : undefined;
  const digestAfter = change.kind === 'write' ? digestOf(change.content) : undefined;
  const sizeBefore = expect.type === 'file' ? ((await base.lstat(change.path))?.size ?? 0) : undefined;
  const sizeAfter = change.kind === 'write' ? sizeOf(change.content) : undefined;
  const tooLarge = Math.max(sizeBefore ?? 0, sizeAfter ?? 0) > diffLimit;
  const before =
    sizeBefore === undefined || tooLarge ? undefined : await base.readText(change.path, diffLimit);
  const after = change.kind !== 'write' || tooLarge ? undefined : decode(await bytesOf(change.content));
  const texts = [before, after].filter((text) => text !== undefined);
  return { changed: digestBefore !== digestAfter, sizeBefore, before, after, tooLarge, texts };
}

async function diffOf(
  path: string,
  { before, after, tooLarge, texts }: Contents,
  expect: Precondition,
  change: Change,
): Promise<Pick<ReportedChange, 'diff' | 'notShown'>> {
  if (tooLarge) return { notShown: 'too large' };
  if (texts.some((text) => text.includes('\0'))) return { notShown: 'binary' };
  const { structuredPatch, formatPatch, FILE_HEADERS_ONLY } = await import('diff');
  // A line feed in a name would otherwise put lines of its own into the diff.
  const name = visible(path);
  const from = expect.type === 'file' ? `a${name}` : '/dev/null';
  const to = change.kind === 'write' ? `b${name}` : '/dev/null';
  const patch = structuredPatch(from, to, before ?? '', after ?? '', '', '', {
    context: 3,
    maxEditLength: editLimit,
  });
  if (!patch) return { notShown: 'too large' };
  if (patch.hunks.length === 0) return {};
  const diff = formatPatch(patch, FILE_HEADERS_ONLY);
  return showsSecret(diff) ? { notShown: 'secret' } : { diff };
}

function sizeOf(content: Content): number {
  return 'bytes' in content ? content.bytes.length : content.size;
}

async function bytesOf(content: Content): Promise<Buffer> {
  return 'bytes' in content ? content.bytes : readHostFile(content.hostFile, diffLimit);
}

function stateBefore(expect: Precondition, size: number | undefined, hide: boolean): ReportedState {
  if (expect.type === 'directory') return { type: 'directory', ...posixState(expect.posix) };
  if (expect.type !== 'file') return expect;
  const { posix, sha256 } = expect;
  return { type: 'file', ...posixState(posix), ...(hide ? {} : { size: size ?? 0, sha256 }) };
}

function stateAfter(change: Change, hide: boolean): ReportedState {
  switch (change.kind) {
    case 'write': {
      const { content, expect, posix } = change;
      const replaced = expect.type === 'file' ? expect.posix : undefined;
      const digest = hide ? {} : { size: sizeOf(content), sha256: digestOf(content) };
      const names = Object.keys(posix?.extended ?? {}).sort();
      const extended = names.length > 0 ? { extended: names } : {};
      return { type: 'file', ...posixState(posix ?? replaced), ...digest, ...extended };
    }
    case 'link':
      return { type: 'link', target: change.target, ...change.posix };
    case 'directory':
      return {
        type: 'directory',
        ...(change.posix ? { mode: octal(change.posix.mode), ...change.posix.owner } : {}),
      };
    case 'remove':
      return { type: 'absent' };
  }
}

/** A guest without such attributes has none in its report. */
function posixState(
  posix: PosixAttributes | undefined,
): Pick<ReportedState & { type: 'file' }, 'mode' | 'uid' | 'gid'> {
  return posix ? { mode: octal(posix.mode), uid: posix.uid, gid: posix.gid } : {};
}

const modesOf = (posix: PosixAttributes | undefined): readonly number[] => (posix ? [posix.mode] : []);

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
