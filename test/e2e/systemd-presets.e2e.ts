import assert from 'node:assert/strict';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { $ } from 'zx';
import { type PresetMode, presetAll, readPresets } from '../../images/guest/init/systemd/presets.js';
import { openDirectory } from '../../images/image/directory.js';
import type { MemoryNode } from '../../images/image/memory.js';
import { Workspace, carryOut, install, requireTools, treeOf } from './systemd-root.js';

const workspace = new Workspace();
const lib = '/usr/lib/systemd/system';
const etc = '/etc/systemd/system';
const unit = (...lines: string[]): string =>
  `[Unit]\nDescription=test\n[Service]\nExecStart=/bin/true\n[Install]\n${lines.join('\n')}\n`;

/** Units made for a corner each, beside those that Debian brings. */
const synthetic: Readonly<Record<string, MemoryNode>> = {
  [`${lib}/t-plain.service`]: unit('WantedBy=multi-user.target'),
  [`${lib}/t-alias.service`]: unit('WantedBy=multi-user.target', 'Alias=t-other.service'),
  [`${lib}/t-also.service`]: unit('WantedBy=multi-user.target', 'Also=t-also.socket t-plain.service'),
  [`${lib}/t-also.socket`]: '[Socket]\nListenStream=/run/t\n[Install]\nWantedBy=sockets.target\n',
  [`${lib}/t-tmpl@.service`]: unit('WantedBy=multi-user.target'),
  [`${lib}/t-inst@.service`]: unit('WantedBy=multi-user.target', 'DefaultInstance=one'),
  [`${etc}/multi-user.target.wants/t-tmpl@x.service`]: { link: `${lib}/t-tmpl@.service` },
  [`${lib}/t-static.service`]: '[Service]\nExecStart=/bin/true\n',
  [`${etc}/multi-user.target.wants/t-static.service`]: { link: `${lib}/t-static.service` },
  [`${lib}/t-enabled.service`]: unit('WantedBy=multi-user.target'),
  [`${etc}/multi-user.target.wants/t-enabled.service`]: { link: `${lib}/t-enabled.service` },
  [`${lib}/t-masked.service`]: unit('WantedBy=multi-user.target'),
  [`${etc}/t-masked.service`]: { link: '/dev/null' },
  [`${etc}/t-local.service`]: unit('WantedBy=multi-user.target'),
  '/usr/share/t/t-linked.service': unit('WantedBy=multi-user.target'),
  [`${etc}/t-linked.service`]: { link: '/usr/share/t/t-linked.service' },
  [`${lib}/t-named.service`]: unit('WantedBy=multi-user.target', 'Alias=t-byname.service'),
  [`${etc}/t-byname.service`]: { link: `${lib}/t-named.service` },
};

/** Not `enable` alone: systemctl 252 ends with a segmentation fault. */
const pattern = fc.constantFrom(
  '*',
  't-*',
  't-plain.service',
  't-alias.service',
  't-other.service',
  't-also.*',
  't-also.socket',
  't-tmpl@.service',
  't-tmpl@x.service',
  't-tmpl@.service a b',
  't-inst@.service',
  't-inst@.service two',
  't-[a-l]*.service',
  't-?????.service',
  't-enabled.service',
  't-static.service',
  't-linked.service',
  't-masked.service',
  '*.socket',
  '*.service',
  'systemd-networkd.service',
  'ssh.service',
  't-plain.service x',
);
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('enable', 'disable', '  enable', 'disable\t'), pattern)
    .map((words) => words.join(' ')),
  fc.constantFrom('# enable *', '; disable *', '', 'nonsense', 'ignore *', 'enabled *'),
);
const directory = fc.constantFrom('/etc/systemd/system-preset', '/usr/lib/systemd/system-preset');
const file = fc.record({
  directory,
  name: fc.constantFrom('10-a.preset', '50-b.preset', '90-systemd.preset', '99-z.preset', 'a.conf'),
  lines: fc.array(line, { maxLength: 6 }),
});

describe('presets, against systemctl --root preset-all', function () {
  this.timeout(600_000);
  let ours: string;
  let theirs: string;
  let version: number;
  before(async () => {
    await requireTools('systemctl');
    version = Number(/^systemd (\d+)/.exec((await $`systemctl --version`.quiet()).stdout)?.[1]);
    ours = await workspace.skeleton('ours');
    theirs = await workspace.skeleton('theirs');
    for (const root of [ours, theirs]) {
      // Init scripts of the same name make systemctl run update-rc.d, which is no business of units.
      await rm(join(root, 'etc/init.d'), { recursive: true, force: true });
      await install(root, synthetic);
      await cp(join(root, 'etc/systemd'), join(root, 'kept'), { recursive: true, verbatimSymlinks: true });
    }
  });
  after(() => workspace.close());

  /**
   * Of several units that want one alias the first in the folder has it, and a folder has no order. Which of two names of
   * the same folder a link has, /lib or /usr/lib, hangs on that as well.
   */
  async function linksOf(root: string): Promise<Record<string, string>> {
    const found = Object.entries(await treeOf(join(root, etc)));
    const tree = Object.fromEntries(
      found.map(([path, what]) => [path, what.replace(/^-> \/lib\//, '-> /usr/lib/')]),
    );
    return 'ctrl-alt-del.target' in tree ? { ...tree, 'ctrl-alt-del.target': 'whose ever' } : tree;
  }

  async function compare(
    files: readonly { directory: string; name: string; lines: readonly string[] }[],
    mode: PresetMode,
  ): Promise<void> {
    for (const root of [ours, theirs]) {
      await rm(join(root, 'etc/systemd'), { recursive: true });
      await cp(join(root, 'kept'), join(root, 'etc/systemd'), { recursive: true, verbatimSymlinks: true });
      await rm(join(root, 'usr/lib/systemd/system-preset'), { recursive: true, force: true });
      for (const { directory: folder, name, lines } of files) {
        await mkdir(join(root, folder), { recursive: true });
        await writeFile(join(root, folder, name), `${lines.join('\n')}\n`);
      }
    }
    await $({ nothrow: true, quiet: true })`systemctl --root=${theirs} preset-all --preset-mode=${mode}`;
    const image = openDirectory(ours);
    await carryOut(ours, await presetAll(image, await readPresets(image, version), mode));
    assert.deepEqual(await linksOf(ours), await linksOf(theirs));
  }

  for (const mode of ['enable-only', 'full'] as const) {
    it(`makes and removes the same links without any preset: ${mode}`, () => compare([], mode));

    it(`makes and removes the same links with "disable *": ${mode}`, () =>
      compare(
        [
          {
            directory: '/usr/lib/systemd/system-preset',
            name: '99-default-disable.preset',
            lines: ['disable *'],
          },
        ],
        mode,
      ));

    it(`makes and removes the same links with random presets: ${mode}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), (files) => compare(files, mode)),
        { numRuns: 40, endOnFailure: true },
      );
    });
  }
});
