import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hallmark, report } from '../support/command.js';
import type { Guests } from './guests.js';
import { goodProperties, guests } from './guests.js';
import type { Root } from './root.js';
import type { Row } from './row.js';
import { type Verdict, verdictOf } from './verdict.js';

type Judged = Pick<Row, 'guest' | 'properties' | 'prepared'>;

/** What the command says of a root, asked as its users ask it. */
export function judgeRoot(root: Root, row: Judged, places: Guests): Verdict {
  const { target } = guests[row.guest];
  const options = ['--target', target];
  if (target === 'cloud-init') {
    const file = join(places.folder('properties'), 'properties.json');
    writeFileSync(file, row.properties ?? goodProperties);
    options.push('--metadata', file);
  }
  if (row.prepared) {
    const state = places.folder('state');
    const { status, stderr } = hallmark(['prepare', root.path, '--yes', '--quiet', ...options], { state });
    if (status !== 0 && status !== 1) throw new Error(`prepare: exit ${status}\n${stderr}`);
  }
  return verdictOf(report(['check', root.path, ...options]));
}
