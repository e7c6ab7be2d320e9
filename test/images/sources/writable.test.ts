import assert from 'node:assert/strict';
import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertWritable } from '../../../images/sources/writable.js';

describe('assertWritable', () => {
  let folder: string;
  let image: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hallmark-writable-'));
    image = join(folder, 'image.tar');
    writeFileSync(image, 'x');
    linkSync(image, join(folder, 'hard.tar'));
    symlinkSync(image, join(folder, 'soft.tar'));
    writeFileSync(join(folder, 'other.tar'), 'y');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('takes a new name, and a file that will be replaced', async () => {
    await assertWritable(join(folder, 'new.tar'), image);
    await assertWritable(join(folder, 'other.tar'), image);
  });

  it('refuses the image itself, under whatever name', async () => {
    for (const name of ['image.tar', 'hard.tar', 'soft.tar'])
      await assert.rejects(assertWritable(join(folder, name), image), {
        code: 'bad-destination',
        message: `--output is the image itself: ${join(folder, name)}`,
      });
  });

  it('refuses what a rename would destroy, and a folder that is not there', async () => {
    const bad = [
      ['', '--output is empty'],
      [folder, `--output is a directory: ${folder}`],
      ['/dev/null', '--output is not a regular file: /dev/null'],
      [join(folder, 'none/new.tar'), `--output: there is no directory ${join(folder, 'none')}`],
    ] as const;
    for (const [output, message] of bad)
      await assert.rejects(assertWritable(output, image), { name: 'UsageError', message });
  });
});
