import type { Image } from '../image/image.js';
import type { Input } from '../image/inputs.js';

/**
 * Something that can be known about an image. It never guesses: what it cannot read makes it throw, and everything that
 * depends on it becomes an `error`, never a pass.
 */
export interface Gatherable<T> {
  readonly name: string;
  gather(image: Image, get: Gather): Promise<T>;
}

/** Something that a guest's files alone tell, whether it runs or not. */
export interface Fact<T> extends Gatherable<T> {
  /** The guest paths whose content it reads. */
  readonly inputs: readonly Input[];
}

/** Asks for something else about the same image; each is computed once. */
export type Gather = <T>(wanted: Gatherable<T>) => Promise<T>;

/** What is known of one image, each part computed when first asked for and then kept. */
export function factsOf(image: Image): Gather {
  const known = new Map<Gatherable<unknown>, Promise<unknown>>();
  const get: Gather = <T>(fact: Gatherable<T>): Promise<T> => {
    let value = known.get(fact);
    if (!value) {
      value = fact.gather(image, get);
      known.set(fact, value);
    }
    return value as Promise<T>;
  };
  return get;
}
