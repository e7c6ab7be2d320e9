import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceAt } from '../../../images/sources/find.js';

describe('sourceAt', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hallmark-find-'));
    file = join(folder, 'guest.tar');
    writeFileSync(file, '');
    symlinkSync('/', join(folder, 'root'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('tells the kind by what is there', async () => {
    const kinds = await Promise.all(
      [folder, file, '/', join(folder, 'root')].map(async (path) => (await sourceAt(path)).kind),
    );
    assert.deepEqual(kinds, ['directory', 'tarball', 'host', 'host']);
  });

  it('takes the running system for a plain directory when told so, and nothing else for what it is not', async () => {
    assert.equal((await sourceAt('/', 'directory')).kind, 'directory');
    assert.equal((await sourceAt(folder, 'directory')).kind, 'directory');
    const wrong = [
      [folder, 'host', `${folder} is not a host; it is a directory`],
      [folder, 'tarball', `${folder} is not a tarball; it is a directory`],
      [file, 'directory', `${file} is not a directory; it is a tarball`],
      ['/', 'tarball', '/ is not a tarball; it is a host'],
    ] as const;
    for (const [path, kind, message] of wrong)
      await assert.rejects(sourceAt(path, kind), { name: 'UsageError', code: 'wrong-kind', message });
  });

  it('says what is not there, and what is no image', async () => {
    for (const path of [join(folder, 'none'), join(file, 'below')])
      await assert.rejects(sourceAt(path), { code: 'no-such-image', message: `there is no ${path}` });
    await assert.rejects(sourceAt(join(folder, 'fifo')), { name: 'ImageError', code: 'unsupported' });
  });
});
