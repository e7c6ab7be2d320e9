import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError } from '../base/errors.js';
import type { GuestPath } from '../image/image.js';
import { parseMountinfo } from '../formats/mountinfo.js';
import type { LayerSource, RunHostProgram } from '../sources/source.js';
import type { Namespaces } from './namespaces.js';
import type { WorkFolder } from './work-folder.js';

/** A throw-away layer over a root file system: reads go to the image, writes to memory. */
export interface Layer {
  /** The root with the layer, as seen inside the namespaces. */
  readonly root: string;
  /** The file system in memory that holds it all, beside the root. */
  readonly place: string;
  /** What was written, as overlayfs keeps it. Only of the root's own file system. */
  readonly upper: string;
  /** Every file system of the image: the root's own, then those mounted below it, upper ones first. */
  readonly parts: readonly LayerPart[];
}

/** A file system of the image, with what was written to it. Paths inside the namespaces, which are the host's for `lower`. */
interface LayerPart {
  /** Where in the guest. */
  readonly at: GuestPath;
  readonly lower: string;
  readonly upper: string;
}

export interface LayerOptions {
  /** The most that may be written (bytes). */
  readonly size: number;
  /** The most files that may be made. */
  readonly files?: number;
  /**
   * Whether what is written is kept whole, so that it can be read back. Otherwise metadata alone is copied when an owner
   * changes, and a directory that is renamed keeps its content below (overlayfs, "Metadata only copy up").
   */
  readonly whole?: boolean;
  /** Ends the unpacking of a tarball. */
  readonly signal?: AbortSignal;
}

/**
 * Lays it over a root file system, in the namespaces; it is gone with it. The image below is only read; what is an
 * archive is unpacked into the work folder first.
 * @throws {ImageError} when the host cannot do it
 */
export async function mountLayer(
  namespaces: Namespaces,
  source: LayerSource,
  work: WorkFolder,
  { size, files, whole = false, signal }: LayerOptions,
): Promise<Layer> {
  const run: RunHostProgram = (...program) => namespaces.run(...program);
  const { path: lower, hasMounts } = await source.lower(join(work.path, 'tree'), run, signal);
  const place = join(work.path, 'layer');
  mkdirSync(place);
  await namespaces.run('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${size},mode=0755${files === undefined ? '' : `,nr_inodes=${files}`}`,
    'hallmark',
    place,
  ]);
  const root = join(place, 'root');
  const upper = await overlay(namespaces, lower, place, 'upper', root, whole);
  const parts: LayerPart[] = [{ at: '/', lower, upper }];
  const below = hasMounts ? fileSystemsBelow(lower) : [];
  for (const [number, path] of below.entries()) {
    const at = `/${path.slice(lower === '/' ? 1 : lower.length + 1)}` as const;
    parts.push({
      at,
      lower: path,
      upper: await overlay(namespaces, path, place, `below-${number}`, join(root, at), whole),
    });
  }
  return { root, place, upper, parts };
}

/** Without a copy of its content, a whole tree can be given to another range of users. Devices of the image do not open. */
async function overlay(
  namespaces: Namespaces,
  lower: string,
  place: string,
  name: string,
  target: string,
  whole: boolean,
): Promise<string> {
  if (/[,:\\]/.test(lower)) {
    throw new ImageError(
      'unsupported',
      `overlayfs does not support a path that contains a comma, a colon or a backslash: ${lower}`,
    );
  }
  const [upper, work] = [join(place, name), join(place, `${name}.work`)];
  await namespaces.run('mkdir', ['-p', upper, work, target]);
  const copying = whole ? 'metacopy=off,redirect_dir=off,index=off' : 'metacopy=on,redirect_dir=on';
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  await namespaces.run('mount', ['-t', 'overlay', '-o', `${layers},${copying},nodev`, 'hallmark', target]);
  return upper;
}

/** File systems of the kernel and of memory: what is on them is not the image's. */
const pseudo =
  /^(?:autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|mqueue|nsfs|proc|pstore|ramfs|rpc_pipefs|securityfs|selinuxfs|sysfs|tmpfs|tracefs)$/;

/** The mount points of other file systems below a folder of the host, upper ones first: proc_pid_mountinfo(5). */
export function fileSystemsBelow(
  folder: string,
  mountinfo = readFileSync('/proc/self/mountinfo', 'utf8'),
): string[] {
  const prefix = folder === '/' ? '/' : `${folder}/`;
  const points = parseMountinfo(mountinfo)
    .filter(({ point, type }) => point.startsWith(prefix) && point !== folder && !pseudo.test(type))
    .map(({ point }) => point);
  return [...new Set(points)].sort();
}
