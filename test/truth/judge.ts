import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../images/base/errors.js';
import { DirectorySource } from '../../images/sources/directory.js';
import { readMetadata } from '../../pipeline/cli/metadata.js';
import { run } from '../../pipeline/run.js';
import { hallmark } from '../support/command.js';
import { type Guests, goodProperties, guests } from './guests.js';
import type { Root } from './root.js';
import type { Row } from './row.js';
import { type Verdict, verdictOf } from './verdict.js';

/** Ends of life are judged by a day; the corpus is the same on every one. */
const day = '2026-01-01';

/** What `check` says of a root, after `prepare` where the row wants it. */
export async function judgeRoot(
  root: Root,
  { guest, properties = goodProperties, prepared }: Pick<Row, 'guest' | 'properties' | 'prepared'>,
  places: Guests,
): Promise<Verdict> {
  const { target } = guests[guest];
  const file = join(places.folder('properties'), 'properties.json');
  const isCloudInit = target === 'cloud-init';
  if (isCloudInit) writeFileSync(file, properties);
  const options = ['--target', target, ...(isCloudInit ? ['--metadata', file] : [])];
  const failure = prepared ? prepare(root, options, places) : undefined;
  if (failure !== undefined) return { word: 'incomplete', spoke: new Map([['prepare', failure]]) };
  try {
    return verdictOf(
      await run({
        command: 'check',
        source: new DirectorySource(root.path),
        target,
        failOn: 'error',
        selection: {},
        waivers: [],
        metadata: isCloudInit ? await readMetadata(file) : undefined,
        today: day,
        destination: { toBeAgreed: false },
      }),
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { word: 'incomplete', spoke: new Map([['image-metadata', error.message]]) };
  }
}

/** @returns what it said, when it could not do its work; what cannot be repaired is for the check to say */
function prepare(root: Root, options: readonly string[], places: Guests): string | undefined {
  const { status, stderr } = hallmark(['prepare', root.path, '--yes', ...options], {
    state: places.folder('state'),
  });
  return status === 0 || status === 1 ? undefined : `exit ${status}: ${stderr}`;
}
