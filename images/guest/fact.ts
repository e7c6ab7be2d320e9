import type { Image } from '../image.js';

/**
 * A guest path (or a glob of it: `*` within a name, `**` across directories) whose content a fact may read.
 * A tarball's single pass keeps just these; what links lead to is fetched by another pass.
 */
export type Input = string | { readonly glob: string; /** bytes */ readonly limit: number };

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
