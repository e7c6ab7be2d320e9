import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError, systemCode } from '../../images/base/errors.js';
import { keptFiles } from './kept-files.js';
import { writtenPaths } from './evidence/written.js';
import type { RunningGuest } from './running-guest.js';

/**
 * Keeps what the guest said on its console, and the files that it wrote, as a tarball: for a person to look at. They may
 * hold secrets of the guest; only their owner can read them.
 * @returns the folder, absolute
 * @throws {UsageError} code `bad-destination` when it cannot be written to
 */
export async function keepWhatIsLeft(guest: RunningGuest, place: string): Promise<string> {
  const { sandbox, console } = guest;
  const folder = resolve(place); // the archive is written by a program that is somewhere else
  const paths = await writtenPaths(guest);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(keptFiles(folder).console, `${console.join('\n')}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new UsageError(
      'bad-destination',
      `cannot write to ${folder}: ${systemCode(cause) ?? String(cause)}`,
      {
        cause,
      },
    );
  }
  const archive = keptFiles(folder).written;
  writeFileSync(archive, '', { mode: 0o600 });
  const what = [
    '--directory',
    sandbox.layer.root,
    '--no-recursion',
    '--null',
    '--verbatim-files-from',
    '--files-from=-',
  ];
  await sandbox.namespaces.run('tar', ['--create', '--file', archive, ...what], {
    input: paths.map((path) => `.${path}\0`).join(''),
  });
  return folder;
}
