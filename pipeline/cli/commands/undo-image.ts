import { existsSync } from 'node:fs';
import { UsageError } from '../../../images/base/errors.js';
import { detectKind } from '../../../images/sources/open.js';
import { blockNumber } from '../../../images/rescue/volume.js';
import type { TakenBack } from '../../../images/write/undo.js';
import { stateDirectoryFor } from '../state.js';
import type { Terminal } from '../terminal.js';

/** `hallmark undo IMAGE`. @returns the exit code */
export async function undoImage(
  source: string,
  { id, yes }: { readonly id?: string; readonly yes?: true },
  terminal: Terminal,
): Promise<number> {
  const onDevice = isDevice(source);
  const kind = onDevice ? 'directory' : await detectKind(source);
  if (!yes && !terminal.interactive) {
    throw new UsageError(
      'needs-yes',
      `${source} would be changed in place, and there is no terminal to ask at`,
      {
        hint: 'Say --yes to agree.',
      },
    );
  }
  if (!yes && !(await terminal.ask(`Take back what was done to ${source}?`))) {
    terminal.say('note', 'nothing was changed');
    return 1;
  }
  if (kind === 'tarball') {
    const { lockTarball, ownPath, putOriginalBack } =
      await import('../../../images/write/tarball/original.js');
    const tarball = await ownPath(source);
    using _held = await lockTarball(tarball, stateDirectoryFor(kind));
    await putOriginalBack(tarball, stateDirectoryFor(kind));
    terminal.out(`${source} is again as it was.\n`);
    return 0;
  }
  const takeBack = async (root: string): Promise<TakenBack> => {
    const { undo } = await import('../../../images/write/undo.js');
    return undo(root, { stateDirectory: stateDirectoryFor(kind), ...(id === undefined ? {} : { id }) });
  };
  const { paths, how, warnings } = onDevice
    ? await onceMounted(source, takeBack, terminal)
    : await takeBack(source);
  for (const warning of warnings) terminal.say('note', warning);
  const what = how === 'recovered' ? ' (a run that was cut short)' : '';
  terminal.out(`${source} is again as it was${what}: ${paths.length} paths were put back.\n`);
  return 0;
}

/**
 * A block device, or a subvolume of one, as `hallmark rescue` calls it: `/dev/xvdb2[/@]`. The name of a logical volume is
 * not there while it is inactive.
 */
function isDevice(source: string): boolean {
  const device = source.replace(/\[\/.*\]$/, '');
  return blockNumber(device) !== undefined || (device.startsWith('/dev/') && !existsSync(device));
}

async function onceMounted<T>(
  device: string,
  work: (root: string) => Promise<T>,
  terminal: Terminal,
): Promise<T> {
  const { withRescue } = await import('./rescue.js');
  return withRescue(device, {}, terminal, async ({ root }) => {
    await root.makeWritable();
    return work(root.path);
  });
}
