import { parseFstab } from '../formats/fstab.js';
import type { GuestPath, Image } from '../image/image.js';
import { baseName } from '../image/resolve.js';
import { readBootEntries } from './boot/entries.js';
import { statOf } from './follow.js';
import { initModules } from './init/init-modules.js';
import type { InitSystem } from './init/init-system.js';
import type { Obstacle } from './init/obstacle.js';

const overlayFiles: readonly GuestPath[] = ['/etc/overlayroot.conf', '/etc/overlayroot.local.conf'];
const rcLocal: readonly GuestPath[] = ['/etc/rc.local', '/etc/rc.d/rc.local'];

/** What {@link readOnlyRoot} reads besides fstab and the boot entries. */
export const rootMountInputs: readonly string[] = [...overlayFiles, ...rcLocal];

/**
 * Words of images whose root is made writable by other means: an overlay, a volatile root, a live system, a root that is
 * a deployment, or its own options (overlayroot(8), kernel-command-line(7), live-boot(7), ostree(1), dracut.cmdline(7)).
 */
const otherRoot =
  /^(?:systemd\.volatile=(?!no)|overlayroot=(?!disabled)|boot=(?:live|casper)$|(?:ostree|rd\.live\.\w+|rd\.overlay\w*)(?:=|$)|rootflags=(?:.*,)?rw(?:,|$))/;

const known = new WeakMap<Image, Promise<Obstacle | undefined>>();

/**
 * What leaves the root read-only once the boot is over; undefined when it can be written, or nothing says otherwise. The
 * initial RAM disk mounts it as the last of ro and rw on the kernel command line says (initramfs-tools, /init; systemd's
 * fstab-generator.c, `add_sysroot_mount`); systemd-remount-fs.service(8) remounts it only where fstab has a line for it.
 * Read once for each image: every service asks.
 */
export function readOnlyRoot(image: Image, system: InitSystem): Promise<Obstacle | undefined> {
  const read = known.get(image) ?? readRoot(image, system);
  known.set(image, read);
  return read;
}

async function readRoot(image: Image, system: InitSystem): Promise<Obstacle | undefined> {
  const entries = parseFstab((await image.readText('/etc/fstab')) ?? '');
  const root = entries.find(({ mountPoint }) => mountPoint === '/');
  const { rootMount } = initModules[system];
  const asks = root && (await rootMount.asksReadOnly(image, root.options));
  if (root && asks === false) return undefined;
  const mask = root && (await rootMount.mask(image));
  if (root && !mask) {
    if (asks === undefined || (await isReplaced(image))) return undefined;
    const because = `/etc/fstab mounts the root file system read-only (ro)`;
    return settled(image, { certain: true, evidence: { path: '/etc/fstab', line: root.line }, because });
  }
  // An fstab without any line is not configured yet, as debootstrap leaves it: whoever deploys the image writes it.
  if (!rootMount.staysWithoutLine || entries.length === 0 || (await isReplaced(image))) return undefined;
  const { words, doubtful } = await readBootEntries(image);
  const mode = words.findLast(({ text }) => text === 'ro' || text === 'rw');
  const perhaps = doubtful.findLast(({ text }) => text === 'ro' || text === 'rw');
  const word = mode ?? perhaps;
  if (word?.text !== 'ro') return undefined;
  const rest = mask
    ? `and ${baseName(mask)}, which would make it writable, is masked`
    : 'and /etc/fstab has no line that makes it writable';
  const certain = mode !== undefined && perhaps?.text !== 'rw';
  const because = `ro on the kernel command line mounts the root file system read-only, ${rest}`;
  return settled(image, { certain, evidence: mask ? { path: mask } : word.evidence, because });
}

/** Whether the root is an overlay, a volatile one, or another that says by itself how it is written. */
async function isReplaced(image: Image): Promise<boolean> {
  const { words, doubtful } = await readBootEntries(image);
  if ([...words, ...doubtful].some(({ text }) => otherRoot.test(text))) return true;
  for (const path of overlayFiles) {
    const text = (await image.readText(path)) ?? '';
    if (/^[ \t]*overlayroot=["']?(?!disabled)[^"'\s]/m.test(text)) return true;
  }
  return false;
}

/** A script that remounts something may make the root writable after all. */
async function settled(image: Image, obstacle: Obstacle): Promise<Obstacle> {
  for (const path of rcLocal) {
    if ((await statOf(image, path))?.type !== 'file') continue;
    if (/^[^#\n]*\bremount\b/m.test((await image.readText(path)) ?? ''))
      return { ...obstacle, certain: false };
  }
  return obstacle;
}
