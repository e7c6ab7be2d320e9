import type { Gatherable } from '../guest/fact.js';

/**
 * Something that only the running system tells: its kernel's view of processes, interfaces and devices, at this moment.
 * It reads no file of the image, and is empty for an image that is not the running system.
 */
export interface Observation<T> extends Gatherable<T> {
  /** What a fact reads of an image, an observation does not. */
  readonly inputs?: never;
}
