import assert from 'node:assert/strict';
import { programInputs, programObstacles } from '../../../../images/guest/cloud-init/program.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { assertDeclared } from '../../../support/declared.js';

type Files = Record<string, MemoryNode>;

const program = '/usr/bin/cloud-init';
const packages = '/usr/lib/python3/dist-packages';
const elf: MemoryNode = { content: 'ELF', mode: 0o755 };
const script = (first: string): MemoryNode => ({ content: `${first}\nimport sys\n`, mode: 0o755 });
const modules = (...names: string[]): Files =>
  Object.fromEntries(names.map((name) => [`${packages}/${name}/__init__.py`, '']));

/** As Debian 12 has it: what its sources import, indented or not. */
const debian: Files = {
  [program]: script('#!/usr/bin/python3'),
  '/usr/bin/env': elf,
  '/usr/bin/python3': { link: 'python3.11' },
  '/usr/bin/python3.11': elf,
  ...modules('cloudinit', 'yaml', 'requests', 'configobj'),
  [`${packages}/jsonpatch.py`]: '',
  [`${packages}/jsonpointer.py`]: '',
  [`${packages}/cloudinit/safeyaml.py`]: 'import yaml\n',
  [`${packages}/cloudinit/url_helper.py`]: 'import requests\nfrom requests import exceptions\n',
  [`${packages}/cloudinit/templater.py`]:
    'try:\n    from jinja2 import Template\nexcept ImportError:\n    pass\n',
  [`${packages}/cloudinit/handlers/cloud_config.py`]: 'import jsonpatch\n',
  [`${packages}/cloudinit/distros/parsers/sys_conf.py`]: 'import configobj\n',
};

async function obstacles(files: Files, without: readonly string[] = [], named = program): Promise<string[]> {
  const all: Files = { ...debian, ...files };
  const image = memoryImage(
    Object.fromEntries(
      Object.entries(all).filter(([path]) => !without.some((gone) => path.startsWith(gone))),
    ),
  );
  const unit = { path: '/lib/systemd/system/cloud-init.service', line: 9 } as const;
  await assertDeclared(programInputs, image, (watched) => programObstacles(watched, named, unit));
  const found = await programObstacles(image, named, unit);
  assert.ok(found.every(({ certain }) => certain));
  return found.map(({ evidence: { path, line }, because }) => `${path}:${line ?? ''} ${because}`);
}

describe('guest/cloud-init: its program', () => {
  const works: [string, Files, string[]][] = [
    ['as Debian has it', {}, []],
    ['by way of env', { [program]: script('#!/usr/bin/env python3') }, []],
    ['with a space behind #!', { [program]: script('#! /usr/bin/python3') }, []],
    ['as a program of another kind', { [program]: elf }, [`${packages}/cloudinit`]],
    ['without jinja2, which this release can do without', {}, []],
    [
      'in a virtual environment',
      {
        [program]: script('#!/opt/ci/bin/python'),
        '/opt/ci/pyvenv.cfg': 'home = /usr/bin\ninclude-system-site-packages = false\n',
        '/opt/ci/bin/python': { link: '/usr/bin/python3' },
        '/opt/ci/lib/python3.11/site-packages/cloudinit/__init__.py': '',
      },
      [packages],
    ],
  ];
  for (const [name, files, without] of works) {
    it(`works ${name}`, async () => {
      assert.deepEqual(await obstacles(files, without), []);
    });
  }

  const fails: [string, Files, string[], RegExp][] = [
    ['that is gone', {}, [program], /service:9 .*start \/usr\/bin\/cloud-init, which is not in the image$/],
    [
      'that pip put elsewhere',
      { '/usr/local/bin/cloud-init': script('#!/usr/bin/python3') },
      [program],
      /not in the image; the program is \/usr\/local\/bin\/cloud-init$/,
    ],
    [
      'that is not executable',
      { [program]: '#!/usr/bin/python3\n' },
      [],
      /bin\/cloud-init is not executable/,
    ],
    ['that is empty', { [program]: { content: '', mode: 0o755 } }, [], /it is empty/],
    ['that is a directory', { [program]: { type: 'directory', mode: 0o755 } }, [], /is not a file/],
    [
      'of a Python that is gone',
      {},
      ['/usr/bin/python3'],
      /service:9 the first line .* names \/usr\/bin\/python3,/,
    ],
    [
      'of a Python that env does not find',
      { [program]: script('#!/usr/bin/env python3.9') },
      [],
      /names python3\.9,/,
    ],
    ['saved under Windows', { [program]: script('#!/usr/bin/python3\r') }, [], /with a carriage return/],
    [
      'of another Python than its modules',
      {
        [program]: script('#!/usr/local/bin/python3.9'),
        '/usr/local/bin/python3.9': elf,
        '/usr/lib/python3.11/site-packages/cloudinit/__init__.py': '',
      },
      [packages],
      /Python 3\.9, which has no module cloudinit; it is in \/usr\/lib\/python3\.11/,
    ],
    ['without its modules', {}, [`${packages}/cloudinit`], /which has no module cloudinit$/],
    ['without yaml', {}, [`${packages}/yaml`], /safeyaml\.py: .*imports the module yaml, which Python 3\.11/],
    ['without what jsonpatch needs', {}, [`${packages}/jsonpointer`], /the module jsonpointer/],
    [
      'without jinja2, which this release imports always',
      { [`${packages}/cloudinit/templater.py`]: 'from jinja2 import TemplateSyntaxError\n' },
      [],
      /the module jinja2/,
    ],
  ];
  for (const [name, files, without, expected] of fails) {
    it(`does not work: ${name}`, async () => {
      assert.match((await obstacles(files, without)).join('\n'), expected);
    });
  }

  it('leaves a path that only the unit knows to the unit', async () => {
    assert.deepEqual(await obstacles({}, [], '${CLOUD}/cloud-init'), []);
  });
});
