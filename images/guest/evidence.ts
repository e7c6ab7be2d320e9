import type { GuestPath } from '../image/image.js';

/** A file, and where in it: what a finding points at. */
export interface Evidence {
  readonly path: GuestPath;
  /** Counted from 1. */
  readonly line?: number | undefined;
}
