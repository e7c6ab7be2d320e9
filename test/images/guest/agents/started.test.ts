import assert from 'node:assert/strict';
import type { Agent } from '../../../../images/guest/agents/agent.js';
import { agents } from '../../../../images/guest/agents/agents.js';
import { installedAgents } from '../../../../images/guest/agents/agent-services.js';
import { parseArguments } from '../../../../images/guest/agents/arguments.js';
import { invocationOf } from '../../../../images/guest/agents/started.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { gather } from '../../../support/declared-inputs.js';
import { zipOf } from '../../../support/zip.js';

type Files = Readonly<Record<string, MemoryNode>>;

const elf: MemoryNode = { content: '\x7fELF…', mode: 0o755 };
const script = (content: string): MemoryNode => ({ content, mode: 0o755 });
const unit = '/usr/lib/systemd/system/nova-agent.service';
const starts = (line: string, more = ''): Files => ({ [unit]: `[Service]\nExecStart=${line}\n${more}` });

const guest: Files = {
  '/etc/debian_version': '12.5\n',
  '/sbin/init': { link: '/usr/lib/systemd/systemd' },
  '/usr/lib/systemd/systemd': elf,
  '/usr/lib/systemd/system/multi-user.target': '[Unit]\n',
  '/usr/lib/systemd/system/default.target': { link: 'multi-user.target' },
  '/etc/systemd/system/multi-user.target.wants/nova-agent.service': { link: unit },
  '/bin/sh': elf,
  '/usr/bin/env': elf,
  '/usr/bin/python3': { link: 'python3.11' },
  '/usr/bin/python3.11': elf,
  '/usr/lib/python3.11/encodings/__init__.py': '',
  '/usr/lib/python3/dist-packages/cryptography/__init__.py': '',
};

const pyz: MemoryNode = {
  content: zipOf(
    {
      '__main__.py': '',
      'novaagent/__init__.py': "__version__ = '2.1.25'\n",
      'pyxs/__init__.py': '',
      'yaml/__init__.py': '',
      'distro.py': '',
    },
    { prefix: '#!/usr/bin/env python3\n' },
  ),
  mode: 0o755,
};

const find = (files: Files): Promise<readonly Agent[]> => gather(agents, memoryImage({ ...guest, ...files }));

async function missing(files: Files): Promise<readonly string[]> {
  const [agent, ...more] = await find(files);
  assert.ok(agent);
  assert.deepEqual(more, []);
  return agent.requirements.filter(({ found }) => !found).map(({ what }) => what);
}

const packaged: Files = { ...starts('/usr/bin/nova-agent'), '/usr/bin/nova-agent': pyz };

describe('an agent where its unit says', () => {
  it('is found in /opt, with its version and its service', async () => {
    const files = {
      ...guest,
      ...starts('/opt/nova-agent/bin/nova-agent'),
      '/opt/nova-agent/bin/nova-agent': pyz,
    };
    const [agent, ...more] = await gather(installedAgents, memoryImage(files));
    assert.deepEqual(more, []);
    assert.equal(agent?.program, '/opt/nova-agent/bin/nova-agent');
    assert.equal(agent.version, '2.1.25');
    assert.deepEqual(
      agent.services.map(({ id, state }) => [id, state]),
      [['nova-agent.service', 'enabled']],
    );
    assert.deepEqual(
      agent.requirements.filter(({ found }) => !found),
      [],
    );
  });

  it('is found behind a unit of another name', async () => {
    const files = {
      ...guest,
      '/usr/bin/nova-agent': pyz,
      '/etc/systemd/system/agent-start.service': '[Service]\nExecStart=/usr/bin/nova-agent --no-fork True\n',
      '/etc/systemd/system/multi-user.target.wants/agent-start.service': {
        link: '/etc/systemd/system/agent-start.service',
      },
    };
    const [agent] = await gather(installedAgents, memoryImage(files));
    assert.deepEqual(
      agent?.services.map(({ id }) => id),
      ['agent-start.service'],
    );
  });

  for (const [name, program] of [
    ['a frozen binary', elf],
    ['a wrapper that says nothing of it', script('#!/bin/sh\nexec "$AGENT" "$@"\n')],
  ] as const)
    it(`is ${name}, of unknown version`, async () => {
      const [agent] = await find({ ...starts('/usr/bin/nova-agent'), '/usr/bin/nova-agent': program });
      assert.deepEqual([agent?.form, agent?.version], ['program', undefined]);
      assert.deepEqual(
        await missing({ ...starts('/usr/bin/nova-agent'), '/usr/bin/nova-agent': program }),
        [],
      );
    });

  it('is what a wrapper runs', async () => {
    const [agent] = await find({
      ...starts('/usr/local/sbin/start-agent'),
      '/usr/local/sbin/start-agent': script('#!/bin/sh\nexec /opt/agent/nova-agent --no-fork True\n'),
      '/opt/agent/nova-agent': pyz,
    });
    assert.deepEqual([agent?.program, agent?.version], ['/opt/agent/nova-agent', '2.1.25']);
  });

  it('is none where nothing starts a program of its name', async () => {
    assert.deepEqual(await find({ '/usr/bin/nova-agent': script('#!/bin/sh\necho hello\n') }), []);
    assert.deepEqual(await find(starts('/opt/gone/nova-agent')), []);
  });
});

// Tried with Python 3.11 and systemd 252: none of these needs a program, nor a file that may be executed.
describe('an agent that the unit has Python run', () => {
  const modules = (folder: string): Files => ({
    [`${folder}/novaagent/__init__.py`]: "__version__ = '2.1.25'\n",
    [`${folder}/novaagent/novaagent.py`]: 'import yaml\nfrom pyxs.client import Client\n',
    ...Object.fromEntries(['pyxs', 'yaml', 'distro'].map((name) => [`${folder}/${name}/__init__.py`, ''])),
  });
  const at = '/opt/nova-agent';
  const main = { [`${at}/__main__.py`]: 'from novaagent.novaagent import main\nmain()\n' };
  const libraries = '/usr/lib/python3/dist-packages';

  for (const [how, files, program] of [
    ['a folder', { ...modules(at), ...main, ...starts(`/usr/bin/python3 ${at}`) }, `${at}/__main__.py`],
    [
      'a module of its packages',
      { ...modules(libraries), ...starts('/usr/bin/python3 -u -m novaagent.novaagent -l info') },
      `${libraries}/novaagent/novaagent.py`,
    ],
    [
      'a module in the working folder',
      { ...modules(at), ...starts('python3 -mnovaagent.novaagent', `WorkingDirectory=${at}\n`) },
      `${at}/novaagent/novaagent.py`,
    ],
    [
      'a module by PYTHONPATH',
      { ...modules(at), ...starts('python3 -Bm novaagent.novaagent', `Environment=PYTHONPATH=${at}\n`) },
      `${at}/novaagent/novaagent.py`,
    ],
    [
      'some lines',
      {
        ...modules(libraries),
        ...starts(`/usr/bin/python3 -c "from novaagent.novaagent import main; main()"`),
      },
      `${libraries}/novaagent/novaagent.py`,
    ],
    [
      'a file that may not be executed',
      { '/opt/nova-agent': { ...pyz, mode: 0o644 }, ...starts('/usr/bin/python3 -W ignore /opt/nova-agent') },
      at,
    ],
  ] as const)
    it(`as ${how}`, async () => {
      const [agent, ...more] = await find(files);
      assert.deepEqual([agent?.program, agent?.version, more], [program, '2.1.25', []]);
      assert.deepEqual(await missing(files as Files), []);
    });

  it('lacks what its modules import', async () => {
    const files = { ...modules(at), ...main, ...starts(`/usr/bin/python3 ${at}`) };
    const gone = Object.fromEntries(
      Object.entries(files).filter(([path]) => path !== `${at}/pyxs/__init__.py`),
    );
    assert.deepEqual(await missing(gone), ['module pyxs']);
    const headless = Object.fromEntries(Object.entries(files).filter(([path]) => !(path in main)));
    assert.deepEqual(await missing(headless), [`${at}/__main__.py as a file`]);
  });

  it('is none where the modules are nowhere', async () => {
    assert.deepEqual(await find(starts('/usr/bin/python3 -m novaagent.novaagent')), []);
    assert.deepEqual(
      await find({
        ...modules(at),
        ...starts('/usr/bin/python3 -m http.server', `WorkingDirectory=${at}\n`),
      }),
      [],
    );
  });
});

describe('a virtual environment', () => {
  const at = '/opt/agent';
  const venv: Files = {
    ...starts(`${at}/bin/nova-agent`),
    [`${at}/pyvenv.cfg`]: 'home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n',
    [`${at}/bin/python`]: { link: '/usr/bin/python3' },
    [`${at}/bin/nova-agent`]: script(`#!${at}/bin/python\nfrom novaagent.novaagent import main\nmain()\n`),
    [`${at}/lib/python3.11/site-packages/novaagent/common/password.py`]:
      'from cryptography.hazmat.backends.openssl.backend import backend\n',
    ...Object.fromEntries(
      ['novaagent', 'pyxs', 'yaml', 'distro', 'cryptography'].map((name) => [
        `${at}/lib/python3.11/site-packages/${name}/__init__.py`,
        '',
      ]),
    ),
  };

  it('has modules of its own', async () => {
    assert.deepEqual(await missing(venv), []);
  });

  it('does not see those of the system', async () => {
    const own = `${at}/lib/python3.11/site-packages/cryptography/__init__.py`;
    const files = Object.fromEntries(Object.entries(venv).filter(([path]) => path !== own));
    assert.deepEqual(await missing(files), ['module cryptography']);
    assert.deepEqual(
      await missing({
        ...files,
        [`${at}/pyvenv.cfg`]: 'home = /usr/bin\ninclude-system-site-packages = true\n',
      }),
      [],
    );
  });

  it('is broken when the Python that it was made of is gone, or another version', async () => {
    assert.deepEqual(
      (await missing({ ...venv, [`${at}/bin/python`]: { link: '/usr/bin/python3.9' } }))[0],
      `${at}/bin/python`,
    );
    assert.ok(
      (
        await missing({ ...venv, '/usr/bin/python3': { link: 'python3.13' }, '/usr/bin/python3.13': elf })
      ).includes('module cryptography'),
    );
  });
});

describe('the Python that the first line finds', () => {
  it('is that of /usr/local/bin, which lacks the modules of the system', async () => {
    const local = {
      ...packaged,
      '/usr/local/bin/python3': { link: 'python3.12' },
      '/usr/local/bin/python3.12': elf,
    };
    assert.deepEqual(await missing(local), ['module cryptography for /usr/local/bin/python3']);
    assert.deepEqual(
      await missing({ ...local, '/usr/local/lib/python3.12/site-packages/cryptography/__init__.py': '' }),
      [],
    );
    // Debian's dist-packages below /usr/local are for Debian's own Python.
    assert.deepEqual(
      await missing({ ...local, '/usr/local/lib/python3.12/dist-packages/cryptography/__init__.py': '' }),
      ['module cryptography for /usr/local/bin/python3'],
    );
    assert.deepEqual(
      await missing({ ...packaged, '/usr/local/bin/python3': { link: '/usr/bin/python3' } }),
      [],
    );
    assert.deepEqual(
      await missing({
        ...packaged,
        '/usr/local/bin/python3': script('#!/bin/sh\nexec /usr/bin/python3 "$@"\n'),
      }),
      [],
    );
    // systemd.exec(5): the unit's PATH decides.
    assert.deepEqual(
      await missing({ ...local, ...starts('/usr/bin/nova-agent', 'Environment=PATH=/usr/bin:/bin\n') }),
      [],
    );
  });

  it('is looked for by the unit’s PATH', async () => {
    assert.deepEqual(
      await missing({ ...packaged, ...starts('/usr/bin/nova-agent', 'Environment=PATH=/opt/bin\n') }),
      ['python3'],
    );
  });

  // Tried: PYTHONHOME=/nope ends Python 3.11 with "No module named 'encodings'"; PYTHONPATH=/nope does nothing.
  it('has its library, unless PYTHONHOME leads elsewhere', async () => {
    const home = (value: string): Files => starts('/usr/bin/nova-agent', `Environment=PYTHONHOME=${value}\n`);
    assert.deepEqual(await missing({ ...packaged, ...home('/nope') }), [
      'the library of Python below /nope (PYTHONHOME)',
    ]);
    assert.deepEqual(await missing({ ...packaged, ...home('/usr') }), []);
    assert.deepEqual(
      await missing({ ...packaged, ...starts('/usr/bin/nova-agent', 'Environment=PYTHONPATH=/nope\n') }),
      [],
    );
  });

  // python(1): -E takes no variable of Python's own, -S adds no folders of packages.
  it('goes by the options of its command', async () => {
    const by = (options: string, more = ''): Files =>
      starts(`/usr/bin/python3 ${options} /usr/bin/nova-agent`, more);
    assert.deepEqual(await missing({ ...packaged, ...by('-E', 'Environment=PYTHONHOME=/nope\n') }), []);
    assert.deepEqual(await missing({ ...packaged, ...by('-u') }), []);
    assert.deepEqual(await missing({ ...packaged, ...by('-S') }), ['module cryptography']);
    const own = by('-S', 'Environment=PYTHONPATH=/usr/lib/python3/dist-packages\n');
    assert.deepEqual(await missing({ ...packaged, ...own }), []);
  });

  // Tried with env(1): execvp(3) goes on where the kernel says ENOENT, as it does of a script without its interpreter.
  it('is not one whose own interpreter is gone', async () => {
    const broken = { '/usr/local/sbin/python3': script('#!/opt/gone\n') };
    assert.deepEqual(await missing({ ...packaged, ...broken }), []);
  });

  // Tried: without /usr/lib/python3.11, Python 3.11 ends with "No module named 'encodings'".
  it('has a library somewhere below a usual prefix', async () => {
    const library = '/usr/lib/python3.11/encodings/__init__.py';
    const bare = Object.fromEntries(Object.entries(guest).filter(([path]) => path !== library));
    const real = { content: '\x7fELF'.padEnd(8192), mode: 0o755 };
    const of = async (files: Files): Promise<readonly string[]> => {
      const [agent] = await gather(agents, memoryImage({ ...bare, ...packaged, ...files }));
      return agent?.requirements.filter(({ found }) => !found).map(({ what }) => what) ?? [];
    };
    const compiled = { '/usr/bin/python3.11': real };
    assert.deepEqual(await of(compiled), ['the library of Python 3.11']);
    assert.deepEqual(await of({ ...compiled, '/usr/lib/python3.11/dist-packages/x.py': '' }), [
      'the library of Python 3.11',
    ]);
    assert.deepEqual(await of({ ...compiled, '/usr/lib/python3.9/encodings/__init__.py': '' }), [
      'the library of Python 3.11',
    ]);
    for (const place of [
      '/usr/lib64/python3.11/encodings/x.py',
      '/usr/local/lib/python3.11/encodings/x.py',
      '/usr/lib/python311.zip',
    ])
      assert.deepEqual(await of({ ...compiled, [place]: '' }), [], place);
    // What is no Python itself leads to one, whose library lies wherever it lies.
    assert.deepEqual(await of({}), []);
  });

  it('finds modules by PYTHONPATH as well', async () => {
    const files = {
      ...packaged,
      ...starts('/usr/bin/nova-agent', 'Environment=PYTHONPATH=/opt/modules\n'),
      '/usr/lib/python3/dist-packages/cryptography/__init__.py': { link: '/nope' },
    };
    assert.deepEqual(await missing(files), ['module cryptography']);
    assert.deepEqual(await missing({ ...files, '/opt/modules/cryptography/__init__.py': '' }), []);
  });

  for (const [line, expected] of [
    ['#!/usr/bin/env python3', []],
    ['#! /usr/bin/env  python3', []],
    ['#!/usr/bin/python3 -Es', []],
    ['#!/usr/bin/env -S python3 -u', []],
    // Of env(1) without -S the argument is one word.
    ['#!/usr/bin/env python3 -u', ['python3 -u']],
    ['#!/usr/bin/env python3\r', ['python3\\r']],
    ['#!/usr/bin/python3\r', ['/usr/bin/python3\\r']],
    ['#!/usr/local/bin/env python3', ['/usr/local/bin/env']],
    ['#!/usr/bin/python3.9', ['/usr/bin/python3.9', 'module cryptography']],
  ] as const)
    it(`of ${JSON.stringify(line)} lacks ${expected.join(', ') || 'nothing'}`, async () => {
      const found = await missing({
        ...packaged,
        '/usr/bin/nova-agent': {
          content: zipOf(
            {
              '__main__.py': '',
              'novaagent/__init__.py': '',
              'pyxs/__init__.py': '',
              'yaml/__init__.py': '',
              'distro.py': '',
            },
            { prefix: `${line}\n` },
          ),
          mode: 0o755,
        },
      });
      assert.deepEqual(
        found.filter(
          (what) => !expected.includes('module cryptography' as never) || what !== 'module cryptography',
        ),
        expected.filter((what) => what !== 'module cryptography'),
      );
    });
});

/** As the Debian packages 12 (cryptography 38) and 13 (43) have it. */
describe('what cryptography is compiled of', () => {
  const base = '/usr/lib/python3/dist-packages';
  const bindings = `${base}/cryptography/hazmat/bindings`;
  const cffi = `${base}/_cffi_backend.cpython-311-x86_64-linux-gnu.so`;
  const bookworm: Files = {
    ...packaged,
    [cffi]: elf,
    [`${bindings}/_openssl.abi3.so`]: elf,
    [`${bindings}/_rust.abi3.so`]: elf,
    [`${bindings}/_rust/__init__.pyi`]: '',
    [`${bindings}/openssl/binding.py`]: 'from cryptography.hazmat.bindings._openssl import ffi, lib\n',
  };
  const lacking = (path: string, files = bookworm): Promise<readonly string[]> =>
    missing(Object.fromEntries(Object.entries(files).filter(([name]) => name !== path)));

  it('is all there', async () => {
    assert.deepEqual(await missing(bookworm), []);
  });

  it('is needed, part by part', async () => {
    assert.deepEqual(await lacking(cffi), ['module _cffi_backend for Python 3.11 (cffi)']);
    assert.deepEqual(await lacking(`${bindings}/_openssl.abi3.so`), [
      'module cryptography.hazmat.bindings._openssl for Python 3.11',
    ]);
    assert.deepEqual(await lacking(`${bindings}/_rust.abi3.so`), [
      'module cryptography.hazmat.bindings._rust for Python 3.11',
    ]);
  });

  it('has only _rust since 40', async () => {
    const trixie: Files = {
      ...packaged,
      [cffi]: elf,
      [`${bindings}/_rust.abi3.so`]: elf,
      [`${bindings}/openssl/binding.py`]:
        'from cryptography.hazmat.bindings._rust import _openssl, openssl\n',
    };
    assert.deepEqual(await missing(trixie), []);
    assert.deepEqual(await lacking(`${bindings}/_rust.abi3.so`, trixie), [
      'module cryptography.hazmat.bindings._rust for Python 3.11',
    ]);
  });

  it('is compiled for one version of Python, unless it has the stable interface', async () => {
    const other = { ...bookworm, [`${base}/_cffi_backend.cpython-39-x86_64-linux-gnu.so`]: elf };
    assert.deepEqual(await lacking(cffi, other), ['module _cffi_backend for Python 3.11 (cffi)']);
  });
});

describe('parseArguments', () => {
  // Each was given to the parser of 2.1.25 (create_parser() in novaagent/novaagent.py) under Python 3.11.
  for (const [words, refused, forks, log] of [
    ['--no-fork True -o /var/log/nova-agent.log -l info', false, false, '/var/log/nova-agent.log'],
    ['--no-fork=True -o /var/log/nova-agent.log', false, false, '/var/log/nova-agent.log'],
    ['--no-f True', false, false, undefined],
    ['-o/var/log/x -linfo', false, true, '/var/log/x'],
    ['-o -', false, true, undefined],
    ['', false, true, undefined],
    ['--no-fork -o /var/log/x', true, true, undefined],
    ['--no-fork', true, true, undefined],
    ['-l INFO', true, true, undefined],
    ['-l trace', true, true, undefined],
    ['--daemon', true, true, undefined],
    ['start', true, true, undefined],
    ['-v', true, true, undefined],
    ['--version', true, true, undefined],
    ['-h', true, true, undefined],
  ] as const)
    it(`of "${words}" is ${refused ? 'refused' : 'taken'}`, () => {
      const got = parseArguments(words.split(' ').filter(Boolean), '2.1.25');
      assert.deepEqual([got.refused !== undefined, got.forks, got.log], [refused, forks, log]);
    });
});

describe('invocationOf', () => {
  for (const [words, program, python] of [
    [['/usr/bin/nova-agent', '-l', 'info'], '/usr/bin/nova-agent', undefined],
    [['/usr/bin/env', 'X=1', '/usr/bin/nova-agent'], '/usr/bin/nova-agent', undefined],
    [['/usr/bin/python3', '-u', '/opt/a/nova-agent'], '/opt/a/nova-agent', '/usr/bin/python3'],
    [['/opt/a/bin/python', '-m', 'novaagent.novaagent'], 'novaagent.novaagent', '/opt/a/bin/python'],
    [['/bin/sh', '-c', 'exec /usr/bin/nova-agent -l info'], '/usr/bin/nova-agent', undefined],
    [['/bin/bash', '/usr/local/bin/run'], '/usr/local/bin/run', undefined],
  ] as const)
    it(words.join(' '), () => {
      const got = invocationOf(words);
      assert.deepEqual([got.program, got.python], [program, python]);
    });
});
