import type { AgentOrder, InstallOrder, Installer } from '../fixers/lib/installer.js';
import { digestOf } from '../images/image/change.js';
import { ImageError } from '../images/base/errors.js';
import { factsOf } from '../images/guest/fact.js';
import { type Packages, packages } from '../images/guest/packages.js';
import type { Installation } from '../images/install/installation.js';
import type { PackageSource, WantedPackage } from '../images/install/source.js';
import type { Change, GuestPath, Image } from '../images/image/image.js';
import { collapse } from '../images/image/overlay.js';
import { directoryAttributes, fileAttributes } from '../images/image/posix.js';
import type { LayerSource } from '../images/sources/source.js';
import { makeWorkFolder } from '../images/sandbox/work-folder.js';

/** What a run may install. */
export interface InstallRequest {
  readonly agent?: AgentOrder;
  readonly xe?: InstallOrder;
  /** For the target cloud-init, when that was said: the image's own repositories unless something else was named. */
  readonly cloudInit?: InstallOrder;
  /** Without running any program of the guest: what is removed, too. */
  readonly offline?: boolean;
}

/**
 * Has things installed for the repairs of one run. Each is done once, however often the plan is drafted anew; its changes
 * refer to contents that are there until the installer is disposed.
 */
export class PipelineInstaller implements Installer, AsyncDisposable {
  readonly #done = new Map<string, Promise<readonly Change[]>>();
  readonly #held: AsyncDisposable[] = [];

  constructor(
    private readonly request: InstallRequest,
    private readonly source: LayerSource,
    private readonly signal: AbortSignal | undefined,
    private readonly onLine: (line: string) => void,
  ) {}

  get agent(): Installer['agent'] {
    return this.request.agent;
  }

  get xe(): Installer['xe'] {
    return this.request.xe;
  }

  get cloudInit(): Installer['cloudInit'] {
    return this.request.cloudInit;
  }

  remove(names: readonly string[], image: Image, changes: readonly Change[]): Promise<readonly Change[]> {
    const before = collapse(changes);
    return this.#once(['remove', names], before, () => this.#remove(names, image, before));
  }

  install(
    order: InstallOrder,
    wanted: WantedPackage,
    image: Image,
    changes: readonly Change[],
  ): Promise<readonly Change[]> {
    const before = collapse(changes);
    return this.#once([order, wanted], before, () => this.#install(order, wanted, image, before));
  }

  #once(
    what: unknown,
    before: readonly Change[],
    work: () => Promise<readonly Change[]>,
  ): Promise<readonly Change[]> {
    const key = JSON.stringify([what, before.map(effectOf)]);
    const done = this.#done.get(key) ?? work();
    this.#done.set(key, done);
    return done;
  }

  async #remove(
    names: readonly string[],
    image: Image,
    before: readonly Change[],
  ): Promise<readonly Change[]> {
    const { manager } = await factsOf(image)(packages);
    if (this.request.offline) {
      const { offlineRemoval } = await import('../images/install/offline-removal.js');
      return await offlineRemoval(image, manager, names);
    }
    const { removalOf } = await import('../images/install/removal.js');
    return await this.#run(await removalOf(image, manager, names), before);
  }

  async #install(
    order: InstallOrder,
    wanted: WantedPackage,
    image: Image,
    before: readonly Change[],
  ): Promise<readonly Change[]> {
    const found = await factsOf(image)(packages);
    using work = makeWorkFolder();
    const source = await unpacked(order.source, found, work.path);
    const { manager } = found;
    if (order.offline) {
      const { offlineChanges } = await import('../images/install/offline.js');
      return await offlineChanges(image, manager, source);
    }
    const { installationOf } = await import('../images/install/manager.js');
    return await this.#run(await installationOf(image, manager, source, wanted), before);
  }

  async #run(installation: Installation, before: readonly Change[]): Promise<readonly Change[]> {
    const { runInstallation } = await import('../images/install/run.js');
    const layer = await runInstallation(this.source, before, installation, {
      signal: this.signal,
      onLine: this.onLine,
    });
    this.#held.push(layer);
    return beyond(before, layer.changes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#held.splice(0).reverse()) await one[Symbol.asyncDispose]();
  }
}

/** The package itself, where what was given holds one for the guest. */
async function unpacked(source: PackageSource, guest: Packages, folder: string): Promise<PackageSource> {
  if (source.kind !== 'file' || source.format !== 'iso') return source;
  const { toolsFromIso } = await import('../images/install/tools-iso.js');
  return toolsFromIso(source.path, guest, folder);
}

/** What of `all` is not in `before`, which it includes. */
function beyond(before: readonly Change[], all: readonly Change[]): Change[] {
  const now = new Map(all.map((change) => [change.path, change]));
  const had = new Map<GuestPath, Change>(before.map((change) => [change.path, change]));
  const gone = before.filter(({ path }) => !now.has(path)).map(takenBack);
  const more = all.filter((change) => {
    const earlier = had.get(change.path);
    return !earlier || effectOf(earlier) !== effectOf(change);
  });
  return [...more, ...gone.reverse()];
}

function takenBack(change: Change): Change {
  if (change.expect.type === 'absent')
    return { kind: 'remove', path: change.path, expect: { type: 'absent' } };
  throw new ImageError('unsupported-change', `${change.path} was restored by the package that was installed`);
}

/** What a change leaves at its path; times are left out, since every writing has its own. */
function effectOf(change: Change): string {
  const { path, kind } = change;
  switch (change.kind) {
    case 'write': {
      const { mode, uid, gid } = fileAttributes(change, undefined);
      return JSON.stringify([path, kind, digestOf(change.content), mode, uid, gid]);
    }
    case 'link':
      return JSON.stringify([path, kind, change.target]);
    case 'directory': {
      const { mode, uid, gid } = directoryAttributes(change, undefined);
      return JSON.stringify([path, kind, mode, uid, gid]);
    }
    case 'remove':
      return JSON.stringify([path, kind]);
  }
}
