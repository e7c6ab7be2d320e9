import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { $ } from 'zx';
import { wordsOfCommandLine } from '../../images/formats/kernel-cmdline.js';
import { setDefault } from '../../images/guest/init/systemd/goal.js';
import { bootOf } from '../../images/guest/init/systemd/boot.js';
import { readKernelWords } from '../../images/guest/init/systemd/kernel-words.js';
import { openDirectory } from '../../images/image/directory.js';
import { Workspace, carryOut, install, requireTools, treeOf } from './systemd-root.js';

const generator = '/usr/lib/systemd/system-generators/systemd-debug-generator';
const workspace = new Workspace();

/** What systemd-debug-generator(8) makes of a command line: "mask UNIT", "TARGET wants UNIT". */
async function real(line: string, scratch: string): Promise<string[]> {
  const [normal, early, late] = ['normal', 'early', 'late'].map((name) => join(scratch, name));
  assert.ok(normal && early && late);
  for (const folder of [normal, early, late]) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  }
  // A host may hold systemd's options in a variable of its firmware.
  const env = { ...process.env, SYSTEMD_PROC_CMDLINE: line, SYSTEMD_EFI_OPTIONS: '' };
  await $({ env, quiet: true })`${generator} ${normal} ${early} ${late}`;
  const found: string[] = [];
  for (const name of await readdir(early)) {
    const path = join(early, name);
    if (name.endsWith('.wants'))
      for (const unit of await readdir(path)) found.push(`${name.slice(0, -'.wants'.length)} wants ${unit}`);
    else if ((await readlink(path)) === '/dev/null') found.push(`mask ${name}`);
  }
  return found.sort();
}

function ours(line: string): string[] {
  const words = wordsOfCommandLine(line).map((text) => ({
    text,
    evidence: { path: '/x', line: 1 } as const,
  }));
  const { goal, masks, wants } = readKernelWords(words);
  return [
    ...[...masks.keys()].map((name) => `mask ${name}`),
    ...[...wants.keys()].map((name) => `${goal?.unit ?? 'default.target'} wants ${name}`),
  ].sort();
}

describe('words of the kernel, against systemd', function () {
  this.timeout(300_000);
  let scratch: string;
  before(async () => {
    await requireTools('systemctl');
    scratch = await mkdtemp(join(tmpdir(), 'hallmark-e2e-'));
  });
  after(async () => {
    await workspace.close();
    await rm(scratch, { recursive: true, force: true });
  });

  it('mean what systemd-debug-generator makes of them', async () => {
    const word = fc.constantFrom(
      'ro',
      'quiet',
      '--',
      'single',
      'rescue',
      'emergency',
      '-b',
      '-s',
      's',
      'S',
      '0',
      '1',
      '2',
      '3',
      '5',
      '6',
      'rd.systemd.unit=rescue.target',
      'rd.rescue',
      'systemd.unit=a.target',
      '"systemd.unit=b.target"',
      "systemd.unit='c.target'",
      'systemd.unit',
      'single=1',
      'systemd.mask=a',
      'systemd.mask=b.service',
      'systemd.mask="c.timer"',
      'systemd.mask',
      'systemd_mask=d',
      'rd.systemd.mask=e',
      'systemd.wants=f',
      'systemd.wants=g.socket',
      "'systemd.wants=h.service'",
      'systemd.wants=i@j.service',
      'systemd\\.mask=k',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 8 }),
        fc.constantFrom(' ', '  ', '\t'),
        async (words, blank) => {
          const line = ['systemd.wants=always', ...words].join(blank);
          // Twice the same link is an error to the generator, and no other boot.
          fc.pre(new Set(words).size === words.length);
          assert.deepEqual(ours(line), await real(line, scratch), line);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('sets the default target as systemctl does', async () => {
    const etc = 'etc/systemd/system';
    for (const target of [undefined, '/lib/systemd/system/rescue.target', '/dev/null', 'gone.target']) {
      const [mine, theirs] = [await workspace.skeleton('mine'), await workspace.skeleton('theirs')];
      for (const root of [mine, theirs])
        if (target !== undefined) await install(root, { [`/${etc}/default.target`]: { link: target } });
      await $({ quiet: true })`systemctl --root=${theirs} set-default multi-user.target`;
      await carryOut(mine, await setDefault(await bootOf(openDirectory(mine))));
      assert.deepEqual(await treeOf(join(mine, etc)), await treeOf(join(theirs, etc)), target);
      assert.equal(
        (await $({ quiet: true })`systemctl --root=${mine} get-default`).stdout.trim(),
        'multi-user.target',
      );
    }
  });
});
