import type { Evidence } from '../evidence.js';

/**
 * Something that keeps a service from being started although it is enabled, or its process from doing its work once it
 * is started. Linked is not run, and run is not able to work.
 */
export interface Obstacle {
  /**
   * false when the image cannot answer: the condition asks for the host name or the virtualization, say, or the program
   * is in a variable. A check warns of such an obstacle and does not fail.
   */
  readonly certain: boolean;
  /** The file, and where there is one the line, that decides. */
  readonly evidence: Evidence;
  /** In words that end a sentence: "ConditionPathExists=/etc/x does not hold: there is no /etc/x". */
  readonly because: string;
}
