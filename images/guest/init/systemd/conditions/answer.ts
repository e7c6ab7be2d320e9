import type { Image } from '../../../../image/image.js';
import type { Boot } from '../boot.js';

/** What a condition of the host is asked of: the image, and the words on the kernel's command line. */
export interface Host {
  readonly image: Image;
  /** None when no boot entry is known. */
  readonly words: readonly string[];
}

/** What other conditions are asked of: what it boots as well. */
export interface Machine extends Host {
  readonly boot: Boot;
}

/** The answer to a condition before its `!`. */
export interface Answer {
  /** undefined when the image cannot answer. */
  readonly holds: boolean | undefined;
  /** What is taken for the answer where there is none and the condition is negated. */
  readonly presumed?: boolean;
  /** In words that follow a colon: "there is no /etc/x"; of what cannot be answered "only the server knows …". */
  readonly why: string;
  /** The parameter is not one of its kind: the condition fails, negated or not. */
  readonly invalid?: true;
}

export type Kind = (parameter: string, machine: Machine) => Answer | Promise<Answer>;
