import { statSync } from 'node:fs';
import { today } from '../../../images/base/clock.js';
import { Rescue, assertNotRunning, rootName, rescuePrograms } from '../../../images/rescue/rescue.js';
import { DirectorySource, needsYes } from '../../../images/sources/directory.js';
import type { ImageSource } from '../../../images/sources/source.js';
import { assertPossible } from '../../../images/sandbox/requirements.js';
import type { RunOptions } from '../options.js';
import { chooseRoot } from '../rescue/choose-root.js';
import { type NewPassword, type PasswordOptions, newPassword } from '../rescue/new-password.js';
import { noteLabels } from '../rescue/labels.js';
import { passwordWish } from '../rescue/password-wish.js';
import type { Terminal } from '../terminal.js';

/** What the command line said. */
export type RescueCommandOptions = RunOptions & PasswordOptions;

/**
 * `hallmark rescue [DEVICE|DIR]`: finds and mounts the root of a broken server, repairs it as `prepare` does, gives root a
 * new password if that is wanted, and unmounts it.
 * @returns the exit code
 */
export async function rescue(
  target: string | undefined,
  options: RescueCommandOptions,
  terminal: Terminal,
): Promise<number> {
  if (!options.yes && !terminal.interactive) {
    const hint = 'Use --yes to agree. "hallmark plan" shows what would change in a mounted root.';
    throw needsYes('a root', hint);
  }
  if (target !== undefined && isDirectory(target)) {
    assertNotRunning(target);
    const password = await newPassword(options, terminal);
    const exitCode = await repair(new DirectorySource(target), password, options, terminal);
    terminal.say('note', `unmount ${target} before you leave rescue mode`);
    return exitCode;
  }
  let name = '';
  const exitCode = await withRescue(target, options, terminal, async (mounted) => {
    name = rootName(mounted.found);
    const password = await newPassword(options, terminal);
    return repair(rescuedSource(mounted), password, options, terminal, () => mounted.root.makeWritable());
  });
  terminal.say('note', `${name} is unmounted`);
  return exitCode;
}

/** The mounted root as an image: called what its device is called, and writable once something is written to it. */
export function rescuedSource({ root, found }: Rescue): DirectorySource {
  return new DirectorySource(root.path, 'directory', {
    name: rootName(found),
    disks: root.disks,
    makeWritable: () => root.makeWritable(),
  });
}

/**
 * Mounts the root on a device, or the one that is found, for as long as some work lasts.
 * @throws {UsageError | ImageError} when there is none, or it must not be touched
 */
export async function withRescue<T>(
  target: string | undefined,
  { yes, verbose }: Pick<RunOptions, 'yes' | 'verbose'>,
  terminal: Terminal,
  work: (rescue: Rescue) => Promise<T>,
): Promise<T> {
  assertPossible(rescuePrograms, 'only root can mount a disk');
  const named = target !== undefined;
  await using rescued = await Rescue.open(target, {
    choose: (roots, passedOver) => chooseRoot(roots, passedOver, { named, yes: yes === true, terminal }),
    signal: terminal.signal,
    onStep: (what) => {
      terminal.progress(what, verbose === true);
    },
  });
  for (const note of rescued.notes) terminal.say('note', note);
  return await work(rescued);
}

async function repair(
  source: ImageSource,
  password: NewPassword | undefined,
  options: RescueCommandOptions,
  terminal: Terminal,
  makeWritable: () => Promise<void> = async () => undefined,
): Promise<number> {
  // Not before a root is mounted: it is most of the program.
  const { judgeSource } = await import('./judge-image.js');
  const note = (text: string): void => {
    terminal.say('note', text);
  };
  return judgeSource('rescue', source, options, terminal, {
    wish: password && passwordWish(password.text, source.path, today(), note),
    onAgreed: async (plan) => {
      // What cannot be written to must not cost a password that is shown and never set.
      await makeWritable();
      await noteLabels(plan, source.path, note);
      // Before it is written: whatever happens then, a password that is valid is known to somebody.
      if (password?.generated) terminal.err(`The new password of root: ${password.text}\n`);
    },
  });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
