import { parseFstab } from '../../../../formats/fstab.js';
import { isPattern, matches } from '../../../../formats/wildcard.js';
import type { Entry, GuestPath, Image } from '../../../../image/image.js';
import { join } from '../../../../image/resolve.js';
import { escapePath } from '../names.js';
import type { Answer, Kind, Machine } from './answer.js';
import { isMadeAtBoot } from './made-at-boot.js';

/** Conditions on paths, by the tests of systemd's shared/condition.c. Links are followed but for PathIsSymbolicLink=. */
export const pathKinds: Readonly<Record<string, Kind>> = {
  PathExists: about('any', (entry, path) => said(entry !== undefined, path)),
  PathExistsGlob: globExists,
  PathIsDirectory: about('directory', (entry, path) =>
    said(entry?.type === 'directory', `directory ${path}`),
  ),
  PathIsSymbolicLink: isSymbolicLink,
  PathIsMountPoint: isMountPoint,
  // path_is_read_only_fs(): the root is writable by the time that an ordinary service is started.
  PathIsReadWrite: about('any', (entry, path) => said(entry !== undefined, path)),
  PathIsEncrypted: isEncrypted,
  DirectoryNotEmpty: directoryNotEmpty,
  FileNotEmpty: about('content', (entry, path) => ({
    holds: entry?.type === 'file' && entry.size > 0,
    why:
      entry?.type === 'file' && entry.size === 0
        ? `${path} is empty`
        : said(entry?.type === 'file', `file ${path}`).why,
  })),
  FileIsExecutable: about('content', (entry, path) => {
    const isFile = entry?.type === 'file';
    const holds = isFile && (entry.mode & 0o111) !== 0;
    return { holds, why: isFile && !holds ? `${path} is not executable` : said(isFile, `file ${path}`).why };
  }),
};

function said(holds: boolean, what: string): Answer {
  return { holds, why: `there is ${holds ? 'a' : 'no'} ${what}` };
}

type Test = (entry: Entry | undefined, path: GuestPath, image: Image) => Answer | Promise<Answer>;

/** What has to be known of a path: whether anything is there, a directory, or more than that. */
type Asked = 'any' | 'directory' | 'content';

/** A test of what a path leads to, where the image is the one to answer. */
function about(asked: Asked, test: Test): Kind {
  return async (parameter, machine) => {
    const path = simplified(parameter);
    const beyond = await beyondTheImage(path, machine, asked);
    if (beyond) return beyond;
    const answer = await test(await machine.image.stat(path), path, machine.image);
    // What is not there yet may be by the time that the unit is started.
    if (answer.holds === false && (await isMadeAtBoot(path, machine)))
      return { holds: undefined, why: `the boot may make ${path}` };
    return answer;
  };
}

function simplified(path: string): GuestPath {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}

/** File systems that the kernel and systemd fill at each boot. */
const ofTheBoot = /^\/(?:run|var\/run|var\/lock|proc|sys|dev|tmp)(?:\/|$)/;

/**
 * What is there in each virtual machine of Xen: the file systems themselves, what every kernel makes, and what Xen's
 * drivers make (Linux, drivers/xen/xenbus and drivers/xen/sys-hypervisor.c).
 */
const directoriesThere =
  /^\/(?:run|proc|sys|dev|tmp|var\/run|var\/lock|dev\/(?:pts|shm|xen)|proc\/(?:self|sys|sys\/(?:fs|kernel|net|vm)|xen)|sys\/(?:block|bus|class|devices|fs|fs\/cgroup|hypervisor|kernel|module)|run\/systemd(?:\/system)?)$/;
const filesThere =
  /^\/(?:dev\/(?:console|full|kmsg|null|ptmx|random|tty[0-9]?|urandom|zero|xen\/xenbus)|proc\/(?:cmdline|cpuinfo|filesystems|meminfo|modules|mounts|uptime|version)|sys\/hypervisor\/type)$/;

/** What only containers and an initrd have (systemd-nspawn(1), bootup(7)). */
const neverThere = /^\/run\/(?:systemd\/container|\.containerenv|host(?:\/.*)?|ostree-booted|initramfs\/.*)$/;

/** The answer for a path that is not the image's to tell of; undefined when it is. */
async function beyondTheImage(
  path: GuestPath,
  { image }: Machine,
  asked: Asked,
): Promise<Answer | undefined> {
  if (asked !== 'content') {
    const isThere = directoriesThere.test(path) || (asked === 'any' && filesThere.test(path));
    if (isThere) return { holds: true, why: `there is a ${path} on every server` };
    if (neverThere.test(path)) return { holds: false, why: `there is no ${path} on a virtual machine` };
  }
  // /run and /tmp begin empty; what is in the others is the kernel's affair.
  const empty = /^\/(?:run|var\/run|var\/lock|tmp)\//.test(path);
  if (ofTheBoot.test(path))
    return {
      holds: undefined,
      why: `the boot makes what is at ${path}`,
      ...(empty ? { presumed: false } : {}),
    };
  // PID 1 makes it before it starts anything (machine-id(5)).
  if (path === '/etc/machine-id' && asked === 'any') return { holds: true, why: 'systemd makes it' };
  const mount = await emptyMountAbove(image, path);
  if (mount === undefined) return undefined;
  return { holds: undefined, why: `${mount} is a file system of its own that the image does not contain` };
}

/** The mount point of an fstab entry at or above the path whose file system the image lacks. */
async function emptyMountAbove(image: Image, path: GuestPath): Promise<string | undefined> {
  const entries = parseFstab((await image.readText('/etc/fstab')) ?? '');
  for (const { mountPoint } of entries) {
    if (mountPoint === '/' || !`${path}/`.startsWith(`${mountPoint}/`)) continue;
    if (((await image.readDir(mountPoint as GuestPath)) ?? []).length === 0) return mountPoint;
  }
  return undefined;
}

async function isSymbolicLink(parameter: string, machine: Machine): Promise<Answer> {
  const path = simplified(parameter);
  const beyond = await beyondTheImage(path, machine, 'content');
  if (beyond) return beyond;
  const entry = await machine.image.lstat(path);
  return said(entry?.type === 'link', `symbolic link ${path}`);
}

/** Mounted is what the kernel mounts, and what a mount unit of the boot does. */
async function isMountPoint(parameter: string, { image, boot }: Machine): Promise<Answer> {
  const path = simplified(parameter);
  if (/^\/(?:|proc|sys|dev|run)$/.test(path))
    return { holds: true, why: `${path} is mounted on every server` };
  if (boot.transaction.has(escapePath(path, 'mount')))
    return { holds: undefined, why: `the boot mounts ${path}, sooner or later than that` };
  if (ofTheBoot.test(path)) return { holds: undefined, why: `the boot makes what is at ${path}` };
  const there = (await image.stat(path)) !== undefined;
  return { holds: false, why: there ? `no unit of the boot mounts ${path}` : `there is no ${path}` };
}

async function isEncrypted(parameter: string, { image }: Machine): Promise<Answer> {
  const table = (await image.readText('/etc/crypttab')) ?? '';
  const any = table.split('\n').some((line) => /^\s*[^#\s]/.test(line));
  if (any) return { holds: undefined, why: `only the running server knows what ${parameter} lies on` };
  return { holds: false, why: 'the image has no encrypted disk (/etc/crypttab)' };
}

/** Files that dir_is_empty() of systemd does not count. */
const uncounted =
  /^(?:\..*|lost\+found|aquota\.(?:user|group)|.*~|.*\.(?:rpmnew|rpmsave|rpmorig|dpkg-(?:old|new|tmp|dist|bak|backup|remove)|ucf-(?:new|old|dist)|swp|bak|old|new))$/s;

async function directoryNotEmpty(parameter: string, machine: Machine): Promise<Answer> {
  const path = simplified(parameter);
  const beyond = await beyondTheImage(path, machine, 'content');
  if (beyond) return beyond;
  const names = await machine.image.readDir(path);
  if (!names) return said(false, `directory ${path}`);
  const holds = names.some(({ name }) => !uncounted.test(name));
  return { holds, why: `${path} is ${holds ? 'not ' : ''}empty` };
}

/** Names that one pattern may stand for; a hostile image holds any number of them. */
const maxMatches = 10_000;

async function globExists(parameter: string, machine: Machine): Promise<Answer> {
  const parts = simplified(parameter).split('/').filter(Boolean);
  const plain = parts.findIndex(isPattern);
  const stem: GuestPath = `/${parts.slice(0, plain < 0 ? parts.length : plain).join('/')}`;
  const beyond = await beyondTheImage(stem, machine, plain < 0 ? 'any' : 'content');
  if (beyond) return beyond;
  let front: GuestPath[] = ['/'];
  for (const part of parts) {
    const next: GuestPath[] = [];
    for (const directory of front) {
      for (const { name } of (await machine.image.readDir(directory)) ?? []) {
        if (matches(part, name) && next.length < maxMatches) next.push(join(directory, name));
      }
    }
    front = next;
  }
  // glob(3) does not ask where a link leads.
  const [found] = front;
  return found
    ? { holds: true, why: `there is a ${found}` }
    : { holds: false, why: `nothing is called ${parameter}` };
}
