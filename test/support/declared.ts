import assert from 'node:assert/strict';
import picomatch from 'picomatch';
import type { Input } from '../../images/image/inputs.js';
import type { GuestPath, Image, Tree } from '../../images/image/image.js';
import { ResolvedImage } from '../../images/image/resolve.js';

/**
 * Runs something on an image and shows that it read no content but what the inputs declare: anything else would be
 * missing from a tarball.
 */
export async function assertDeclared(
  inputs: readonly Input[],
  image: Image,
  run: (watched: Image) => Promise<unknown>,
): Promise<void> {
  const read: GuestPath[] = [];
  const { tree } = image;
  const watching: Tree = {
    kind: tree.kind,
    source: tree.source,
    entry: (path) => tree.entry(path),
    list: (path) => tree.list(path),
    read: (path, limit) => {
      read.push(path);
      return tree.read(path, limit);
    },
    [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
  };
  await run(new ResolvedImage(watching));
  const isDeclared = picomatch(
    inputs.map((input) => (typeof input === 'string' ? input : input.glob)),
    { dot: true },
  );
  assert.deepEqual(
    read.filter((path) => !isDeclared(path)),
    [],
  );
}
