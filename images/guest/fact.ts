import type { Image } from '../image/image.js';
import type { Input } from '../image/inputs.js';

/**
 * Something known about a guest, computed from its files alone. A fact never guesses: what it cannot read makes
 * it throw, and everything that depends on it becomes an `error`, never a pass.
 */
export interface Fact<T> {
  readonly name: string;
  readonly inputs: readonly Input[];
  gather(image: Image, get: Gather): Promise<T>;
}

/** Asks for another fact about the same image; each is computed once. */
export type Gather = <T>(fact: Fact<T>) => Promise<T>;

/** The facts of one image, each computed when first asked for and then kept. */
export function factsOf(image: Image): Gather {
  const known = new Map<Fact<unknown>, Promise<unknown>>();
  const get: Gather = <T>(fact: Fact<T>): Promise<T> => {
    let value = known.get(fact);
    if (!value) {
      value = fact.gather(image, get);
      known.set(fact, value);
    }
    return value as Promise<T>;
  };
  return get;
}
