import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defaultStateDirectory } from '../../images/write/journal.js';
import type { OpenKind } from '../../images/sources/open.js';
import type { Terminal } from './terminal.js';

/** Where journals of this kind of image are kept. */
export function stateDirectoryFor(kind: OpenKind): string {
  return defaultStateDirectory(kind === 'host' ? 'host' : 'directory');
}

/**
 * Rolls back what an earlier run on this image left half done, before anything is judged.
 * @param beforeWriting - called when there is something to be rolled back
 * @throws {RepairError} when that run is still at work, or the roll-back failed
 */
export async function takeBackUnfinished(
  root: string,
  stateDirectory: string,
  terminal: Terminal,
  {
    name = root,
    beforeWriting,
  }: { readonly name?: string; readonly beforeWriting?: () => Promise<void> } = {},
): Promise<void> {
  if (!existsSync(join(stateDirectory, 'transactions'))) return; // nothing ever began: spare the code for it
  const { listCutShort, recover } = await import('../../images/write/undo.js');
  if (listCutShort(stateDirectory, root).length === 0) return;
  await beforeWriting?.();
  for (const { paths, warnings } of await recover(stateDirectory, root)) {
    terminal.say(
      'note',
      `an earlier run on ${name} was cut short: what it did to ${paths.length} paths was taken back`,
    );
    for (const warning of warnings) terminal.say('note', warning);
  }
}
