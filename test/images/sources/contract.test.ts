import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { write } from '../../../images/image/change.js';
import type { Change } from '../../../images/image/image.js';
import { DirectorySource } from '../../../images/sources/directory.js';
import type { Destination, ImageSource, SourceKind } from '../../../images/sources/source.js';
import { TarballSource } from '../../../images/sources/tarball.js';
import { packTarball } from '../../support/tarballs.js';
import { plant } from '../../support/trees.js';

const guest = { '/etc/os-release': 'ID=debian\n', '/etc/hostname': 'a\n' };
const inputs = ['/etc/*'];

interface Sample {
  readonly source: ImageSource;
  /** All that there is of the image on the host. */
  readonly bytes: () => Buffer;
}

const scratch = mkdtempSync(join(tmpdir(), 'hallmark-sources-'));
after(() => {
  rmSync(scratch, { recursive: true });
});

/** One of each kind: a kind that is added must pass here, too. */
const samples: Readonly<Record<SourceKind, () => Promise<Sample>>> = {
  directory: async () => directory('directory'),
  host: async () => directory('host'),
  tarball: async () => {
    const folder = mkdtempSync(join(scratch, 'tarball-'));
    const path = join(folder, 'guest.tar');
    await packTarball(guest, path);
    return { source: new TarballSource(path, join(folder, 'state')), bytes: () => readFileSync(path) };
  },
};

function directory(kind: 'directory' | 'host'): Sample {
  const folder = mkdtempSync(join(scratch, `${kind}-`));
  const root = join(folder, 'root');
  plant(root, guest);
  const source = new DirectorySource(root, kind, { stateDirectory: join(folder, 'state') });
  return { source, bytes: () => readFileSync(join(root, 'etc/hostname')) };
}

for (const [kind, make] of Object.entries(samples)) {
  describe(`a source of kind ${kind}`, () => {
    let source: ImageSource;
    let bytes: Sample['bytes'];
    beforeEach(async () => {
      ({ source, bytes } = await make());
    });

    const inPlace: Destination = { toBeAgreed: true };
    const hostName = async (of: ImageSource): Promise<string | undefined> => {
      await using image = await of.open(inputs);
      return await image.readText('/etc/hostname');
    };
    const renaming = async (): Promise<readonly Change[]> => {
      await using image = await source.open(inputs);
      return await write(image, '/etc/hostname', 'b\n');
    };

    it('is read as what it says it is', async () => {
      await using image = await source.open(inputs);
      assert.equal(image.kind, source.kind);
      assert.equal(image.source, source.path);
      assert.equal(await image.readText('/etc/hostname'), 'a\n');
    });

    it('is written in place, and undo gives back every byte', async () => {
      const before = bytes();
      const delivery = await source.deliver(await renaming(), inPlace);
      assert.equal(delivery.source.name, source.name);
      assert.equal(await hostName(delivery.source), 'b\n');
      const { how } = await source.undo();
      assert.equal(how, 'undone');
      assert.ok(bytes().equals(before));
      await assert.rejects(source.undo(), { name: 'RepairError', code: 'nothing-to-undo' });
    });

    it('is left as it is when there is nothing to change', async () => {
      const before = bytes();
      const delivery = await source.deliver([], inPlace);
      assert.deepEqual(delivery.warnings, []);
      assert.ok(bytes().equals(before));
      await assert.rejects(source.undo(), { code: 'nothing-to-undo' });
    });

    it('has nothing to take back after a run that ended', async () => {
      await source.deliver(await renaming(), inPlace);
      assert.deepEqual(await source.recover(), []);
      assert.equal(await hostName(source), 'b\n');
    });

    it('is not opened once somebody wants to stop', async () => {
      await assert.rejects(source.open(inputs, AbortSignal.abort(new Error('enough'))), /enough/);
    });

    it('gives a sandbox a folder with the guest in it, and says what that takes', async () => {
      const programs: string[] = [];
      const folder = join(mkdtempSync(join(scratch, 'lower-')), 'tree');
      const { path } = await source.layer.lower(folder, async (program, args) => {
        const { run } = await import('../../../images/base/exec.js');
        programs.push(program);
        assert.equal((await run(program, args)).exitCode, 0);
      });
      assert.equal(readFileSync(join(path, 'etc/hostname'), 'utf8'), 'a\n');
      assert.deepEqual(programs, Object.keys(source.layer.requires));
    });
  });
}
