import { shellCommands } from '../../../formats/shell-commands.js';
import type { GuestPath, Image } from '../../../image/image.js';
import type { Input } from '../../../image/inputs.js';
import { baseName, join } from '../../../image/resolve.js';
import type { Obstacle } from '../obstacle.js';
import { shellWorld } from '../shell-world.js';
import { generator, generatorDirectories } from './generators.js';
import { isNull } from './search.js';
import type { Unit } from './unit.js';

/** Bytes of a generator that is a script; a compiled one tells nothing. */
const limit = 64 * 1024;

export const generatorInputs: readonly Input[] = generatorDirectories.map((directory) => ({
  glob: `${directory}/*`,
  limit,
}));

/** Those of systemd itself and of packages of distributions: none of them changes what another package's service does. */
const ofDistributions =
  /^(?:systemd-.*|cloud-init-generator|openvpn-generator|netplan|lvm2-.*|zram-.*|kdump-.*|nfs-.*|rpc-pipefs-generator|selinux-autorelabel-generator\.sh|snapd-generator|friendly-recovery|postgresql-generator|ostree-.*|coreos-.*|zfs-.*|sssd.*|ibft-.*|dracut.*)$/;

/** The directories that systemd gives a generator, by their place in the search path (systemd.generator(7)). */
const [normal, early, late] = [
  '/run/systemd/generator',
  '/run/systemd/generator.early',
  '/run/systemd/generator.late',
];

/** A script that runs before any unit is loaded. */
export interface ForeignGenerator {
  readonly path: GuestPath;
  readonly text: string;
}

/** The generators of the guest that belong to nobody whom we know, and can be read. */
export async function foreignGenerators(image: Image): Promise<readonly ForeignGenerator[]> {
  const found: ForeignGenerator[] = [];
  const seen = new Set<string>();
  for (const directory of generatorDirectories) {
    for (const { name } of (await image.readDir(directory)) ?? []) {
      if (seen.has(name) || ofDistributions.test(name)) continue;
      seen.add(name);
      const path = await generator(image, name);
      const entry = path && (await image.stat(path));
      if (!path || !entry || entry.size > limit) continue;
      const text = (await image.readText(path, limit)) ?? '';
      if (text.startsWith('#!')) found.push({ path, text });
    }
  }
  return found;
}

/** What a generator does to a unit: it masks it, or its text names it and only a boot shows why. */
export async function generatorObstacles(
  image: Image,
  generators: readonly ForeignGenerator[],
  unit: Unit,
): Promise<readonly Obstacle[]> {
  const obstacles: Obstacle[] = [];
  for (const { path, text } of generators) {
    const line = lineNaming(text, unit.name);
    if (line === undefined) continue;
    const mask = await maskIn(image, text, unit);
    if (mask) {
      const because = `${path}, a generator, masks it at each boot`;
      obstacles.push({ certain: mask.certain, evidence: { path, line: mask.line }, because });
    } else {
      const because = `${path}, a generator, names it, and what it does with it shows only at the boot`;
      obstacles.push({ certain: false, evidence: { path, line }, because });
    }
  }
  return obstacles;
}

/** The first line that names a unit, comments aside. */
function lineNaming(text: string, name: string): number | undefined {
  const stem = name.replace(/\.service$/, '');
  const at = text.split('\n').findIndex((line) => !line.trimStart().startsWith('#') && namesIt(line, stem));
  return at < 0 ? undefined : at + 1;
}

/** Whether a line has the name as a word of its own: not as a part of another unit's. */
function namesIt(line: string, stem: string): boolean {
  for (let at = line.indexOf(stem); at >= 0; at = line.indexOf(stem, at + 1)) {
    const [before, after] = [line[at - 1] ?? ' ', line.slice(at + stem.length)];
    if (!/[\w@.-]/.test(before) && /^(?:\.service\b|[^\w@.-]|$)/.test(after)) return true;
  }
  return false;
}

/** A link to /dev/null that takes the unit's place: the early directory stands before /etc, the normal one behind it. */
async function maskIn(
  image: Image,
  text: string,
  unit: Unit,
): Promise<{ line: number; certain: boolean } | undefined> {
  const isConfig = unit.path?.startsWith('/etc/') === true;
  const places = [early, ...(isConfig ? [] : [normal])];
  for (const { words, line, certain } of await shellCommands(
    text,
    shellWorld(image, [normal, early, late]),
  )) {
    if (baseName(`/${words[0] ?? ''}`) !== 'ln') continue;
    const paths = words.slice(1).filter((word) => word !== undefined && word.startsWith('/'));
    const target = paths.at(-1);
    if (!isNull(paths[0]) || target === undefined) continue;
    if (places.some((place) => target === join(place as GuestPath, unit.name))) return { line, certain };
  }
  return undefined;
}
