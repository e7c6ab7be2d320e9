import type { DirectoryHandles } from '../image/handles.js';
import type { Change, GuestPath } from '../image/image.js';
import { parentOf } from '../image/resolve.js';
import { readExtended } from './attributes.js';
import type { PathState } from './journal.js';
import { directoryAt } from './state.js';

/** The extended attribute that holds a file's label. */
export const labelName = 'security.selinux';

/**
 * The SELinux label (in base64) that something new is to have, in an image that has labels: the one of what it takes the
 * place of, or else that of its directory. This is what a kernel with SELinux does where the policy has no rule of its own
 * (a "type transition") for the name; what rules there are, the host cannot know.
 * @returns undefined for what keeps its attributes anyway, and where there are no labels
 */
export async function labelFor(
  handles: DirectoryHandles,
  { kind, path }: Change,
  before: PathState,
): Promise<string | undefined> {
  const type = kind === 'write' ? 'file' : kind;
  if (type === 'remove' || type === before.type) return undefined;
  if (before.type !== 'absent') return before.extended[labelName];
  return nearestLabel(handles, parentOf(path));
}

/** The label of a directory; of one that is still to be made, that of the directory above. */
async function nearestLabel(handles: DirectoryHandles, path: GuestPath): Promise<string | undefined> {
  const at = directoryAt(handles, path);
  if (at !== undefined) return (await readExtended(at))[labelName];
  return path === '/' ? undefined : nearestLabel(handles, parentOf(path));
}

/** A change that says exactly which attributes there are to be says so of the label, too. */
export function withLabel(change: Change, label: string | undefined): Change {
  if (label === undefined || (change.kind !== 'write' && change.kind !== 'directory')) return change;
  const { posix } = change;
  if (!posix?.extended || labelName in posix.extended) return change;
  const extended = { ...posix.extended, [labelName]: label };
  return { ...change, posix: { ...posix, extended } } as Change;
}
