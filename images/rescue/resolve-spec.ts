import { type MountSpec, parseMountSpec } from '../formats/mount-spec.js';
import { type Volume, disksOf } from './volume.js';

/** What the fstab of an image is read against. */
export interface Surroundings {
  /** The volume that the image's root is on. */
  readonly root: Volume;
  /** What the image's own fstab calls it; undefined when it does not say. */
  readonly rootSpec: string | undefined;
  /** Every volume that may belong to the image; none of the running system's. */
  readonly volumes: readonly Volume[];
}

/**
 * Finds the volume that an fstab entry of the image means. The image's own disks come first: in rescue mode both systems
 * may stem from one image, with the same labels and UUIDs. Names of disks are the image's own, and mean here another disk:
 * `xvda` of a server is `xvdb` in its rescue system.
 * @returns why none could be told, when it is a string
 */
export function resolveSpec(spec: string, { root, rootSpec, volumes }: Surroundings): Volume | string {
  const wanted = parseMountSpec(spec);
  if (!wanted) return `${spec} does not name a block device that is here`;
  const own = disksOf(root, volumes);
  const isOwn = (volume: Volume): boolean => disksOf(volume, volumes).some((disk) => own.includes(disk));
  if (wanted.kind === 'disk') return onDisk(wanted, spec, root, rootSpec, volumes.filter(isOwn));
  const matching = volumes.filter((volume) => matches(volume, wanted));
  const nearest = matching.some(isOwn) ? matching.filter(isOwn) : matching;
  // A physical volume, or a part of a RAID, bears the same mark as what lies on it.
  const [only, other] = nearest;
  if (!only) return `${spec} is on none of the disks`;
  if (other) return `${spec} is both ${only.name} and ${other.name}`;
  return only;
}

function matches({ name, content }: Volume, wanted: Exclude<MountSpec, { kind: 'disk' }>): boolean {
  switch (wanted.kind) {
    case 'uuid':
      return same(content.uuid, wanted.value);
    case 'label':
      return content.label === wanted.value;
    case 'partuuid':
      return same(content.partition?.uuid, wanted.value);
    case 'partlabel':
      return content.partition?.label === wanted.value;
    case 'mapper':
      return name === `/dev/mapper/${wanted.name}`;
  }
}

/** FAT's and NTFS's are written in capitals, all others in small letters; people mix them. */
function same(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

/** The disk with the root is the one that the root's own entry names; where that does not name a disk, the first. */
function onDisk(
  wanted: Extract<MountSpec, { kind: 'disk' }>,
  spec: string,
  root: Volume,
  rootSpec: string | undefined,
  own: readonly Volume[],
): Volume | string {
  const rootWanted = rootSpec === undefined ? undefined : parseMountSpec(rootSpec);
  const rootDisk = rootWanted?.kind === 'disk' ? rootWanted.disk : 0;
  if (wanted.disk !== rootDisk)
    return `${spec} is on another disk of the server, and it cannot be told which one that is here`;
  const disk = root.parents.length === 0 ? root.name : undefined;
  const found =
    wanted.partition === undefined
      ? own.find(({ name }) => name === disk)
      : own.find(({ content }) => content.partition?.number === wanted.partition);
  return found ?? `${spec} is not on the disk of the root`;
}
