import { openDirectory } from '../../images/directory.js';
import { DirectoryHandles } from '../../images/handles.js';
import { autorelabel, labelName, selinuxMode } from '../../images/guest/selinux.js';
import type { GuestPath, Image } from '../../images/image.js';
import { readExtended } from '../../images/transaction/attributes.js';
import type { Report } from '../report.js';

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
 * A file that is replaced keeps its label, and a new one has none, since the host does not know the image's policy: says so
 * of an image that uses SELinux, unless its next boot labels everything anyway.
 */
export async function noteUnlabelled(
  { changes }: Report,
  root: string,
  onNote: (note: string) => void,
): Promise<void> {
  const made = changes.filter(({ kind, before }) => kind === 'write' && before.type === 'absent');
  if (made.length === 0 || made.some(({ path }) => path === autorelabel)) return;
  await using image = openDirectory(root);
  if ((await selinuxMode(image)) === 'disabled') return;
  const paths = made.map(({ path }) => path).join(' ');
  onNote(
    `the image uses SELinux, and new files have no label: once the server has booted, run "restorecon -F ${paths}"; or make ${autorelabel} now, which labels every file at the next boot`,
  );
}
