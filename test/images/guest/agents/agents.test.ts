import assert from 'node:assert/strict';
import { agents } from '../../../../images/guest/agents/agents.js';
import type { Agent } from '../../../../images/guest/agents/agent.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { gather } from '../../../support/declared-inputs.js';
import { zipOf } from '../../../support/zip.js';

type Files = Readonly<Record<string, MemoryNode>>;

const elf: MemoryNode = { content: '\x7fELF…', mode: 0o755 };
const dpkg = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n\n`;

const debian: Files = { '/etc/debian_version': '12.5\n' };
const python: Files = {
  '/usr/bin/env': elf,
  '/usr/bin/python3': { link: 'python3.11' },
  '/usr/bin/python3.11': elf,
  '/usr/lib/python3/dist-packages/cryptography/__init__.py': '',
};

const sources = {
  '__main__.py': 'from novaagent.novaagent import main\nmain()\n',
  'novaagent/__init__.py': "# agent\n__version__ = '2.1.25'\n",
  'novaagent/novaagent.py':
    'import yaml, os\nfrom pyxs.client import Client\ntry:\n    import netifaces\nexcept ImportError:\n    pass\n',
  'novaagent/common/password.py': 'from cryptography.hazmat.primitives import ciphers\n',
};
const bundle = { 'yaml/__init__.py': '', 'pyxs/__init__.py': '', 'distro.py': '' };
const pyz = (members: Record<string, string> = { ...sources, ...bundle }): MemoryNode => ({
  content: zipOf(members, { prefix: '#!/usr/bin/env python3\n' }),
  mode: 0o755,
});

/** 1.39.1 as its installer leaves it on a SysV system. */
const tree: Files = {
  '/etc/debian_version': '7.11\n',
  '/usr/sbin/nova-agent': { link: '/usr/share/nova-agent/1.39.1/sbin/nova-agent' },
  '/usr/share/nova-agent/1.39.1/sbin/nova-agent': elf,
  '/usr/share/nova-agent/1.39.1/lib/libxenstore.so': elf,
  '/usr/share/nova-agent/1.39.1/nova-agent.py': '',
  '/usr/share/nova-agent/nova-agent.py': { link: '1.39.1/nova-agent.py' },
  '/etc/init.d/nova-agent': { link: '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent' },
  '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent': {
    content:
      '#!/bin/sh\n# /usr/share/nova-agent/0.0.1.37/lib was it once\nreallibdir="/usr/share/nova-agent/1.39.1/lib"\nPYTHON=`which python`\n',
    mode: 0o755,
  },
  '/usr/bin/which': elf,
  '/usr/bin/python': elf,
};

const find = (files: Files): Promise<readonly Agent[]> => gather(agents, memoryImage(files));

async function only(files: Files): Promise<Agent> {
  const found = await find(files);
  assert.equal(found.length, 1);
  return found[0]!;
}

async function missing(files: Files): Promise<readonly string[]> {
  return (await only(files)).requirements.filter(({ found }) => !found).map(({ what }) => what);
}

const without = (files: Files, ...paths: readonly string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));

describe('installed agents', () => {
  it('are none in a guest without one', async () => {
    assert.deepEqual(await find(debian), []);
  });

  describe('as a zip application', () => {
    const installed: Files = { ...debian, ...python, '/usr/bin/nova-agent': pyz() };

    it('is recognised, with its version from its own source', async () => {
      const agent = await only(installed);
      assert.deepEqual(
        { ...agent, serviceNames: [], requirements: [] },
        {
          generation: 2,
          form: 'zipapp',
          version: '2.1.25',
          versionFrom: { path: '/usr/bin/nova-agent' },
          program: '/usr/bin/nova-agent',
          serviceNames: [],
          requirements: [],
          links: [],
        },
      );
      const whats = agent.requirements.map(({ what, found }) => `${found ? '' : 'no '}${what}`);
      assert.deepEqual(whats, [
        '/usr/bin/nova-agent',
        'python3',
        'module novaagent',
        'module cryptography',
        'module distro',
        'module pyxs',
        'module yaml',
      ]);
    });

    it('believes the package database rather than the source, which can lag behind', async () => {
      const old = pyz({ ...sources, ...bundle, 'novaagent/__init__.py': '__version__ = "2.1.22"\n' });
      const status = dpkg('python3-nova-agent', '1:2.1.23-1');
      const agent = await only({ ...installed, '/usr/bin/nova-agent': old, '/var/lib/dpkg/status': status });
      assert.equal(agent.version, '2.1.23');
      assert.deepEqual(agent.versionFrom, { path: '/var/lib/dpkg/status' });
    });

    it('does not take the version of a 1.x package for its own', async () => {
      const agent = await only({ ...installed, '/var/lib/dpkg/status': dpkg('nova-agent', '1.39.1') });
      assert.equal(agent.version, '2.1.25');
    });

    it('has no version when nothing says', async () => {
      const agent = await only({
        ...installed,
        '/usr/bin/nova-agent': pyz({ ...bundle, 'novaagent/__init__.py': '' }),
      });
      assert.deepEqual([agent.version, agent.versionFrom], [undefined, undefined]);
    });

    const faults: readonly (readonly [string, Files, readonly string[]])[] = [
      [
        'cryptography is missing',
        without(installed, '/usr/lib/python3/dist-packages/cryptography/__init__.py'),
        ['module cryptography'],
      ],
      [
        'cryptography left an empty folder behind',
        {
          ...without(installed, '/usr/lib/python3/dist-packages/cryptography/__init__.py'),
          '/usr/lib/python3/dist-packages/cryptography/__pycache__/utils.cpython-311.pyc': '',
        },
        ['module cryptography'],
      ],
      [
        'cryptography leads nowhere',
        {
          ...without(installed, '/usr/lib/python3/dist-packages/cryptography/__init__.py'),
          '/usr/lib/python3/dist-packages/cryptography': { link: '/gone' },
        },
        ['module cryptography'],
      ],
      [
        'cryptography is that of another Python',
        {
          ...without(installed, '/usr/lib/python3/dist-packages/cryptography/__init__.py'),
          '/usr/local/lib/python3.9/dist-packages/cryptography/__init__.py': '',
        },
        ['module cryptography'],
      ],
      [
        'cryptography is in the zip, where it cannot be imported from',
        {
          ...without(installed, '/usr/lib/python3/dist-packages/cryptography/__init__.py'),
          '/usr/bin/nova-agent': pyz({ ...sources, ...bundle, 'cryptography/__init__.py': '' }),
        },
        ['module cryptography'],
      ],
      [
        'a module is not bundled',
        { ...installed, '/usr/bin/nova-agent': pyz({ ...sources, 'pyxs/__init__.py': '', 'distro.py': '' }) },
        ['module yaml'],
      ],
      ['the interpreter is missing', without(installed, '/usr/bin/python3.11'), ['python3']],
      ['the interpreter is not executable', { ...installed, '/usr/bin/python3.11': 'x' }, ['python3']],
      [
        'the program is not executable',
        { ...installed, '/usr/bin/nova-agent': { ...(pyz() as object), mode: 0o644 } },
        ['/usr/bin/nova-agent as an executable file'],
      ],
      [
        'the program is empty, as a power cut leaves it',
        { ...installed, '/usr/bin/nova-agent': { content: '', mode: 0o755 } },
        [
          '/usr/bin/nova-agent as an executable file',
          'a first line that names a Python',
          'module distro',
          'module novaagent',
          'module pyxs',
          'module yaml',
        ],
      ],
      [
        'its own package is missing',
        { ...installed, '/usr/bin/nova-agent': pyz({ '__main__.py': '', ...bundle }) },
        ['module novaagent'],
      ],
    ];
    for (const [title, files, expected] of faults) {
      it(`does not start when ${title}`, async () => {
        assert.deepEqual(await missing(files), expected);
      });
    }

    it('finds bundled modules outside, too', async () => {
      const files = {
        ...installed,
        '/usr/bin/nova-agent': pyz(sources),
        '/usr/lib/python3/dist-packages/yaml/__init__.py': '',
        '/usr/local/lib/python3.11/dist-packages/pyxs/__init__.py': '',
        '/usr/lib/python3/dist-packages/distro.py': '',
      };
      assert.deepEqual(await missing(files), []);
    });

    it('follows the interpreter through alternatives', async () => {
      const files: Files = {
        ...without(
          installed,
          '/usr/bin/python3',
          '/usr/bin/python3.11',
          '/usr/lib/python3/dist-packages/cryptography/__init__.py',
        ),
        '/usr/bin/python3': { link: '/etc/alternatives/python3' },
        '/etc/alternatives/python3': { link: '/usr/bin/python3.6' },
        '/usr/bin/python3.6': { link: '../libexec/platform-python3.6' },
        '/usr/libexec/platform-python3.6': elf,
        '/usr/lib64/python3.6/site-packages/cryptography/__init__.py': '',
      };
      assert.deepEqual(await missing(files), []);
    });

    it('says that a damaged archive does not run', async () => {
      const whole = (pyz() as { content: Buffer }).content;
      const scrambled = Buffer.from(whole);
      scrambled.fill(0, whole.indexOf('PK\x01\x02'), whole.indexOf('PK\x01\x02') + 4);
      for (const content of [whole.subarray(0, -10), scrambled]) {
        const [fault, ...more] = await missing({
          ...installed,
          '/usr/bin/nova-agent': { content, mode: 0o755 },
        });
        assert.match(fault ?? '', /^\/usr\/bin\/nova-agent in one piece \(.*zip.*\)$/);
        assert.deepEqual(more, []);
      }
    });

    it('says where each answer comes from', async () => {
      const { requirements } = await only(without(installed, '/usr/bin/python3'));
      const evidence = new Map(requirements.map((one) => [one.what, one.evidence]));
      assert.deepEqual(evidence.get('python3'), { path: '/usr/bin/nova-agent', line: 1 });
      assert.deepEqual(evidence.get('module cryptography'), {
        path: '/usr/lib/python3/dist-packages/cryptography',
      });
    });
  });

  describe('as a Python package', () => {
    const folder = '/usr/lib/python2.7/site-packages';
    const script =
      "#!/usr/bin/python2\nfrom pkg_resources import load_entry_point\nload_entry_point('novaagent==2.1.9')\n";
    const installed: Files = {
      '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)\n',
      '/usr/bin/nova-agent': { content: script, mode: 0o755 },
      '/usr/bin/python2': { link: 'python2.7' },
      '/usr/bin/python2.7': elf,
      [`${folder}/novaagent/__init__.py`]: "__version__ = '2.1.8'\n",
      [`${folder}/novaagent/novaagent.py`]:
        'from pyxs.connection import XenBusConnection\nimport netifaces\n',
      [`${folder}/novaagent/common/password.py`]: 'from Crypto.Cipher import AES\n',
      [`${folder}/novaagent-2.1.9-py2.7.egg-info/PKG-INFO`]: 'Name: novaagent\nVersion: 2.1.9\n',
      [`${folder}/pkg_resources.py`]: '',
      [`${folder}/pyxs/__init__.py`]: '',
      '/usr/lib64/python2.7/site-packages/Crypto/__init__.py': '',
      '/usr/lib64/python2.7/site-packages/netifaces.so': '',
    };

    it('is recognised, with its version from its metadata', async () => {
      const agent = await only(installed);
      assert.deepEqual([agent.generation, agent.form, agent.version], [2, 'site-packages', '2.1.9']);
      assert.deepEqual(agent.versionFrom, {
        path: `${folder}/novaagent-2.1.9-py2.7.egg-info/PKG-INFO`,
        line: 2,
      });
      assert.equal(agent.serviceNames[0], 'nova-agent');
      assert.deepEqual(
        agent.requirements.filter(({ found }) => !found),
        [],
      );
    });

    const egg = `${folder}/novaagent-2.1.9-py2.7.egg-info`;
    const metadata: readonly (readonly [string, Files, string, object])[] = [
      ['a single file', { [egg]: 'Version: 2.0.4\n' }, '2.0.4', { path: egg, line: 1 }],
      [
        'a dist-info',
        { [`${folder}/novaagent-2.1.7.dist-info/METADATA`]: 'Name: x\nVersion: 2.1.7\n' },
        '2.1.7',
        { path: `${folder}/novaagent-2.1.7.dist-info/METADATA`, line: 2 },
      ],
      ['its own source', {}, '2.1.8', { path: `${folder}/novaagent/__init__.py`, line: 1 }],
    ];
    for (const [title, files, version, from] of metadata) {
      it(`has its version from ${title}`, async () => {
        const agent = await only({ ...without(installed, `${egg}/PKG-INFO`), ...files });
        assert.deepEqual([agent.version, agent.versionFrom], [version, from]);
      });
    }

    it('can be an egg', async () => {
      const base = `${folder}/novaagent-2.1.9-py2.7.egg`;
      const agent = await only({
        ...without(
          installed,
          `${folder}/novaagent/__init__.py`,
          `${folder}/novaagent/novaagent.py`,
          `${folder}/novaagent/common/password.py`,
          `${egg}/PKG-INFO`,
        ),
        [`${base}/novaagent/__init__.py`]: '',
        [`${base}/EGG-INFO/PKG-INFO`]: 'Version: 2.1.9\n',
      });
      assert.equal(agent.version, '2.1.9');
    });

    const faults: readonly (readonly [string, Files, readonly string[]])[] = [
      [
        'its encryption is missing',
        without(installed, '/usr/lib64/python2.7/site-packages/Crypto/__init__.py'),
        ['module Crypto'],
      ],
      [
        'a compiled module is missing',
        without(installed, '/usr/lib64/python2.7/site-packages/netifaces.so'),
        ['module netifaces'],
      ],
      ['setuptools is missing', without(installed, `${folder}/pkg_resources.py`), ['module pkg_resources']],
      [
        'its program is missing',
        without(installed, '/usr/bin/nova-agent'),
        ['/usr/bin/nova-agent as an executable file'],
      ],
      [
        'it was installed for another Python',
        Object.fromEntries(
          Object.entries(installed).map(([path, node]) => [
            path.replace(`${folder}/novaagent/`, '/usr/lib/python2.6/site-packages/novaagent/'),
            node,
          ]),
        ),
        ['module novaagent'],
      ],
    ];
    for (const [title, files, expected] of faults) {
      it(`does not start when ${title}`, async () => {
        assert.deepEqual(await missing(files), expected);
      });
    }
  });

  describe('as a tree of 1.x', () => {
    it('is recognised, and its links agree', async () => {
      const agent = await only(tree);
      assert.deepEqual([agent.generation, agent.form, agent.version], [1, 'tree', '1.39.1']);
      assert.deepEqual(agent.versionFrom, { path: '/usr/share/nova-agent/1.39.1' });
      assert.equal(agent.program, '/usr/sbin/nova-agent');
      assert.deepEqual(agent.serviceNames, ['nova-agent']);
      assert.deepEqual(
        agent.requirements.filter(({ found }) => !found),
        [],
      );
      assert.deepEqual(agent.links, [
        { path: '/usr/sbin/nova-agent', version: '1.39.1', broken: false },
        { path: '/usr/share/nova-agent/nova-agent.py', version: '1.39.1', broken: false },
        { path: '/etc/init.d/nova-agent', version: '1.39.1', broken: false },
        { path: '/etc/init.d/nova-agent', line: 3, version: '1.39.1', broken: false },
      ]);
    });

    it('shows links that do not agree', async () => {
      const { links } = await only({
        ...tree,
        '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent':
          'reallibdir=/usr/share/nova-agent/1.39.0/lib\n',
        '/usr/share/nova-agent/nova-agent.py': { link: '/usr/share/nova-agent/1.39.0/nova-agent.py' },
      });
      assert.deepEqual(
        links.map(({ version, broken }) => [version, broken]),
        [
          ['1.39.1', false],
          ['1.39.0', true],
          ['1.39.1', false],
          ['1.39.0', true],
        ],
      );
    });

    const program = '/usr/share/nova-agent/1.39.1/sbin/nova-agent';
    const faults: readonly (readonly [string, Files, readonly string[]])[] = [
      ['the program is gone', without(tree, program), ['/usr/sbin/nova-agent as an executable ELF file']],
      [
        'the program is not executable',
        { ...tree, [program]: '\x7fELF' },
        ['/usr/sbin/nova-agent as an executable ELF file'],
      ],
      [
        'the program is empty',
        { ...tree, [program]: { content: '', mode: 0o755 } },
        ['/usr/sbin/nova-agent as an executable ELF file'],
      ],
      [
        'the link to the program is gone',
        without(tree, '/usr/sbin/nova-agent'),
        ['/usr/sbin/nova-agent as an executable ELF file'],
      ],
      [
        'its configuration is gone',
        without(tree, '/usr/share/nova-agent/1.39.1/nova-agent.py'),
        ['/usr/share/nova-agent/nova-agent.py as a file'],
      ],
      [
        'its libraries are gone',
        without(tree, '/usr/share/nova-agent/1.39.1/lib/libxenstore.so'),
        ['/usr/share/nova-agent/1.39.1/lib as a folder'],
      ],
    ];
    for (const [title, files, expected] of faults) {
      it(`does not start when ${title}`, async () => {
        assert.deepEqual(await missing(files), expected);
      });
    }

    // scripts/generic/nova-agent.in: `if [ \`which python > /dev/null 2>&1 ; echo $?\` -eq 0 ]`.
    it('works without python and which, which its script uses only where they are', async () => {
      assert.deepEqual(await missing(without(tree, '/usr/bin/which', '/usr/bin/python')), []);
    });

    it('takes its configuration from where its unit says, as of the RPM package 1.39.1-2', async () => {
      const rpm = {
        ...without(tree, '/usr/share/nova-agent/nova-agent.py', '/etc/init.d/nova-agent'),
        '/usr/lib/systemd/system/nova-agent.service':
          '[Service]\nExecStart=/usr/sbin/nova-agent -n -l info /usr/share/nova-agent/1.39.1/nova-agent.py\n',
      };
      assert.deepEqual(await missing(rpm), []);
      assert.deepEqual(await missing(without(rpm, '/usr/share/nova-agent/1.39.1/nova-agent.py')), [
        '/usr/share/nova-agent/1.39.1/nova-agent.py as a file',
      ]);
    });

    it('has its version from the package database when its folder has none', async () => {
      const renamed = Object.entries(tree).map(([path, node]): [string, MemoryNode] => [
        path.replace('/1.39.1/', '/current/'),
        typeof node === 'object' && 'link' in node ? { link: node.link.replace('1.39.1', 'current') } : node,
      ]);
      const agent = await only({
        ...Object.fromEntries(renamed),
        '/var/lib/dpkg/status': dpkg('nova-agent', '1.39.1'),
      });
      assert.deepEqual([agent.version, agent.versionFrom], ['1.39.1', { path: '/var/lib/dpkg/status' }]);
    });

    it('is recognised where /etc/init.d is a link, as on RHEL', async () => {
      const agent = await only({
        ...without(tree, '/etc/init.d/nova-agent', '/etc/debian_version'),
        '/etc/centos-release': 'CentOS Linux release 7.2.1511 (Core)\n',
        '/etc/init.d': { link: 'rc.d/init.d' },
        '/etc/rc.d/init.d/nova-agent': { link: '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent' },
      });
      assert.equal(agent.links.length, 4);
    });

    it('is told by a unit that names it, and by a script that was copied', async () => {
      const unit = '[Service]\nEnvironment=LD_LIBRARY_PATH=/usr/share/nova-agent/1.39.1/lib\n';
      const copied = await only({
        ...tree,
        '/etc/init.d/nova-agent': 'reallibdir=/usr/share/nova-agent/1.39.0/lib\n',
      });
      assert.deepEqual(copied.links.at(-1), {
        path: '/etc/init.d/nova-agent',
        line: 1,
        version: '1.39.0',
        broken: true,
      });
      const path = '/usr/lib/systemd/system/nova-agent.service';
      const native = await only({ ...without(tree, '/etc/init.d/nova-agent'), [path]: unit });
      assert.deepEqual(native.links.at(-1), { path, line: 2, version: '1.39.1', broken: false });
    });

    it('is not seen in an empty left-over folder', async () => {
      assert.deepEqual(await find({ ...debian, '/usr/share/nova-agent/README': '' }), []);
      assert.deepEqual(await find({ ...debian, '/usr/share/nova-agent/1.39.1': { type: 'directory' } }), []);
    });
  });

  it('can be of both generations at once, and then 2.x comes first', async () => {
    const found = await find({
      ...tree,
      ...python,
      '/usr/bin/nova-agent': pyz(),
      '/lib/systemd/system/python3-nova-agent.service': '',
    });
    assert.deepEqual(
      found.map(({ generation, version }) => [generation, version]),
      [
        [2, '2.1.25'],
        [1, '1.39.1'],
      ],
    );
    assert.deepEqual(found[0]?.serviceNames, ['python3-nova-agent', 'nova-agent', 'python-nova-agent']);
    assert.deepEqual(found[1]?.serviceNames, ['nova-agent']);
  });

  const service = '/usr/lib/systemd/system/nova-agent.service';
  const centos: Files = { '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)\n' };
  const names: readonly (readonly [string, Files, string])[] = [
    ['Debian', debian, 'python3-nova-agent'],
    ['Debian with a unit of the plain name', { ...debian, [service]: '' }, 'nova-agent'],
    [
      'Debian with both, by its package',
      {
        ...debian,
        [service]: '',
        '/etc/init.d/python-nova-agent': '',
        '/var/lib/dpkg/status': dpkg('python-nova-agent', '2.0.3'),
      },
      'python-nova-agent',
    ],
    ['CentOS', centos, 'nova-agent'],
  ];
  for (const [title, files, name] of names) {
    it(`are looked for under the right service name first on ${title}`, async () => {
      const agent = await only({ ...python, ...files, '/usr/bin/nova-agent': pyz() });
      assert.equal(agent.serviceNames[0], name);
      assert.equal(agent.serviceNames.length, 3);
    });
  }

  it('are not told from a program that only bears the name', async () => {
    assert.deepEqual(
      await find({ ...debian, '/usr/bin/nova-agent': { content: '#!/bin/sh\nexit 0\n', mode: 0o755 } }),
      [],
    );
  });
});
