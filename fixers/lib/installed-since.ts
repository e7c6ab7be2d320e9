import { factsOf } from '../../images/guest/fact.js';
import { packages } from '../../images/guest/packages.js';
import type { Image } from '../../images/image.js';

/** The packages that one image has and the other has not, or in another version: "name version", sorted. */
export async function installedSince(before: Image, after: Image): Promise<string[]> {
  const had = (await factsOf(before)(packages)).installed;
  const has = (await factsOf(after)(packages)).installed;
  return [...has.values()]
    .filter(({ name, version }) => had.get(name)?.version !== version)
    .map(({ name, version }) => `${name} ${version}`)
    .sort();
}
