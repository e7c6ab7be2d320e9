import type { GuestPath, Image } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';
import type { BootEntries } from '../boot/entries.js';
import type { BootWord } from '../boot/entry.js';
import type { GoalObstacle } from './boot-goal.js';
import { firstProgram } from './first-program.js';

/** Programs that start nothing by themselves. */
const shells = /^(?:(?:ba|da|a|z|k|mk|tc|c|fi)?sh|busybox|sulogin|agetty|getty|login)$/;

/** What words do that are for the kernel or the initial RAM disk, and not for the init. */
export async function earlyObstacles(
  image: Image,
  { words, doubtful }: Pick<BootEntries, 'words' | 'doubtful'>,
): Promise<GoalObstacle[]> {
  const found: GoalObstacle[] = [];
  // What stands behind `--` is the init's (Linux, kernel/params.c `parse_args`).
  const end = words.findIndex(({ text }) => text === '--');
  const ofKernel = end < 0 ? words : words.slice(0, end);
  const word = ofKernel.findLast(({ text }) => text.startsWith('init='));
  const obstacle = word && (await ofInit(image, word));
  if (obstacle) found.push(obstacle);
  const other = doubtful.findLast(({ text }) => text.startsWith('init='));
  const perhaps = other && (await ofInit(image, other));
  if (perhaps) found.push({ ...perhaps, certain: false });
  for (const { text, evidence } of ofKernel) {
    // dracut.cmdline(7), initramfs-tools(7), systemd-debug-generator(8) in the initrd.
    if (!/^(?:rd\.break|break|rd\.emergency|rd\.systemd\.unit|rd\.rescue)(?:=|$)/.test(text)) continue;
    const because = `${text} on the kernel command line stops the boot in the initial RAM disk, if that one knows the word`;
    found.push({ certain: false, evidence, because, word: text });
  }
  return found;
}

/** The kernel starts the program in place of /sbin/init, and panics when it cannot (Linux, init/main.c `kernel_init`). */
async function ofInit(image: Image, { text, evidence }: BootWord): Promise<GoalObstacle | undefined> {
  const path = text.slice('init='.length);
  if (!path.startsWith('/')) return undefined;
  const usual = await firstProgram(image);
  const real = await image.realPath(path as GuestPath);
  if (usual && real !== undefined && real === (await image.realPath(usual.path))) return undefined;
  const said = `${text} on the kernel command line`;
  if (real === undefined) {
    // Its /init looks for another program when this one is not there (`validate_init`).
    const falls = (await image.stat('/usr/share/initramfs-tools/init')) !== undefined;
    const because = falls
      ? `${said} names a program that is not there; the initial RAM disk may take /sbin/init instead`
      : `${said} names a program that is not there`;
    return { certain: !falls, evidence, because, word: text };
  }
  const isShell = shells.test(baseName(real)) || shells.test(baseName(path as GuestPath));
  const because = isShell
    ? `${said} starts a shell in place of the init`
    : `${said} starts another program in place of the init, and whether that one starts the services is not known`;
  return { certain: isShell, evidence, because, word: text };
}
