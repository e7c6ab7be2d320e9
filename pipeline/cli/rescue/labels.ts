import { openDirectory } from '../../../images/image/directory.js';
import { DirectoryHandles } from '../../../images/image/handles.js';
import { autorelabel, selinuxMode } from '../../../images/guest/selinux.js';
import { labelName } from '../../../images/write/labels.js';
import type { GuestPath, Image } from '../../../images/image/image.js';
import { parentOf } from '../../../images/image/resolve.js';
import { readExtended } from '../../../images/write/attributes.js';
import type { Report } from '../../report/report.js';

/** Whether a file of an image that lies at `root` on the host has an SELinux label, links followed. */
export async function hasLabel(image: Image, root: string, path: GuestPath): Promise<boolean> {
  const real = await image.realPath(path);
  if (real === undefined) return false;
  const handles = new DirectoryHandles(root);
  try {
    const at = handles.at(real);
    return at !== undefined && labelName in (await readExtended(at));
  } finally {
    handles.close();
  }
}

/**
 * A file that is replaced keeps its label, and a new one gets that of its directory; which other label the image's policy
 * may have for it, the host does not know. Says so of an image that uses SELinux, and names what gets none at all, unless
 * its next boot labels everything anyway.
 */
export async function noteLabels(
  { changes }: Report,
  root: string,
  onNote: (note: string) => void,
): Promise<void> {
  const made = changes.filter(({ kind, before }) => kind === 'write' && before.type === 'absent');
  if (made.length === 0 || made.some(({ path }) => path === autorelabel)) return;
  await using image = openDirectory(root);
  if ((await selinuxMode(image)) === 'disabled') return;
  const labelled: string[] = [];
  const bare: string[] = [];
  for (const { path } of made) {
    const folder = await nearestFolder(image, path as GuestPath);
    ((await hasLabel(image, root, folder)) ? labelled : bare).push(path);
  }
  if (bare.length > 0) {
    onNote(
      `the image uses SELinux. New files have no label, because their directories have none. Once the server has booted, run "restorecon -F ${bare.join(' ')}"; or make ${autorelabel} now, which labels every file at the next boot`,
    );
  }
  if (labelled.length > 0) {
    onNote(
      `the image uses SELinux: new files have the label of their directory; if its policy wants another, "restorecon -F ${labelled.join(' ')}" sets that once the server has booted`,
    );
  }
}

/** The directory that something is put in, as far as it is there. */
async function nearestFolder(image: Image, path: GuestPath): Promise<GuestPath> {
  const folder = parentOf(path);
  return folder === '/' || (await image.lstat(folder)) ? folder : nearestFolder(image, folder);
}
