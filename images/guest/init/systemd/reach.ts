import type { GuestPath } from '../../../image/image.js';
import { baseName, parentOf } from '../../../image/resolve.js';
import type { Obstacle } from '../obstacle.js';
import type { Boot } from './boot.js';
import { isTemplate, parseUnitName, templateOf } from './names.js';
import { isNull } from './search.js';
import type { Unit } from './unit.js';

/**
 * Why the links that are to start a unit do not: they are below a target that no boot reaches, or are none to systemd.
 * Nothing for a unit that has no link.
 */
export async function linksInVain(boot: Boot, name: string): Promise<readonly Obstacle[]> {
  const { units, transaction } = boot;
  const idle = units.idle.get(name);
  if (idle) return [{ certain: true, evidence: { path: idle.link }, because: idle.because }];
  const unit = await units.load(name);
  const found: Obstacle[] = [];
  for (const { path, isLink } of await units.search.entriesNamed((entry) =>
    isFor(entry, [name, ...unit.aliases]),
  )) {
    const owner = baseName(parentOf(path)).replace(/\.(?:wants|requires|upholds)$/, '');
    if (transaction.has(units.nameOf(owner)) && isLink && !isNull(await units.image.readLink(path))) continue;
    const because = isLink
      ? await whyUnreached(boot, path, owner)
      : `${path} is not a symbolic link, so systemd ignores it`;
    found.push({ certain: true, evidence: { path }, because });
  }
  if (found.length === 0) found.push(...(await misnamedLinks(boot, unit)));
  for (const { target, evidence } of units.generatedLinksTo(name)) {
    if (transaction.has(units.nameOf(target))) continue;
    found.push({ certain: true, evidence, because: await whyUnreached(boot, evidence.path, target) });
  }
  return found;
}

/**
 * Links that lead to the unit's file under the name of another, or under none that a unit can have: systemd goes by the
 * name of the link (booted), and ignores what is "not a valid unit name" (core/load-dropin.c).
 */
async function misnamedLinks({ units }: Boot, unit: Unit): Promise<readonly Obstacle[]> {
  const { image, search } = units;
  const file = unit.path && (await image.realPath(unit.path));
  const names = [unit.name, ...unit.aliases];
  const found: Obstacle[] = [];
  for (const { path, isLink } of await search.entriesNamed(
    (entry) => entry.endsWith('.service') || parseUnitName(entry) === undefined,
  )) {
    if (
      !isLink ||
      !file ||
      isTemplate(unit.name) ||
      names.includes(baseName(path)) ||
      (await image.realPath(path)) !== file
    )
      continue;
    const because =
      parseUnitName(baseName(path)) === undefined
        ? `${path} leads to its file, but its name has no suffix of a unit (.service), so systemd ignores it`
        : `${path} leads to its file, but has the name of another unit, by which systemd goes`;
    found.push({ certain: true, evidence: { path }, because });
  }
  return found;
}

/** Whether an entry of a `.wants` directory starts one of these units, or an instance of a template among them. */
function isFor(entry: string, names: readonly string[]): boolean {
  return names.some((name) => entry === name || (isTemplate(name) && templateOf(entry) === name));
}

async function whyUnreached({ units, transaction }: Boot, path: GuestPath, owner: string): Promise<string> {
  if (isNull(await units.image.readLink(path)))
    return `${path} is a link to /dev/null, which hides the vendor’s link`;
  if (parseUnitName(owner) === undefined)
    return `${path} is in a folder whose name is not that of a unit: ${owner} has no suffix such as .target, so systemd ignores it`;
  const start = `${path} starts it with ${owner}`;
  const { state, path: from } = await units.load(owner);
  if (state === 'missing') return `${start}, and there is no ${owner}`;
  if (state === 'masked') return `${start}, which is masked (${from ?? owner})`;
  return `${start}, which no boot reaches: default.target is ${transaction.anchor}`;
}
