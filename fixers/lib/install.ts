import type { Needs } from '../../checks/lib/check.js';
import { factsOf } from '../../images/guest/fact.js';
import { packages } from '../../images/guest/packages.js';
import type { WantedPackage } from '../../images/install/source.js';
import type { Image } from '../../images/image/image.js';
import { overlay } from '../../images/image/overlay.js';
import type { FixerContext, Repair } from './fixer.js';
import { type InstallOrder, givenInWords, sourceInWords } from './installer.js';

/**
 * Has a package installed as it was ordered: the note for the report, and the changes that do it.
 * @param why - the reason, unless it is that the very package was given
 */
export async function* install(
  { image, changes, installer }: Pick<FixerContext<Needs>, 'image' | 'changes' | 'installer'>,
  order: InstallOrder | undefined,
  wanted: WantedPackage,
  why: string,
): AsyncIterable<Repair> {
  if (!installer || !order) return;
  const installed = await installer.install(order, wanted, image, changes);
  yield {
    kind: 'installation',
    what: await installedSince(image, await overlay(image, installed)),
    from: sourceInWords(order.source),
    reason: order.source.kind === 'file' ? givenInWords(order) : why,
  };
  yield* installed;
}

/** The packages that one image has and the other has not, or in another version: "name version", sorted. */
export async function installedSince(before: Image, after: Image): Promise<string[]> {
  const had = (await factsOf(before)(packages)).installed;
  const has = (await factsOf(after)(packages)).installed;
  return [...has.values()]
    .filter(({ name, version }) => had.get(name)?.version !== version)
    .map(({ name, version }) => `${name} ${version}`)
    .sort();
}
