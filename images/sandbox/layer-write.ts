import { DirectoryHandles } from '../image/handles.js';
import type { Change } from '../image/image.js';
import { look } from '../write/state.js';
import { type Ownership, Writer, beside } from '../write/writer.js';

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
  const kept = found.type === 'file' || found.type === 'link' ? { extended: found.extended } : {};
  const temporary = beside(path, '.hallmark-new');
  switch (change.kind) {
    case 'remove':
      if (found.type === 'directory') writer.removeDirectory(path);
      else if (found.type !== 'absent') writer.unlink(path);
      return;
    case 'directory': {
      const { mode, owner, extended } = change;
      const ownership: Ownership = { mode, ...owner, ...(extended ? { extended } : {}) };
      if (found.type === 'directory') await writer.setDirectory(path, ownership);
      else await writer.createDirectory(path, ownership);
      return;
    }
    case 'link':
      await writer.createLink(temporary, change.target, { ...kept, ...change.owner });
      writer.replace(path, temporary);
      return;
    case 'write': {
      const { mode, uid, gid, content, modified, extended } = change;
      const ownership = { mode, uid, gid, ...(extended ? { extended } : kept) };
      await writer.createFile(temporary, content, ownership, modified);
      writer.replace(path, temporary);
    }
  }
}
