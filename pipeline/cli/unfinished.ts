import type { ImageSource } from '../../images/sources/source.js';
import type { Terminal } from './terminal.js';

/**
 * Takes back what an earlier run on this image left half done, before anything is judged, and says so.
 * @throws {RepairError} when that run is still at work, or something cannot be put back
 */
export async function takeBackUnfinished(source: ImageSource, terminal: Terminal): Promise<void> {
  for (const { paths = [], warnings } of await source.recover()) {
    terminal.say(
      'note',
      `an earlier run on ${source.name} was cut short: its changes to ${paths.length} paths were undone`,
    );
    for (const warning of warnings) terminal.say('note', warning);
  }
}
