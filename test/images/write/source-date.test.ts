import assert from 'node:assert/strict';
import { lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parentOf } from '../../../images/image/resolve.js';
import { link, write } from '../../../images/image/change.js';
import { openTarball } from '../../../images/image/tarball/read.js';
import { RecordSplitter } from '../../../images/image/tarball/records.js';
import { apply } from '../../../images/write/apply.js';
import { writeTarball } from '../../../images/write/tarball/write.js';
import { undo } from '../../../images/write/undo.js';
import { planChanges, planted } from '../../support/transaction.js';
import { difference, walk } from '../../support/walk.js';
import { Scratch, archive } from '../image/tarball/archives.js';

/** Earlier than the time that one of the changes has of its own. */
const modified = 1_200_000_000;

describe('the time of what is written', () => {
  it('is one for all that is written to a directory, and for the directories that it is in', async () => {
    using here = planted();
    const before = walk(here.root);
    const changes = await planChanges(here.root);
    await apply(here.root, changes, { stateDirectory: here.state, source: 'test', modified });
    const after = walk(here.root);
    /** A walk has names by their bytes. */
    const shown = (name: string): string => Buffer.from(name).toString('latin1');
    const expected = new Set<string>();
    for (const { kind, path, expect } of changes) {
      const isChanged = kind !== 'directory' || expect.type === 'absent';
      if (kind !== 'remove' && isChanged) expected.add(shown(path));
      if (isChanged && after.has(shown(parentOf(path)))) expected.add(shown(parentOf(path)));
    }
    for (const name of after.keys()) {
      const time = lstatSync(Buffer.from(path.join(here.root, name), 'latin1'), { bigint: true }).mtimeNs;
      if (expected.has(name)) assert.equal(time, BigInt(modified) * 1_000_000_000n, name);
      else
        assert.equal(
          after.get(name)?.replace(/links \d+ /, ''),
          before.get(name)?.replace(/links \d+ /, ''),
          name,
        );
    }
    await undo(here.root, { stateDirectory: here.state });
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  it('is taken back with the rest, wherever it fails', async () => {
    /** Applies it; fails at the dating with this number, if one is given. @returns what was dated */
    async function attempt(failing?: number): Promise<string[]> {
      using here = planted();
      const before = walk(here.root);
      const dated: string[] = [];
      const onStep = (name: string): void => {
        if (!name.startsWith('set the time of ')) return;
        dated.push(name);
        if (dated.length === failing) throw new Error('no more');
      };
      const options = { stateDirectory: here.state, source: 'test', modified, onStep };
      const done = apply(here.root, await planChanges(here.root), options);
      if (failing === undefined) await done;
      else {
        await assert.rejects(done, { code: 'write-failed' });
        assert.deepEqual(difference(walk(here.root), before), [], dated.at(-1));
      }
      return dated;
    }
    const all = await attempt();
    assert.ok(all.length > 10, all.join());
    for (const failing of [1, Math.ceil(all.length / 2), all.length]) await attempt(failing);
  });

  it('is that of what is new and of what is replaced in a tarball, and of nothing else', async () => {
    const scratch = new Scratch();
    try {
      const source = scratch.file(
        archive(
          { name: 'etc/', type: '5', mtime: 7 },
          { name: 'etc/file', data: 'a', mtime: 7 },
          { name: 'etc/link', type: '2', target: 'file', mtime: 7 },
          { name: 'etc/stays', data: 'b', mtime: 7 },
          { name: 'srv/', type: '5', mode: 0o755, mtime: 7 },
        ),
      );
      await using image = await openTarball(source, ['/**']);
      const absent = { type: 'absent' } as const;
      const owner = { uid: 0, gid: 0 };
      const content = { bytes: Buffer.from('c') };
      const changes = [
        ...(await write(image, '/etc/file', 'longer')),
        ...(await link(image, '/etc/link', 'elsewhere')),
        { kind: 'directory', path: '/srv', expect: { type: 'directory' }, mode: 0o700 },
        { kind: 'directory', path: '/opt', expect: absent, mode: 0o755 },
        { kind: 'write', path: '/opt/older', expect: absent, content, mode: 0o644, ...owner, modified: 5 },
        {
          kind: 'write',
          path: '/opt/later',
          expect: absent,
          content,
          mode: 0o644,
          ...owner,
          modified: modified + 1,
        },
        { kind: 'link', path: '/opt/link', expect: absent, target: 'later' },
      ] as const;
      await writeTarball(source, changes, scratch.path('out.tar'), { modified });
      const times: Record<string, number> = {};
      for (const event of new RecordSplitter('x').push(readFileSync(scratch.path('out.tar'))))
        if (event.kind === 'record') times[event.record.name] = event.record.mtime;
      assert.deepEqual(times, {
        'etc/': 7,
        'etc/file': modified,
        'etc/link': modified,
        'etc/stays': 7,
        'srv/': 7,
        'opt/': modified,
        'opt/older': 5,
        'opt/later': modified,
        'opt/link': modified,
      });
    } finally {
      scratch.remove();
    }
  });
});
