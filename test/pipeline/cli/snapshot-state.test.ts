import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError } from '../../../images/base/errors.js';
import { readSnapshotState, writeSnapshotState } from '../../../pipeline/cli/snapshot-state.js';
import { scratch } from '../../support/scratch.js';

describe('the memory of a snapshot', () => {
  it('is of one server, by whatever path, and for its owner alone', () => {
    using here = scratch();
    mkdirSync(here.root);
    const link = join(here.path, 'link');
    symlinkSync(here.root, link);
    const state = {
      format: 1,
      prepared: '2026-01-15T10:00:00.000Z',
      stopped: [
        { by: 'systemctl', id: 'openvpn@a.service' },
        { by: 'nmcli', id: '4f2c', name: 'the office: Köln' },
        { by: 'ifupdown', id: 'tun0=office' },
      ],
    } as const;
    assert.deepEqual(readSnapshotState(here.state, here.root), { format: 1, stopped: [] });
    writeSnapshotState(here.state, link, state);
    assert.deepEqual(readSnapshotState(here.state, here.root), state);
    assert.deepEqual(readSnapshotState(here.state, here.path), { format: 1, stopped: [] });
    const folder = join(here.state, 'snapshots');
    const [name, ...others] = readdirSync(folder);
    assert.deepEqual(others, []);
    assert.equal(statSync(join(folder, name!)).mode & 0o077, 0);
  });

  it('is not guessed at when it is damaged, nor passed to a program as an option', () => {
    for (const text of [
      '{',
      'null',
      '{"format":2,"stopped":[]}',
      '{"format":1}',
      '{"format":1,"stopped":["a.service"]}',
      '{"format":1,"stopped":[{"by":"systemctl","id":"--force"}]}',
      '{"format":1,"stopped":[{"by":"systemctl","id":"a b"}]}',
      '{"format":1,"stopped":[{"by":"networkd","id":"../../etc"}]}',
      '{"format":1,"stopped":[{"by":"sh","id":"a"}]}',
      '{"format":1,"stopped":[{"by":"nmcli","id":"a","name":1}]}',
      '{"format":1,"prepared":"never","stopped":[]}',
    ]) {
      using here = scratch();
      mkdirSync(here.root);
      writeSnapshotState(here.state, here.root, { format: 1, stopped: [] });
      const folder = join(here.state, 'snapshots');
      writeFileSync(join(folder, readdirSync(folder)[0]!), text);
      assert.throws(
        () => readSnapshotState(here.state, here.root),
        (error) => error instanceof ImageError && error.code === 'bad-state',
        text,
      );
    }
  });
});
