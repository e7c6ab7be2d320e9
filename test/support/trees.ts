import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MemoryNode } from '../../images/image/memory.js';

/** Writes a memory image's table below a folder of the host: the same guest as a real directory. */
export function plant(root: string, files: Readonly<Record<string, MemoryNode>>): void {
  mkdirSync(root, { recursive: true });
  for (const [path, node] of Object.entries(files)) {
    const at = join(root, path);
    mkdirSync(dirname(at), { recursive: true });
    if (typeof node === 'string' || Buffer.isBuffer(node)) {
      writeFileSync(at, node);
    } else if ('link' in node) {
      symlinkSync(node.link, at);
    } else if (node.type === 'directory') {
      mkdirSync(at, { recursive: true });
      chmodSync(at, node.mode ?? 0o755);
    } else if (node.type === undefined || node.type === 'file') {
      writeFileSync(at, node.content ?? '');
      chmodSync(at, node.mode ?? 0o644);
    } else {
      throw new Error(`${path}: a ${node.type} cannot be planted`);
    }
  }
}
