import { type MountSpec, parseMountSpec } from '../formats/mount-spec.js';
import { type Volume, disksOf, stack } from './volume.js';

/** What the fstab of an image is read against. */
export interface Surroundings {
  /** The volume that the image's root is on. */
  readonly root: Volume;
  /** What the image's own fstab calls it; undefined when it does not say. */
  readonly rootSpec: string | undefined;
  /** Every volume that may belong to the image; none of the running system's. */
  readonly volumes: readonly Volume[];
}

/** What a spec means: a volume, or why none could be told. */
export type Resolved =
  | { readonly volume: Volume }
  /** `absent`: certain to be on none of the disks. */
  | { readonly volume?: undefined; readonly absent: boolean; readonly why: string };

/**
 * Finds the volume that an fstab entry of the image means. The image's own disks come first: in rescue mode both systems
 * may stem from one image, with the same labels and UUIDs. Names of disks are the image's own, and mean here another disk:
 * `xvda` of a server is `xvdb` in its rescue system.
 */
export function resolveSpec(spec: string, { root, rootSpec, volumes }: Surroundings): Resolved {
  const wanted = parseMountSpec(spec);
  if (!wanted) return undecided(`${spec} does not name a block device that is here`);
  const own = disksOf(root, volumes);
  const isOwn = (volume: Volume): boolean => disksOf(volume, volumes).some((disk) => own.includes(disk));
  if (wanted.kind === 'disk') return onDisk(wanted, spec, root, rootSpec, volumes.filter(isOwn));
  const matching = volumes.filter((volume) => matches(volume, wanted));
  const nearest = matching.some(isOwn) ? matching.filter(isOwn) : matching;
  // A physical volume, or a part of a RAID, bears the same mark as what lies on it.
  const [only, other] = nearest;
  if (!only) {
    const closed = wanted.kind === 'partuuid' || wanted.kind === 'partlabel' ? undefined : closedOf(volumes);
    const why = `${spec} is on none of the disks`;
    return closed === undefined
      ? { absent: true, why }
      : undecided(`${why} as far as they can be read: ${closed}`);
  }
  if (other) return undecided(`${spec} is both ${only.name} and ${other.name}`);
  return { volume: only };
}

const undecided = (why: string): Resolved => ({ absent: false, why });

/** What may hold others that nobody sees from outside: the partition table alone is always open. */
const containers = /^(?:crypto_LUKS|BitLocker|LVM[12]_member|bcache|zfs_member|.*_raid_member)$/;

/** Why something may be on a volume without being seen. */
function closedOf(volumes: readonly Volume[]): string | undefined {
  for (const volume of volumes) {
    const { name, content, unreadable } = volume;
    if (unreadable !== undefined) return `${name} cannot be read: ${unreadable}`;
    if (content.ambivalent) return `${name} has several kinds of content`;
    const closed = containers.test(content.type ?? '') && stack(volume, volumes).length === 1;
    if (closed) return `${name} is a ${content.type ?? ''} that is not open`;
  }
  return undefined;
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
): Resolved {
  const rootWanted = rootSpec === undefined ? undefined : parseMountSpec(rootSpec);
  const rootDisk = rootWanted?.kind === 'disk' ? rootWanted.disk : 0;
  if (wanted.disk !== rootDisk)
    return undecided(
      `${spec} is on another disk of the server, and it cannot be told which one that is here`,
    );
  const disk = root.parents.length === 0 ? root.name : undefined;
  const found =
    wanted.partition === undefined
      ? own.find(({ name }) => name === disk)
      : own.find(({ content }) => content.partition?.number === wanted.partition);
  if (found) return { volume: found };
  // A root without a partition table may be a disk called xvda1, beside which xvda2 is another disk.
  return { absent: root.parents.length > 0, why: `${spec} is not on the disk of the root` };
}
