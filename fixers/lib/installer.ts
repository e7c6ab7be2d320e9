import type { PackageSource, WantedPackage } from '../../images/install/source.js';
import type { Change, Image } from '../../images/image/image.js';

/** What may be installed, and from where. */
export interface InstallOrder {
  readonly source: PackageSource;
  /** Without running any program of the guest. */
  readonly offline: boolean;
}

/** Which generation of the agent: `auto` lets the guest decide. */
export interface AgentOrder extends InstallOrder {
  readonly generation: 'auto' | 1 | 2;
}

/**
 * Installs software for the repairs that need it: they say what, and the pipeline installs it on a throw-away layer.
 * What was not asked for is undefined, and is never installed.
 */
export interface Installer {
  readonly agent: AgentOrder | undefined;
  readonly xe: InstallOrder | undefined;
  readonly cloudInit: InstallOrder | undefined;
  /**
   * Has packages of the guest removed, with their configuration.
   * @param names - of packages that are installed
   * @returns as `install`
   * @throws {ImageError} when it fails; the image is as it was
   */
  remove(names: readonly string[], image: Image, changes: readonly Change[]): Promise<readonly Change[]>;
  /**
   * @param image - the image as it is planned so far: with `changes` laid over it
   * @returns the changes that the installation makes beyond those
   * @throws {ImageError} when it fails; the image is as it was
   */
  install(
    order: InstallOrder,
    wanted: WantedPackage,
    image: Image,
    changes: readonly Change[],
  ): Promise<readonly Change[]>;
}

/** What a repair has had installed; for the report, beside the changes that do it. */
export interface InstallationNote {
  readonly kind: 'installation';
  /** When it is something that was removed. */
  readonly removes?: true;
  /** "python3-nova-agent 2.1.25-1"; several when others came with it. */
  readonly what: readonly string[];
  /** The file, the folder, the URL, or "the image's own repositories". */
  readonly from: string;
  /** Why this and not another. */
  readonly reason: string;
}

/** A source in words. */
export function sourceInWords(source: PackageSource): string {
  switch (source.kind) {
    case 'file':
      return source.dependencies
        ? `${source.path}, with its dependencies from ${sourceInWords(source.dependencies)}`
        : source.path;
    case 'folder':
      return source.path;
    case 'url':
      return source.url;
    case 'guest':
      return "the image's own repositories";
  }
}

/** Why a file that was given is installed, and how. */
export function givenInWords({ offline }: InstallOrder): string {
  return `this package was given${offline ? '; its scripts are not run' : ''}`;
}
