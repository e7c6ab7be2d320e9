import type { TimelineEntry } from '../report/rehearsal.js';

/** What just happened, for a line that a person watches. */
export function progressOf({ atMs, durationMs = 0, what, outcome, detail }: TimelineEntry): string {
  const at = `${((atMs + durationMs) / 1000).toFixed(1)} s`;
  const mark = outcome === undefined ? '' : outcome === 'pass' ? ' ✔' : ` ✘ ${detail ?? ''}`;
  return `rehearse  ${at}  ${what}${mark}`;
}
