import type { CheckContext, Gathered, Needs } from '../../checks/lib/check.js';
import type { ReportedFinding } from '../../checks/lib/result.js';
import type { Change, Image } from '../../images/image/image.js';
import type { InstallationNote, Installer } from './installer.js';
import type { RepairOrder } from './order.js';

/** A Glance property that a repair sets or removes; it is written beside the output, never into the guest. */
export interface PropertyChange {
  readonly kind: 'property';
  readonly name: string;
  /** The new value; undefined removes it. */
  readonly value: string | undefined;
  readonly was: unknown;
}

export type Repair = Change | PropertyChange | InstallationNote;

/** Whether a repair is a change to the guest. */
export function isChange(repair: Repair): repair is Change {
  return repair.kind !== 'property' && repair.kind !== 'installation';
}

export interface FixerMeta {
  /** The check it repairs. */
  readonly id: string;
  /** What it does: "Enable nova-agent at boot". */
  readonly title: string;
  /** safe: changes only what starts, and when. reviewed: may change what was intended; look at the diff. */
  readonly risk: 'safe' | 'reviewed';
  /** What it does to the guest, for the rule's documentation. */
  readonly docs: string;
}

export interface FixerContext<N extends Needs> extends CheckContext {
  /** The image with all changes so far laid over it. */
  readonly image: Image;
  readonly facts: Gathered<N>;
  /** Those changes. */
  readonly changes: readonly Change[];
  /** What its check found. */
  readonly findings: readonly ReportedFinding[];
  /** The day to write into the image as that of a change, YYYY-MM-DD; not `today` when SOURCE_DATE_EPOCH is set. */
  readonly imageDay: string;
  /** Undefined when nothing may be installed. */
  readonly installer?: Installer | undefined;
}

/**
 * A repair: it reads, and describes changes; it never writes. It is asked only when its check fails, and what it
 * describes counts only if that check then passes and no other got worse (docs/decisions.md#verify-before-write).
 * Yielding nothing means that there is nothing it can do.
 */
export interface Fixer<N extends Needs = Needs> {
  readonly meta: FixerMeta & RepairOrder;
  readonly needs: N;
  plan(context: FixerContext<N>): AsyncIterable<Repair>;
}

/** Gives a fixer its types: `needs` decides which facts `plan` receives. */
export function defineFixer<N extends Needs>(fixer: Fixer<N>): Fixer {
  return fixer;
}
