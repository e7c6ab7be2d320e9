import { ControlGroup, type GroupLimits, clearControlGroups } from './control-group.js';
import { type Layer, type LayerOptions, mountLayer } from './layer.js';
import type { LayerSource } from '../sources/source.js';
import { Namespaces } from './namespaces.js';
import { type WorkFolder, clearWorkFolders, makeWorkFolder } from './work-folder.js';

/** What a guest that runs in a sandbox may use. */
export interface SandboxLimits extends GroupLimits {
  /** Bytes that it may write. */
  readonly disk: number;
}

export type SandboxOptions = Omit<LayerOptions, 'size'>;

/**
 * A place where a guest's own programs, or its whole system, run over a throw-away layer of its image. The image is only
 * read; everything else is gone when the sandbox is, even when we are killed. What a killed run could not remove
 * (empty folders, an unpacked tarball) is removed when the next sandbox is opened.
 */
export class Sandbox implements AsyncDisposable {
  private constructor(
    readonly work: WorkFolder,
    readonly group: ControlGroup,
    readonly namespaces: Namespaces,
    readonly layer: Layer,
  ) {}

  /**
   * See `assertPossible` for what it needs.
   * @throws {ImageError} when the host cannot do it
   */
  static async open(
    source: LayerSource,
    limits: SandboxLimits,
    layering: SandboxOptions = {},
  ): Promise<Sandbox> {
    clearWorkFolders();
    clearControlGroups();
    const held: (Disposable | AsyncDisposable)[] = [];
    const hold = <T extends Disposable | AsyncDisposable>(one: T): T => {
      held.unshift(one);
      return one;
    };
    try {
      const work = hold(makeWorkFolder());
      const group = hold(ControlGroup.create(work.name, limits));
      const namespaces = hold(await Namespaces.open());
      const layer = await mountLayer(namespaces, source, work, { size: limits.disk, ...layering });
      return new Sandbox(work, group, namespaces, layer);
    } catch (error) {
      for (const one of held) await dispose(one);
      throw error;
    }
  }

  /** How the host reaches the guest's root file system, without what the guest mounts in it. */
  get root(): string {
    return this.namespaces.hostPath(this.layer.root);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of [this.namespaces, this.group, this.work]) await dispose(one);
  }
}

async function dispose(one: Disposable | AsyncDisposable): Promise<void> {
  if (Symbol.asyncDispose in one) await one[Symbol.asyncDispose]();
  else one[Symbol.dispose]();
}
