import { existsSync } from 'node:fs';
import { blockNumber } from '../../../images/rescue/volume.js';
import { needsYes } from '../../../images/sources/directory.js';
import { sourceAt } from '../../../images/sources/find.js';
import type { ImageSource } from '../../../images/sources/source.js';
import type { Terminal } from '../terminal.js';

interface UndoCommandOptions {
  /** The transaction, in place of the last one. */
  readonly id?: string;
  readonly yes?: true;
}

/** `hallmark undo IMAGE`. @returns the exit code */
export async function undo(
  image: string,
  { id, yes }: UndoCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const found = isDevice(image) ? undefined : await sourceAt(image);
  if (!yes && !terminal.interactive) throw needsYes(image);
  if (!yes && !(await terminal.ask(`Take back what was done to ${image}?`))) {
    terminal.say('note', 'nothing was changed');
    return 1;
  }
  const takeBack = (source: ImageSource): ReturnType<ImageSource['undo']> => source.undo(id);
  const { paths, how, warnings } = found
    ? await takeBack(found)
    : await onceMounted(image, takeBack, terminal);
  for (const warning of warnings) terminal.say('note', warning);
  const what = how === 'recovered' ? ' (a run that was cut short)' : '';
  const count = paths === undefined ? '.' : `: ${paths.length} paths were restored.`;
  terminal.out(`${image} is as it was before${what}${count}\n`);
  return 0;
}

/**
 * A block device, or a subvolume of one, as `hallmark rescue` calls it: `/dev/xvdb2[/@]`. The name of a logical volume is
 * not there while it is inactive.
 */
function isDevice(name: string): boolean {
  const device = name.replace(/\[\/.*\]$/, '');
  return blockNumber(device) !== undefined || (device.startsWith('/dev/') && !existsSync(device));
}

async function onceMounted<T>(
  device: string,
  work: (source: ImageSource) => Promise<T>,
  terminal: Terminal,
): Promise<T> {
  const { rescuedSource, withRescue } = await import('./rescue.js');
  return withRescue(device, {}, terminal, (rescue) => work(rescuedSource(rescue)));
}
