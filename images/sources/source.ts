import type { Change, GuestPath, Image, ImageKind } from '../image/image.js';
import type { Input } from '../image/inputs.js';

/** The kinds of image that a user can name. */
export const sourceKinds = ['directory', 'host', 'tarball'] as const satisfies readonly ImageKind[];
export type SourceKind = (typeof sourceKinds)[number];

/**
 * An image, from the command line to the last line written: how it is read, where a repaired one goes, how that is
 * written and taken back, and what a sandbox runs it from. Each kind is one module, and nobody else asks which it is.
 */
export interface ImageSource {
  readonly kind: SourceKind;
  /** What the user calls it: its path, or the device that was mounted for the run. */
  readonly name: string;
  /** Where it is on the host. */
  readonly path: string;
  readonly layer: LayerSource;
  /**
   * Opens it for reading.
   * @param inputs - the guest paths whose contents will be read: a pass over an archive keeps just these
   * @param signal - ends the opening with its reason
   * @throws {ImageError} when it cannot be read
   */
  open(inputs?: readonly Input[], signal?: AbortSignal): Promise<Image>;
  /**
   * Where a repaired image goes, asked before anything is opened.
   * @throws {UsageError} when it cannot go there, or nobody said where
   */
  destination(wanted: WantedDestination): Promise<Destination>;
  /**
   * Writes the image with these changes.
   * @param destination - what {@link ImageSource.destination} gave
   * @throws {RepairError} when a file changed since it was read, or writing failed; the message says what there is now
   */
  deliver(changes: readonly Change[], destination: Destination, signal?: AbortSignal): Promise<Delivery>;
  /**
   * Takes back what earlier runs left half done.
   * @throws {RepairError} when such a run is still at work, or something cannot be put back
   */
  recover(): Promise<readonly UndoResult[]>;
  /**
   * Takes back what the last run did in place.
   * @param id - that transaction, in place of the last one
   * @throws {RepairError} code `nothing-to-undo`, or `changed` when somebody changed it since: nothing was written
   */
  undo(id?: string): Promise<UndoResult>;
  /**
   * The server whose root the image is.
   * @throws {UsageError} code `wrong-kind` when it is a copy, which nothing runs from
   */
  server(): ServerRoot;
}

/** What the user said of where a repaired image goes. */
export interface WantedDestination {
  readonly output?: string | undefined;
  readonly inPlace?: boolean | undefined;
  /** Whether the user has agreed to changes in place, or can be asked. */
  readonly mayChange: boolean;
}

/** Where a repaired image goes. */
export interface Destination {
  /** A new file; undefined: in place. */
  readonly output?: string;
  /** Whether the plan must be agreed to before it is carried out: it changes what there is only one of. */
  readonly toBeAgreed: boolean;
}

/** What was written. */
export interface Delivery {
  /** The repaired image: the same source, or the output. */
  readonly source: ImageSource;
  /** The file that was written. */
  readonly output?: { readonly path: string; readonly sha256: string; readonly size: number };
  /** What a person should know, one line each. */
  readonly warnings: readonly string[];
}

/** What was taken back. */
export interface UndoResult {
  /** `undone` on request; `recovered` because its run was cut short. */
  readonly how: 'undone' | 'recovered';
  /** Every path of the guest that was put back; undefined when the whole image was. */
  readonly paths?: readonly GuestPath[];
  /** What could not be put back and why, one line each. */
  readonly warnings: readonly string[];
}

/** The root of a server on this host. */
export interface ServerRoot {
  readonly root: string;
  /** Whether it is the system that is running. */
  readonly running: boolean;
  /** Where journals of it are kept. */
  readonly stateDirectory: string;
}

/** What a sandbox lays a throw-away layer over. */
export interface LayerSource {
  /** Programs of the host that this takes besides, each with the Debian package that has it. */
  readonly requires: Readonly<Record<string, string>>;
  /**
   * Makes the root file system a directory of the host.
   * @param folder - where it may be unpacked to, not there yet
   * @param run - runs a program of the host, in the sandbox's namespaces, to a successful end
   */
  lower(folder: string, run: RunHostProgram, signal?: AbortSignal): Promise<LowerRoot>;
}

export type RunHostProgram = (
  program: string,
  args: readonly string[],
  options: { readonly package: string; readonly signal?: AbortSignal | undefined },
) => Promise<unknown>;

interface LowerRoot {
  /** On the host, without a link in it. */
  readonly path: string;
  /** Whether other file systems can be mounted below it that are part of the image. */
  readonly hasMounts: boolean;
}
