import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { RepairError } from '../../base/errors.js';
import type { Change, Content } from '../../image/image.js';
import { directoryAttributes, fileAttributes, linkOwner } from '../../image/posix.js';
import { encode } from '../../base/text.js';
import { type Globals, type NewHeaderFields, changedHeader, labelOf, newHeader } from './encode.js';
import { paddingOf } from '../../image/tarball/header.js';
import type { PaxRecord } from '../../image/tarball/pax.js';
import type { TarRecord } from '../../image/tarball/records.js';

/**
 * The blocks of what a change puts in place.
 * @param former - the record it replaces; its header is kept where it is of the same type, and its label in any case
 * @param label - the records of the SELinux label that something new gets
 */
export async function* entryOf(
  change: Change,
  name: string,
  former: TarRecord | undefined,
  mtime: number,
  globals: Globals,
  label: readonly PaxRecord[] = former ? labelOf(former) : [],
): AsyncGenerator<Buffer> {
  switch (change.kind) {
    case 'remove':
      return;
    case 'write': {
      const { content, modified = mtime, posix } = change;
      const size = 'bytes' in content ? content.bytes.length : content.size;
      yield header(
        {
          type: 'file',
          name: encode(name),
          ...fileAttributes(change, former?.type === 'file' ? former : undefined),
          size,
          mtime: modified,
          extended: posix?.extended,
          label,
        },
        former,
        globals,
      );
      yield* contentOf(content);
      yield Buffer.alloc(paddingOf(size));
      return;
    }
    case 'link': {
      const target = encode(change.target);
      yield header(
        {
          type: 'link',
          name: encode(name),
          target,
          mode: 0o777,
          ...linkOwner(change, former?.type === 'link' ? former : undefined),
          size: 0,
          mtime,
          label,
        },
        former,
        globals,
      );
      return;
    }
    case 'directory': {
      yield header(
        {
          type: 'directory',
          name: encode(`${name}/`),
          ...directoryAttributes(change, former?.type === 'directory' ? former : undefined),
          size: 0,
          mtime,
          extended: change.posix?.extended,
          label,
        },
        former,
        globals,
      );
      return;
    }
  }
}

function header(fields: NewHeaderFields, former: TarRecord | undefined, globals: Globals): Buffer {
  if (former?.type !== fields.type) return newHeader(fields, globals);
  const { type, mode, uid, gid, size, target, extended } = fields;
  // Its own may be finer than a second.
  const mtime = fields.mtime === former.mtime ? undefined : fields.mtime;
  switch (type) {
    case 'file':
      return changedHeader(former, { type, mode, uid, gid, size, mtime, extended }, globals);
    case 'link':
      return changedHeader(former, { uid, gid, target, mtime }, globals);
    case 'directory':
      return changedHeader(former, { mode, uid, gid, extended }, globals);
  }
}

/** @throws {RepairError} code `changed` when a file of the host is not what the change was planned with */
async function* contentOf(content: Content): AsyncGenerator<Buffer> {
  if ('bytes' in content) {
    yield content.bytes;
    return;
  }
  const { hostFile, size, sha256 } = content;
  const file = await open(hostFile);
  try {
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of file.createReadStream({
      autoClose: false,
      highWaterMark: 256 * 1024,
    }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > size) break;
      hash.update(chunk);
      yield chunk;
    }
    if (length !== size || hash.digest('hex') !== sha256) {
      throw new RepairError('changed', `${hostFile} is not what it was when the change was planned`);
    }
  } finally {
    await file.close();
  }
}
