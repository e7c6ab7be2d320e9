import { realpathSync } from 'node:fs';
import { UsageError } from '../base/errors.js';
import { openDirectory } from '../image/directory.js';
import type { Change, Disks, Image } from '../image/image.js';
import type { Input } from '../image/inputs.js';
import { readManifests } from '../write/journal.js';
import { hostStateDirectory, userStateDirectory } from '../write/state-directory.js';
import type {
  Delivery,
  Destination,
  ImageSource,
  LayerSource,
  ServerRoot,
  UndoResult,
  WantedDestination,
} from './source.js';

export interface DirectorySourceOptions {
  /** What the user calls it; its path unless given. */
  readonly name?: string;
  /** Those of the server whose root it is. */
  readonly disks?: Disks;
  /** Called before anything is written to it: what was mounted for reading can be mounted for writing then. */
  readonly makeWritable?: () => Promise<void>;
  /** Where journals of it are kept; never inside it. */
  readonly stateDirectory?: string;
}

/** A mounted root directory, or the running system: changed in place, as a transaction that can be undone. */
export class DirectorySource implements ImageSource {
  readonly name: string;
  readonly layer: LayerSource;
  readonly #disks: Disks | undefined;
  readonly #makeWritable: () => Promise<void>;
  readonly #stateDirectory: string;

  /** @param kind - `host` for the root of the system that is running */
  constructor(
    readonly path: string,
    readonly kind: 'directory' | 'host' = 'directory',
    options: DirectorySourceOptions = {},
  ) {
    this.name = options.name ?? path;
    this.layer = {
      requires: {},
      lower: async () => ({ path: realpathSync(path), hasMounts: true }),
    };
    this.#disks = options.disks;
    this.#makeWritable = options.makeWritable ?? (async () => undefined);
    this.#stateDirectory =
      options.stateDirectory ?? (kind === 'host' ? hostStateDirectory : userStateDirectory());
  }

  async open(_inputs?: readonly Input[], signal?: AbortSignal): Promise<Image> {
    signal?.throwIfAborted();
    return openDirectory(this.path, this.kind, this.#disks);
  }

  async destination({ output, mayChange }: WantedDestination): Promise<Destination> {
    if (output !== undefined) {
      throw new UsageError(
        'bad-arguments',
        `--output is for tarballs; ${this.path} is a directory, which is repaired in place`,
      );
    }
    if (!mayChange) throw needsYes(this.name, 'Use --yes to agree. "hallmark plan" shows what would change.');
    const { assertOutside } = await import('../write/journal.js');
    assertOutside(this.#stateDirectory, this.path);
    return { toBeAgreed: true };
  }

  async deliver(changes: readonly Change[], _to: Destination, signal?: AbortSignal): Promise<Delivery> {
    if (changes.length === 0) return { source: this, warnings: [] };
    await this.#makeWritable();
    const { apply } = await import('../write/apply.js');
    const { warnings } = await apply(this.path, changes, {
      source: this.name,
      stateDirectory: this.#stateDirectory,
      signal,
    });
    return { source: this, warnings };
  }

  async recover(): Promise<readonly UndoResult[]> {
    // Where everything was committed, the code for it need not be loaded.
    if (readManifests(this.#stateDirectory).every(({ state }) => state === 'committed')) return [];
    const { listCutShort, recover } = await import('../write/undo.js');
    if (listCutShort(this.#stateDirectory, this.path).length === 0) return [];
    await this.#makeWritable();
    return recover(this.#stateDirectory, this.path);
  }

  async undo(id?: string): Promise<UndoResult> {
    await this.#makeWritable();
    const { undo } = await import('../write/undo.js');
    return undo(this.path, {
      stateDirectory: this.#stateDirectory,
      id,
    });
  }

  server(): ServerRoot {
    return { root: this.path, running: this.kind === 'host', stateDirectory: this.#stateDirectory };
  }
}

/** What would be changed in place needs somebody's word, and there is nobody to ask. */
export function needsYes(name: string, hint = 'Use --yes to agree.'): UsageError {
  const message = `${name} would be changed in place, and there is no terminal to ask for confirmation`;
  return new UsageError('needs-yes', message, { hint });
}
