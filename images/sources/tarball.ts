import { mkdirSync, realpathSync } from 'node:fs';
import { UsageError } from '../base/errors.js';
import type { Change, Image } from '../image/image.js';
import type { Input } from '../image/inputs.js';
import { userStateDirectory } from '../write/state-directory.js';
import type {
  Delivery,
  Destination,
  ImageSource,
  LayerSource,
  ServerRoot,
  UndoResult,
  WantedDestination,
} from './source.js';

/** A root file system in a tar archive, compressed or not: repaired into a new file, or replaced by it. */
export class TarballSource implements ImageSource {
  readonly kind = 'tarball';
  readonly name: string;
  readonly layer: LayerSource;

  /** @param stateDirectory - where it is remembered by what a tarball was replaced */
  constructor(
    readonly path: string,
    private readonly stateDirectory = userStateDirectory(),
  ) {
    this.name = path;
    this.layer = { requires: { tar: 'tar' }, lower: (...args) => unpack(path, ...args) };
  }

  async open(inputs: readonly Input[] = [], signal?: AbortSignal): Promise<Image> {
    const { keepYoungGenerationSmall } = await import('../image/tarball/young-generation.js');
    keepYoungGenerationSmall();
    const { openTarball } = await import('../image/tarball/read.js');
    return openTarball(this.path, inputs, signal);
  }

  async destination({ output, inPlace }: WantedDestination): Promise<Destination> {
    if (output !== undefined && inPlace)
      throw new UsageError('bad-arguments', 'use --output or --in-place, not both');
    if (inPlace) {
      const { assertNoneKept, ownPath } = await import('../write/tarball/original.js');
      await assertNoneKept(await ownPath(this.path));
      return { toBeAgreed: false };
    }
    if (output === undefined) {
      throw new UsageError('bad-arguments', 'the repaired tarball needs a destination', {
        hint: 'Use --output FILE, or --in-place to replace it.',
      });
    }
    const { assertWritable } = await import('./writable.js');
    await assertWritable(output, this.path);
    return { output, toBeAgreed: false };
  }

  async deliver(
    changes: readonly Change[],
    { output }: Destination,
    signal?: AbortSignal,
  ): Promise<Delivery> {
    if (output === undefined) return this.#replace(changes, signal);
    const { writeTarball } = await import('../write/tarball/write.js');
    const written = await writeTarball(this.path, changes, output, { signal });
    return {
      source: new TarballSource(output, this.stateDirectory),
      warnings: [],
      output: { path: output, ...written },
    };
  }

  /** Its original keeps a second name, so that nothing is lost when the new archive takes its place. */
  async #replace(changes: readonly Change[], signal: AbortSignal | undefined): Promise<Delivery> {
    if (changes.length === 0) return { source: this, warnings: [] };
    const { writeTarball } = await import('../write/tarball/write.js');
    const { assertInPlace, keepOriginal, lockTarball, ownPath, rememberReplacement, restoreOriginal } =
      await import('../write/tarball/original.js');
    const tarball = await ownPath(this.path);
    using _held = await lockTarball(tarball, this.stateDirectory);
    const original = await keepOriginal(tarball);
    let digest: string | undefined;
    try {
      const written = await writeTarball(original, changes, tarball, {
        signal,
        onWritten: async ({ sha256 }) => {
          digest = sha256;
          await rememberReplacement(tarball, sha256, this.stateDirectory);
          await assertInPlace(tarball);
        },
      });
      return {
        source: this,
        warnings: [`the original is kept as ${original}`],
        output: { path: this.path, ...written },
      };
    } catch (error) {
      await restoreOriginal(tarball, digest);
      throw error;
    }
  }

  /** A new archive takes its place at once or never: nothing is ever half done. */
  async recover(): Promise<readonly UndoResult[]> {
    return [];
  }

  async undo(): Promise<UndoResult> {
    const { lockTarball, ownPath, putOriginalBack } = await import('../write/tarball/original.js');
    const tarball = await ownPath(this.path);
    using _held = await lockTarball(tarball, this.stateDirectory);
    await putOriginalBack(tarball, this.stateDirectory);
    return { how: 'undone', warnings: [] };
  }

  server(): ServerRoot {
    throw new UsageError('wrong-kind', `${this.path} is not a server; it is a tarball`, {
      hint: `"hallmark prepare ${this.path}" repairs an image.`,
    });
  }
}

/** GNU tar keeps what it unpacks inside the folder: it refuses `..`, and makes links only after everything else. */
async function unpack(
  tarball: string,
  folder: string,
  ...[run, signal]: Parameters<LayerSource['lower']> extends [string, ...infer Rest] ? Rest : never
): ReturnType<LayerSource['lower']> {
  mkdirSync(folder);
  const keep = ['--numeric-owner', '--same-permissions', '--xattrs', '--xattrs-include=*'];
  await run('tar', ['--extract', '--file', realpathSync(tarball), '--directory', folder, ...keep], {
    package: 'tar',
    signal,
  });
  return { path: folder, hasMounts: false };
}
