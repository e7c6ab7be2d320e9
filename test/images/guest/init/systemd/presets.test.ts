import assert from 'node:assert/strict';
import { presetAll, readPresets, ruleFor } from '../../../../../images/guest/init/systemd/presets.js';
import { type MemoryNode, memoryImage } from '../../../../../images/image/memory.js';
import { inShort } from '../../../../support/fixer-tester.js';

type Files = Readonly<Record<string, MemoryNode>>;

const unit = '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n';
const lib = '/usr/lib/systemd/system';
const wants = '/etc/systemd/system/multi-user.target.wants';
const guest: Files = {
  [`${lib}/a.service`]: unit,
  [`${lib}/b.service`]: unit,
  [`${wants}/b.service`]: { link: `${lib}/b.service` },
  [`${lib}/m.service`]: unit,
  '/etc/systemd/system/m.service': { link: '/dev/null' },
  [`${lib}/t@.service`]: unit,
};

async function shortOf(files: Files, mode: 'full' | 'enable-only', version?: number): Promise<string[]> {
  const image = memoryImage({ ...guest, ...files });
  return inShort(await presetAll(image, await readPresets(image, version), mode)).filter(
    (line) => !line.startsWith('directory'),
  );
}

// The expectations are what `systemctl --root=… preset-all` does: test/e2e/systemd-presets.e2e.ts.
describe('guest/init/systemd: presets', () => {
  const etc = '/etc/systemd/system-preset';
  const vendor = '/usr/lib/systemd/system-preset';

  it('enables what no preset names', async () => {
    assert.deepEqual(await shortOf({}, 'enable-only'), [`link ${wants}/a.service -> ${lib}/a.service`]);
    assert.deepEqual(await shortOf({}, 'full'), [`link ${wants}/a.service -> ${lib}/a.service`]);
  });

  it('disables only in full', async () => {
    const files = { [`${vendor}/99.preset`]: 'disable *\n' };
    assert.deepEqual(await shortOf(files, 'enable-only'), []);
    assert.deepEqual(await shortOf(files, 'full'), [`remove ${wants}/b.service`, `remove ${wants}`]);
  });

  it('goes by the names of the files, and of one name by the directory', async () => {
    const files = {
      [`${vendor}/50.preset`]: 'disable a.service\n',
      [`${etc}/60.preset`]: 'enable a.service\n',
    };
    assert.deepEqual(await shortOf(files, 'enable-only'), []);
    assert.deepEqual(await shortOf({ ...files, [`${etc}/50.preset`]: '' }, 'enable-only'), [
      `link ${wants}/a.service -> ${lib}/a.service`,
    ]);
    assert.deepEqual(
      await shortOf({ ...files, [`${etc}/50.preset`]: { link: '/dev/null' } }, 'enable-only'),
      [`link ${wants}/a.service -> ${lib}/a.service`],
    );
  });

  it('enables instances, and leaves alone what it is told to ignore', async () => {
    const files = { [`${vendor}/50.preset`]: 'enable t@.service x y\nignore *\n' };
    assert.deepEqual(await shortOf(files, 'full'), [
      `link ${wants}/t@x.service -> ${lib}/t@.service`,
      `link ${wants}/t@y.service -> ${lib}/t@.service`,
    ]);
    assert.equal((await shortOf(files, 'full', 252)).length, 3, 'systemd 252 knows no ignore');
  });

  it('changes nothing where no link can be made', async () => {
    for (const path of ['/etc/systemd/system', wants]) {
      const image = memoryImage({ [`${lib}/a.service`]: unit, [path]: '' });
      assert.deepEqual(await presetAll(image, [], 'full'), []);
    }
  });

  it('takes the rule of an instance', () => {
    const path = '/x' as const;
    const rules = [{ action: 'enable', pattern: 't@.service', instances: ['x'], line: 1, path }] as const;
    assert.equal(ruleFor('t@x.service', rules)?.line, 1);
    assert.equal(ruleFor('t@y.service', rules), undefined);
    assert.equal(
      ruleFor('a\\b.service', [{ action: 'disable', pattern: 'a\\b.*', instances: [], line: 2, path }])?.line,
      2,
    );
  });
});
