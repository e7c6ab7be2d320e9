import { closeSync, fsyncSync, openSync } from 'node:fs';
import { digestOf } from '../image/change.js';
import { RepairError } from '../base/errors.js';
import type { DirectoryHandles } from '../image/handles.js';
import { otherNames } from './hard-links.js';
import type { Change, GuestPath, Precondition } from '../image/image.js';
import type {
  Attributes,
  Journal,
  PlannedState,
  PathState,
  TouchedPath,
  TouchedDirectory,
} from './journal.js';
import { labelFor, withLabel } from './labels.js';
import { directoryAttributes, fileAttributes, samePosix } from '../image/posix.js';
import { parentOf } from '../image/resolve.js';
import { type FoundState, hasAttributes, look } from './state.js';
import { writeAll } from './writer.js';

/** A change with what was found at its path, which is what was expected. */
export interface CapturedChange {
  readonly change: Change;
  readonly found: FoundState;
  readonly touched: TouchedPath;
  /** The SELinux label (in base64) that it gets as something new. */
  readonly label?: string | undefined;
}

/**
 * Checks every change against what is really there, and copies what it will touch into the journal, in one pass.
 * @throws {RepairError} code `changed`, naming every path that is not as expected; `bad-change` for changes that
 *   make no sense, alone or together
 */
export async function capture(
  handles: DirectoryHandles,
  journal: Journal,
  changes: readonly Change[],
): Promise<CapturedChange[]> {
  refuseNonsense(changes);
  const made = new Set(changes.filter((change) => change.kind === 'directory').map((change) => change.path));
  const captured: CapturedChange[] = [];
  const changed: GuestPath[] = [];
  for (const [number, change] of changes.entries()) {
    const { path, expect } = change;
    const { found, copied } = await copy(handles, journal, path, number);
    const parent = parentOf(path);
    const homeless = handles.handle(parent) === undefined && !(expect.type === 'absent' && made.has(parent));
    if (!homeless && isDone(change, found)) continue;
    if (homeless || !isExpected(found, expect)) {
      changed.push(path);
      continue;
    }
    const before = stateOf(handles, path, found, number);
    if (before.type === 'file' && !copied)
      throw new RepairError('changed', `${path} changed while it was read`);
    const temporary = `.hallmark-${journal.id}-${number}`;
    const label = await labelFor(handles, change, before);
    const labelled = withLabel(change, label);
    captured.push({
      ...{ change: labelled, found, label },
      touched: { path, temporary, before, after: outcomeOf(labelled, before) },
    });
  }
  if (changed.length > 0) {
    throw new RepairError(
      'changed',
      `changed since it was read: ${changed.join(', ')}; nothing was written`,
      {
        hint: 'Run the command again. It starts from what is there now.',
      },
    );
  }
  return captured;
}

/** The directories whose modification time will change, and that are there already. */
export function directoriesOf(
  handles: DirectoryHandles,
  captured: readonly CapturedChange[],
): Promise<TouchedDirectory[]> {
  const made = new Set(
    captured.filter(({ touched }) => touched.before.type === 'absent').map(({ change }) => change.path),
  );
  const paths = new Set<GuestPath>();
  for (const { change, touched } of captured) {
    if (touched.before.type === 'directory') paths.add(change.path);
    if (!made.has(parentOf(change.path))) paths.add(parentOf(change.path));
  }
  return Promise.all(
    [...paths].sort().map(async (path) => {
      const found = await look(handles, path);
      if (found.type !== 'directory') throw new RepairError('changed', `${path} is no longer a directory`);
      return { path, modified: found.modified };
    }),
  );
}

function refuseNonsense(changes: readonly Change[]): void {
  if (changes.length === 0) throw new RepairError('bad-change', 'there is nothing to apply');
  const paths = new Set<GuestPath>();
  for (const { path, kind, expect } of changes) {
    const [root, ...names] = path.split('/');
    // `..` would leave the directory whose handle is used.
    if (
      root !== '' ||
      names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))
    ) {
      throw new RepairError('bad-change', `${JSON.stringify(path)} is not a resolved path`);
    }
    if (paths.has(path)) throw new RepairError('bad-change', `${path} is changed twice`);
    paths.add(path);
    const overDirectory = expect.type === 'directory' && (kind === 'write' || kind === 'link');
    const overFile = kind === 'directory' && (expect.type === 'file' || expect.type === 'link');
    if (overDirectory || overFile) {
      throw new RepairError(
        'bad-change',
        `${path}: a directory cannot replace anything else, nor be replaced`,
      );
    }
  }
}

/**
 * Whether there is nothing to do. A directory that was made since, as the live host's own `/var/lib/hallmark` is
 * for the journal, is as good as one that was there: it is not of this transaction, and outlives it.
 */
function isDone({ kind, expect }: Change, found: FoundState): boolean {
  if (kind === 'directory' && expect.type === 'absent') return found.type === 'directory';
  return kind === 'remove' && expect.type === 'absent' && found.type === 'absent';
}

/** Looks at a path, and copies a file's content on the way. */
async function copy(
  handles: DirectoryHandles,
  journal: Journal,
  path: GuestPath,
  number: number,
): Promise<{ found: FoundState; copied: boolean }> {
  let copyFile: number | undefined;
  const open = (): number => {
    journal.step(`journal: copy ${path}`);
    return openSync(journal.original(number), 'wx', 0o600);
  };
  try {
    const found = await look(handles, path, (chunk) => {
      copyFile ??= open();
      writeAll(copyFile, chunk);
    });
    if (found.type === 'file') {
      copyFile ??= open(); // an empty file has no chunk
      journal.step(`journal: sync copy of ${path}`);
      fsyncSync(copyFile);
    }
    return { found, copied: copyFile !== undefined };
  } finally {
    if (copyFile !== undefined) closeSync(copyFile);
  }
}

function isExpected(found: FoundState, expect: Precondition): boolean {
  switch (expect.type) {
    case 'absent':
      return found.type === 'absent';
    case 'directory':
      return found.type === 'directory' && (expect.posix === undefined || hasAttributes(found, expect.posix));
    case 'link':
      return found.type === 'link' && found.target === expect.target;
    case 'file':
      return found.type === 'file' && found.sha256 === expect.sha256 && samePosix(found, expect.posix);
  }
}

function stateOf(handles: DirectoryHandles, path: GuestPath, found: FoundState, original: number): PathState {
  switch (found.type) {
    case 'absent':
      return { type: 'absent' };
    case 'other':
      throw new RepairError('bad-change', `${path} is neither a file, a link nor a directory`);
    case 'file': {
      const { stats, sha256 } = found;
      const state = { ...attributesOf(found), type: 'file', sha256 } as const;
      if (stats.nlink === 1n) return { ...state, original };
      return { ...state, original, inode: `${stats.dev}-${stats.ino}`, links: otherNames(handles, path) };
    }
    case 'link':
      return { ...attributesOf(found), type: 'link', target: found.target };
    case 'directory':
      return { ...attributesOf(found), type: 'directory' };
  }
}

function attributesOf({ mode, uid, gid, modified, extended }: Attributes): Attributes {
  return { mode, uid, gid, modified, extended };
}

function outcomeOf(change: Change, before: PathState): PlannedState {
  switch (change.kind) {
    case 'remove':
      return { type: 'absent' };
    case 'directory': {
      if (before.type !== 'directory') return { type: 'directory' };
      return { type: 'directory', ...directoryAttributes(change, before) };
    }
    case 'link':
      return { type: 'link', target: change.target };
    case 'write': {
      const replaced = before.type === 'file' ? before : undefined;
      const extended = change.posix?.extended ?? replaced?.extended;
      return {
        ...{ type: 'file', sha256: digestOf(change.content), ...fileAttributes(change, replaced) },
        extended,
      };
    }
  }
}
