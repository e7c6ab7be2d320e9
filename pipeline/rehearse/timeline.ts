import { failedClaimInWords } from '../report/rehearsal-words.js';
import type { ProvenClaim, TimelineEntry } from '../report/rehearsal.js';

/** What happened in a rehearsal, as it happens. Times count from the guest's start. */
export class Timeline {
  readonly #entries: TimelineEntry[] = [];
  /** When the guest was started: milliseconds of the clock, and of the monotonic one. */
  readonly startedAt = this.moment();

  constructor(private readonly onEntry: ((entry: TimelineEntry) => void) | undefined) {}

  /** Now, in milliseconds of the clock, and of the monotonic one. */
  moment(): { readonly clock: number; readonly monotonic: number } {
    return { clock: Date.now(), monotonic: Number(process.hrtime.bigint()) / 1e6 };
  }

  /** Milliseconds since the guest was started. */
  readonly now = (): number => Math.round(Number(process.hrtime.bigint()) / 1e6 - this.startedAt.monotonic);

  /** Tells whoever watches, too. */
  readonly enter = (entry: TimelineEntry): void => {
    this.#entries.push(entry);
    this.onEntry?.(entry);
  };

  /** The result of a look at the guest, which began at `atMs`. */
  enterEvidence(what: string, atMs: number, claims: readonly ProvenClaim[]): void {
    const failed = claims.filter(({ outcome }) => outcome === 'fail');
    const [first] = failed;
    const proven = claims.filter(({ outcome }) => outcome === 'pass').length;
    this.enter({
      atMs,
      durationMs: this.now() - atMs,
      kind: 'evidence',
      what,
      outcome: first ? 'fail' : 'pass',
      detail: first ? failedClaimInWords(first) : `${proven} of ${claims.length} claims passed`,
    });
  }

  /** In the order of time. */
  get entries(): readonly TimelineEntry[] {
    return this.#entries.toSorted((a, b) => a.atMs - b.atMs);
  }
}
