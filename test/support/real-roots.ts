import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setting } from './switches.js';

/** The real roots that the end-to-end tests start from, and throw-away copies of them. */
export class RealRoots implements Disposable {
  readonly scratch = mkdtempSync(join(tmpdir(), 'hallmark-e2e-'));
  readonly #mounted: string[] = [];
  #count = 0;

  constructor(readonly tarballs = setting('HALLMARK_E2E_ROOTS') ?? '') {
    if (tarballs === '')
      throw new Error('HALLMARK_E2E_ROOTS is not set: run these tests with npm run test:e2e');
  }

  /** Unpacks a root. */
  unpack(name: string): string {
    const root = this.folder(name);
    sh('tar', '--xattrs', '-C', root, '-xpf', join(this.tarballs, `${name}.tar`));
    return root;
  }

  /** A copy that costs nothing: an overlay over `root`. */
  copy(root: string): string {
    const place = this.folder('copy');
    for (const part of ['upper', 'work', 'merged']) mkdirSync(join(place, part));
    const merged = join(place, 'merged');
    const options = `lowerdir=${root},upperdir=${place}/upper,workdir=${place}/work`;
    sh('mount', '-t', 'overlay', 'overlay', '-o', options, merged);
    this.#mounted.push(merged);
    return merged;
  }

  /** Gives a copy back. */
  release(merged: string): void {
    sh('umount', merged);
    this.#mounted.splice(this.#mounted.indexOf(merged), 1);
    rmSync(join(merged, '..'), { recursive: true });
  }

  /** An empty folder for the test's own use. */
  folder(name: string): string {
    const path = join(this.scratch, `${name}-${this.#count++}`);
    mkdirSync(path);
    return path;
  }

  [Symbol.dispose](): void {
    for (const merged of this.#mounted.splice(0).reverse()) sh('umount', merged);
    rmSync(this.scratch, { recursive: true });
  }
}

/** Runs a program; its failure fails the test, with what it said. */
export function sh(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/**
 * All there is to know of a tree, told by programs that share nothing with ours: type, mode, owner, size, times to
 * the nanosecond, link targets, contents and extended attributes, a line each.
 * @param times - false to leave out modification times
 */
export function survey(root: string, { times = true } = {}): string[] {
  const format = `%P\\0%y %m %U %G ${times ? '%T@ ' : ''}%l\\n`;
  const entries = sh('find', root, '-xdev', '-printf', format).split('\n');
  const contents = sh(
    'sh',
    '-c',
    'cd "$1" && find . -xdev -type f -print0 | xargs -0 sha256sum',
    'sh',
    root,
  ).split('\n');
  const attributes = sh(
    'sh',
    '-c',
    'cd "$1" && getfattr -R -h -d -m - -e hex . 2>/dev/null || true',
    'sh',
    root,
  )
    .split('\n\n')
    .filter((block) => !/^# file: \S+\n(trusted\.overlay|user\.overlay)/.test(block));
  return [...entries, ...contents, ...attributes].sort();
}
