import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectorySource } from '../../../images/sources/directory.js';
import { readMetadata } from '../../../pipeline/cli/metadata.js';
import type { Report } from '../../../pipeline/report/report.js';
import { run } from '../../../pipeline/run.js';
import { scratch } from '../../support/scratch.js';
import { plant } from '../../support/trees.js';
import { verdictOf } from '../verdict.js';
import { cloudImages } from './cloud-images.js';
import type { SmallImage } from './image.js';
import { agentImages } from './agent-images.js';
import { cloud, debian, properties, sysv } from './guests.js';

/** What `check` says of the table's image, or of what `prepare` leaves of it. */
async function judge({ files, lives = 'nova-agent', prints, prepared }: SmallImage): Promise<Report> {
  using place = scratch();
  plant(place.root, files);
  const source = new DirectorySource(place.root, 'directory', { stateDirectory: place.state });
  const file = join(place.path, 'properties.json');
  writeFileSync(file, prints ?? JSON.stringify({ name: 'image', properties }));
  const request = {
    source,
    target: lives,
    failOn: 'error',
    selection: {},
    waivers: [],
    metadata: lives === 'cloud-init' ? await readMetadata(file) : undefined,
    today: '2026-01-01',
    destination: { toBeAgreed: false },
  } as const;
  if (prepared) await run({ ...request, command: 'prepare' });
  return await run({ ...request, command: 'check' });
}

describe('small images, each of which shows a kind of fault', () => {
  for (const [name, files] of Object.entries({ debian, cloud, sysv }))
    it(`${name}: as it is, golden`, async () => {
      const { verdict, results } = await judge({
        name,
        files,
        lives: name === 'cloud' ? 'cloud-init' : 'nova-agent',
        verdict: 'golden',
      });
      assert.equal(
        verdict,
        'golden',
        JSON.stringify([...verdictOf({ results } as Report).spoke], undefined, 1),
      );
    });

  for (const image of [...agentImages, ...cloudImages])
    it(`${image.name}: ${image.verdict}`, async () => {
      const report = await judge(image);
      const { word, spoke } = verdictOf(report);
      const all = [...spoke].map(([id, text]) => `${id}: ${text}`).join('\n');
      assert.equal(word, image.verdict, all);
      if (image.says) assert.match(all, image.says);
      if (image.silent !== undefined) assert.ok(!spoke.has(image.silent), all);
    });
});
