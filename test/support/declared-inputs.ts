import assert from 'node:assert/strict';
import picomatch from 'picomatch';
import type { Fact, Gather } from '../../images/guest/fact.js';
import type { Input } from '../../images/image/inputs.js';
import { factsOf } from '../../images/guest/fact.js';
import {
  type DirectoryEntry,
  type Entry,
  type GuestPath,
  type Image,
  defaultReadLimit,
} from '../../images/image/image.js';

/**
 * An image that lets a fact read only what it declared: a declared glob must match the file where it really lies, or
 * the link that leads to it, and the limit must be no more than what was declared with it. What a tarball keeps
 * is exactly that.
 */
class DeclaredInputs implements Image {
  readonly #image: Image;
  readonly #inputs: readonly { readonly matches: (path: string) => boolean; readonly limit: number }[];

  constructor(image: Image, inputs: readonly Input[]) {
    this.#image = image;
    this.#inputs = inputs.map((input) => {
      const { glob, limit } = typeof input === 'string' ? { glob: input, limit: defaultReadLimit } : input;
      return { matches: picomatch(glob, { dot: true }), limit };
    });
  }

  get kind(): Image['kind'] {
    return this.#image.kind;
  }

  get source(): string {
    return this.#image.source;
  }

  get disks(): Image['disks'] {
    return this.#image.disks;
  }

  get tree(): never {
    throw new assert.AssertionError({ message: 'a fact reads through the image, not its tree' });
  }

  lstat(path: GuestPath): Promise<Entry | undefined> {
    return this.#image.lstat(path);
  }

  stat(path: GuestPath): Promise<Entry | undefined> {
    return this.#image.stat(path);
  }

  readLink(path: GuestPath): Promise<string | undefined> {
    return this.#image.readLink(path);
  }

  realPath(path: GuestPath): Promise<GuestPath | undefined> {
    return this.#image.realPath(path);
  }

  locate(path: GuestPath): Promise<GuestPath> {
    return this.#image.locate(path);
  }

  readDir(path: GuestPath): Promise<readonly DirectoryEntry[] | undefined> {
    return this.#image.readDir(path);
  }

  async readFile(path: GuestPath, limit = defaultReadLimit): Promise<Buffer | undefined> {
    await this.#check(path, limit);
    return this.#image.readFile(path, limit);
  }

  async readText(path: GuestPath, limit = defaultReadLimit): Promise<string | undefined> {
    await this.#check(path, limit);
    return this.#image.readText(path, limit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#image[Symbol.asyncDispose]();
  }

  /** A file must be declared where it really lies, or as the link that leads to it. */
  async #check(path: GuestPath, limit: number): Promise<void> {
    const real = await this.#image.realPath(path);
    if (real === undefined) return; // nothing there whose content could be missing
    const link = (await this.#image.lstat(path))?.type === 'link';
    const names = link ? [real, await this.#image.locate(path)] : [real];
    const declared = this.#inputs.filter(({ matches }) => names.some(matches));
    assert.ok(declared.length > 0, `${path} is read, but no input declares it`);
    const most = Math.max(...declared.map((input) => input.limit));
    assert.ok(limit <= most, `${path} is read up to ${limit} bytes, but only ${most} are declared`);
  }
}

/** Gathers one fact and those it asks for, each held to the inputs that the first declares. */
export function gather<T>(fact: Fact<T>, image: Image): Promise<T> {
  const get: Gather = factsOf(new DeclaredInputs(image, fact.inputs));
  return get(fact);
}
