import {
  chmod,
  cp,
  lchown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  rmdir,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import type { Change } from '../../images/image/image.js';
import { fileAttributes } from '../../images/image/posix.js';
import type { MemoryNode } from '../../images/image/memory.js';
import { setting } from '../support/switches.js';

/** What has to be installed for these tests, and what for. */
export async function requireTools(...tools: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('must be root: the roots hold files of other owners');
  for (const tool of tools) await $`command -v ${tool}`.quiet();
}

/** A folder that lives as long as the tests of a suite. */
export class Workspace {
  readonly #roots: string;
  #folder: string | undefined;

  constructor() {
    const roots = setting('HALLMARK_E2E_ROOTS');
    if (!roots) throw new Error('HALLMARK_E2E_ROOTS must name the folder with systemd.tar and sysv.tar');
    this.#roots = roots;
  }

  async open(): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'hallmark-e2e-'));
    return this.#folder;
  }

  /** The pristine Debian 12 root, unpacked once. */
  async pristine(): Promise<string> {
    const root = join(await this.open(), 'pristine');
    if (await exists(root)) return root;
    await mkdir(root);
    await $`tar -C ${root} -xf ${join(this.#roots, 'systemd.tar')}`.quiet();
    return root;
  }

  /** A copy of it that holds only what systemd's tools read. */
  async skeleton(name: string): Promise<string> {
    const pristine = await this.pristine();
    const root = join(await this.open(), name);
    await rm(root, { recursive: true, force: true });
    for (const path of ['etc', 'usr/lib/systemd/system', 'usr/lib/systemd/system-generators']) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await cp(join(pristine, path), join(root, path), { recursive: true, verbatimSymlinks: true });
    }
    await symlink('usr/lib', join(root, 'lib'));
    return root;
  }

  /** A whole copy, to be booted. */
  async copy(name: string): Promise<string> {
    const root = join(await this.open(), name);
    await $`cp -a --reflink=auto ${await this.pristine()} ${root}`.quiet();
    return root;
  }

  async close(): Promise<void> {
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Puts files of a memory image into a root. */
export async function install(root: string, files: Readonly<Record<string, MemoryNode>>): Promise<void> {
  for (const [path, node] of Object.entries(files)) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { force: true });
    if (typeof node === 'string' || Buffer.isBuffer(node)) await writeFile(target, node);
    else if ('link' in node) await symlink(node.link, target);
    else {
      await writeFile(target, node.content ?? '');
      await chmod(target, node.mode ?? 0o644);
    }
  }
}

/** Carries changes out, plainly: what is tested here is the changes, not how they are applied. */
export async function carryOut(root: string, changes: readonly Change[]): Promise<void> {
  for (const change of changes) {
    const target = join(root, change.path);
    const isDirectory = (await exists(target)) && (await lstat(target)).isDirectory();
    if (change.kind === 'directory') {
      if (!isDirectory) await mkdir(target, { mode: change.posix?.mode });
      continue;
    }
    if (isDirectory) await rmdir(target);
    else await rm(target, { force: true });
    if (change.kind === 'link') await symlink(change.target, target);
    if (change.kind !== 'write') continue;
    if (!('bytes' in change.content)) throw new Error(`${change.path} is not made of bytes`);
    const { mode, uid, gid } = fileAttributes(change, undefined);
    await writeFile(target, change.content.bytes, { mode });
    await lchown(target, uid, gid);
  }
}

/** Every name below a folder: links with their targets, files with their content. */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const path of await readdir(folder, { recursive: true })) {
    const full = join(folder, path);
    const stats = await lstat(full);
    if (stats.isSymbolicLink()) tree[path] = `-> ${await readlink(full)}`;
    else tree[path] = stats.isDirectory() ? 'directory' : await readFile(full, 'latin1');
  }
  return tree;
}
