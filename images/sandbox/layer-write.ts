import { DirectoryHandles } from '../image/handles.js';
import type { Change } from '../image/image.js';
import { fileAttributes } from '../image/posix.js';
import { look } from '../write/state.js';
import { Writer, beside, directoryOwnership } from '../write/writer.js';

/**
 * Makes changes to a tree that is thrown away: no journal, no way back. What they expect is not looked at.
 * @param root - path on the host
 * @param changes - as `collapse` orders them
 * @throws {RepairError} when one cannot be made
 */
export async function writeThrough(root: string, changes: readonly Change[]): Promise<void> {
  const handles = new DirectoryHandles(root);
  const writer = new Writer(handles, () => undefined);
  try {
    for (const change of changes) await writeOne(handles, writer, change);
  } finally {
    handles.close();
  }
}

async function writeOne(handles: DirectoryHandles, writer: Writer, change: Change): Promise<void> {
  const { path } = change;
  const found = await look(handles, path);
  const kept = {
    extended: found.type === 'file' || found.type === 'link' ? found.extended : undefined,
  };
  const temporary = beside(path, '.hallmark-new');
  switch (change.kind) {
    case 'remove':
      if (found.type === 'directory') writer.removeDirectory(path);
      else if (found.type !== 'absent') writer.unlink(path);
      return;
    case 'directory': {
      const ownership = directoryOwnership(change);
      if (found.type === 'directory') await writer.setDirectory(path, ownership);
      else await writer.createDirectory(path, ownership);
      return;
    }
    case 'link':
      await writer.createLink(temporary, change.target, { ...kept, ...change.posix });
      writer.replace(path, temporary);
      return;
    case 'write': {
      const { content, modified, posix } = change;
      const attributes = fileAttributes(change, found.type === 'file' ? found : undefined);
      const extended = posix?.extended ?? kept.extended;
      await writer.createFile(temporary, content, { ...attributes, extended }, modified);
      writer.replace(path, temporary);
    }
  }
}
