import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { write } from '../../../images/image/change.js';
import { DirectorySource } from '../../../images/sources/directory.js';
import { plant } from '../../support/trees.js';

describe('DirectorySource', () => {
  let folder: string;
  let root: string;
  let asked: number;
  let mounted: DirectorySource;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hallmark-directory-source-'));
    root = join(folder, 'root');
    plant(root, { '/etc/hostname': 'a\n' });
    asked = 0;
    mounted = new DirectorySource(root, 'directory', {
      name: '/dev/xvdb1',
      stateDirectory: join(folder, 'state'),
      makeWritable: async () => {
        asked++;
      },
    });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is made writable when something is written or taken back, and not before', async () => {
    await using image = await mounted.open();
    await mounted.recover();
    const to = await mounted.destination({ mayChange: true });
    await mounted.deliver([], to);
    assert.equal(asked, 0);
    await mounted.deliver(await write(image, '/etc/hostname', 'b\n'), to);
    assert.equal(asked, 1);
    await mounted.undo();
    assert.equal(asked, 2);
  });

  it('is changed in place, once somebody agrees to it', async () => {
    assert.deepEqual(await mounted.destination({ mayChange: true }), { toBeAgreed: true });
    await assert.rejects(mounted.destination({ mayChange: false }), {
      code: 'needs-yes',
      message: '/dev/xvdb1 would be changed in place, and there is no terminal to ask for confirmation',
    });
    await assert.rejects(mounted.destination({ output: 'x.tar', mayChange: true }), {
      code: 'bad-arguments',
      message: `--output is for tarballs; ${root} is a directory, which is repaired in place`,
    });
  });

  it('keeps no journal inside itself', async () => {
    const inside = new DirectorySource(root, 'directory', { stateDirectory: join(root, 'var/lib/x') });
    await assert.rejects(inside.destination({ mayChange: true }), { code: 'state-inside-image' });
  });

  it('is a server, which runs only if it is the host', () => {
    assert.equal(mounted.server().running, false);
    assert.deepEqual(new DirectorySource('/', 'host').server(), {
      root: '/',
      running: true,
      stateDirectory: '/var/lib/hallmark',
    });
  });
});
