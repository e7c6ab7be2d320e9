import type { GuestName } from './guests.js';
import type { Root } from './root.js';

/**
 * What there is of it in reality. works: a server of this image comes up, does what the cloud asks, and still does after
 * a reboot. broken: it does not. tunnel: something in the boot makes a tunnel, or starts the program that does. quiet:
 * nothing in the boot does.
 */
type Reality = 'works' | 'broken' | 'tunnel' | 'quiet';

/**
 * How that was established. booted: `npm run truth` boots it each time, and a row that says otherwise than the boot
 * fails. Otherwise the source or the manual that says so, where a container cannot show it.
 */
export type Evidence = 'booted' | { readonly source: string } | { readonly manual: string };

/** One thing done to one guest, and what comes of it. */
export interface Row {
  /** "conditions/path-exists@debian12". */
  readonly id: string;
  readonly guest: GuestName;
  /** What is done to the guest, in a few words. */
  readonly what: string;
  readonly put: (root: Root) => void;
  readonly is: Reality;
  readonly by: Evidence;
  /** What the boot loader gives the init, in the order of the command line: a container reads no boot entry. */
  readonly words: readonly string[];
  /** Whether `hallmark prepare` is run after the fault: what it leaves is judged and booted. */
  readonly prepared: boolean;
  /** One of these checks must have a finding. */
  readonly speaks: readonly string[];
  /** What one of their findings must say. */
  readonly says: RegExp | undefined;
  /** Files cannot answer it: a warning that names the line is all that there can be. */
  readonly undecidable: boolean;
  /** Of what works: the checks that could take it for a fault. */
  readonly guards: readonly string[];
  /** Of what works: checks that may warn all the same. */
  readonly may: readonly string[];
  /** The image's properties, when the row has its own. */
  readonly properties: string | undefined;
}

/** A row as it is written down, for one or more guests. */
export interface Draft {
  readonly id: string;
  readonly on: GuestName | readonly GuestName[];
  readonly what: string;
  readonly put?: (root: Root) => void;
  readonly is: Reality;
  readonly by?: Evidence;
  readonly words?: readonly string[];
  readonly prepared?: true;
  readonly speaks?: string | readonly string[];
  readonly says?: RegExp;
  readonly undecidable?: true;
  readonly guards?: string | readonly string[];
  readonly may?: string | readonly string[];
  readonly properties?: string;
}

/** @returns the rows of a kind of fault, one for each guest of each draft */
export function rowsOf(kind: string, drafts: readonly Draft[]): readonly Row[] {
  return drafts.flatMap(({ on, id, ...draft }) =>
    listOf(on).map((guest): Row => ({
      id: `${kind}/${id}@${guest}`,
      guest,
      what: draft.what,
      put: draft.put ?? (() => undefined),
      is: draft.is,
      by: draft.by ?? 'booted',
      words: draft.words ?? [],
      prepared: draft.prepared ?? false,
      speaks: listOf(draft.speaks),
      says: draft.says,
      undecidable: draft.undecidable ?? false,
      guards: listOf(draft.guards),
      may: listOf(draft.may),
      properties: draft.properties,
    })),
  );
}

function listOf<T extends string>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
