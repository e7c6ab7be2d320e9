import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentProgram } from '../guests.js';
import type { Root } from '../root.js';
import { type Draft, rowsOf } from '../row.js';

const modules = '/usr/lib/python3/dist-packages';
const bytesOf = (root: Root): Buffer => readFileSync(join(root.path, agentProgram));

/** The program with another first line. */
const withFirstLine =
  (line: string) =>
  (root: Root): void => {
    const bytes = bytesOf(root);
    root.put(
      agentProgram,
      Buffer.concat([Buffer.from(line), bytes.subarray(bytes.indexOf('\n') + 1)]),
      0o755,
    );
  };

/** The program packed anew with another first line: only so do its offsets count the new one. */
const packedWith =
  (interpreter: string) =>
  (root: Root): void => {
    root.folder('/opt/unpacked').run('python3', '-m', 'zipfile', '-e', agentProgram, '/opt/unpacked');
    root.run('python3', '-m', 'zipapp', '/opt/unpacked', '-p', interpreter, '-o', agentProgram);
    root.take('/opt/unpacked');
  };

const all = ['debian11', 'debian12', 'debian13', 'debian12-sysv'] as const;

const faults: readonly Draft[] = (
  [
    [
      'no-cryptography',
      'the module cryptography is gone',
      all,
      /cryptography/,
      (root: Root) => root.take(`${modules}/cryptography`),
    ],
    [
      'cryptography-empty',
      'the folder of cryptography is empty',
      'debian12',
      /cryptography/,
      (root: Root) => root.take(`${modules}/cryptography`).folder(`${modules}/cryptography`),
    ],
    [
      'no-rust',
      "cryptography's compiled part is gone",
      ['debian12', 'debian13'],
      /cryptography|_rust/,
      (root: Root) => root.run('sh', '-c', `rm ${modules}/cryptography/hazmat/bindings/_rust*.so`),
    ],
    [
      'no-cffi',
      'the module _cffi_backend, which cryptography needs, is gone',
      ['debian11', 'debian12'],
      /cffi/,
      (root: Root) => root.run('sh', '-c', `rm ${modules}/_cffi_backend*.so`),
    ],
    [
      'no-python',
      'python3 leads nowhere',
      ['debian12', 'debian12-sysv'],
      /python3/,
      (root: Root) => root.link('/usr/bin/python3', 'python3.99'),
    ],
    [
      'other-python-first',
      'a python3 in /usr/local/bin, which comes first, is no Python',
      ['debian12', 'debian13'],
      /\/usr\/local\/bin\/python3/,
      (root: Root) => root.script('/usr/local/bin/python3', 'exit 1'),
    ],
    ['no-env', '/usr/bin/env is gone', 'debian12', /env/, (root: Root) => root.take('/usr/bin/env')],
    [
      'carriage-return',
      "the first line of the agent's program ends in a carriage return",
      ['debian12', 'debian13'],
      /./,
      withFirstLine('#!/usr/bin/env python3\r\n'),
    ],
    [
      'interpreter-gone',
      "the first line of the agent's program names a Python that is gone",
      'debian12',
      /python3\.4/,
      withFirstLine('#!/usr/bin/python3.4\n'),
    ],
    [
      'first-line-shortened',
      "the first line of the agent's program was made shorter, so that the archive's offsets point beyond their members",
      ['debian12', 'debian13'],
      /offsets/,
      withFirstLine('#!/usr/bin/python3\n'),
    ],
    [
      'interpreter-two',
      "the first line of the agent's program names python2",
      'debian13',
      /python2/,
      withFirstLine('#!/usr/bin/env python2\n'),
    ],
    [
      'not-executable',
      "the agent's program may not be executed",
      all,
      /./,
      (root: Root) => root.mode(agentProgram, 0o644),
    ],
    [
      'empty',
      "the agent's program is empty",
      'debian12',
      /./,
      (root: Root) => root.put(agentProgram, '', 0o755),
    ],
    [
      'truncated',
      "the agent's program is cut off",
      ['debian12', 'debian13'],
      /./,
      (root: Root) => root.put(agentProgram, bytesOf(root).subarray(0, 3000), 0o755),
    ],
    [
      'no-main',
      "the agent's program has no __main__.py",
      'debian12',
      /__main__/,
      (root: Root) =>
        root.put(
          agentProgram,
          Buffer.from(bytesOf(root).toString('latin1').replaceAll('__main__.py', '__gone__.py'), 'latin1'),
          0o755,
        ),
    ],
    [
      'gone',
      "the agent's program is gone",
      ['debian11', 'debian12-sysv', 'debian13-both'],
      /./,
      (root: Root) => root.take(agentProgram),
    ],
    [
      'standard-library',
      "Python's standard library is gone",
      'debian12',
      /python3/,
      (root: Root) => root.take('/usr/lib/python3.11'),
    ],
  ] as const
).map(([id, what, on, says, put]): Draft => ({
  id,
  on,
  what,
  put: (root) => {
    put(root);
  },
  is: 'broken',
  speaks: ['agent-runnable', 'agent-installed'],
  says,
}));

const guards: readonly Draft[] = (
  [
    [
      'python-linked-first',
      'a python3 in /usr/local/bin leads to that of Debian',
      ['debian12', 'debian13'],
      (root: Root) => root.link('/usr/local/bin/python3', '/usr/bin/python3'),
    ],
    [
      'interpreter-direct',
      "the first line of the agent's program names /usr/bin/python3",
      'debian12',
      packedWith('/usr/bin/python3'),
    ],
    [
      'first-line-longer',
      "the first line of the agent's program was made longer",
      'debian12',
      withFirstLine('#!/usr/bin/env -S python3 -s -B\n'),
    ],
    [
      'interpreter-option',
      "the first line of the agent's program has an option for Python",
      'debian13',
      packedWith('/usr/bin/python3 -s'),
    ],
    [
      'no-bytecode',
      'nothing of cryptography is compiled ahead',
      'debian12',
      (root: Root) =>
        root.run('sh', '-c', `find ${modules}/cryptography -name __pycache__ -prune -exec rm -r {} +`),
    ],
    [
      'no-metadata',
      'nothing says of which version cryptography is',
      'debian12',
      (root: Root) => root.run('sh', '-c', `rm -r ${modules}/cryptography-*`),
    ],
    [
      'module-in-local',
      'cryptography lies where pip puts it for Python of Debian',
      'debian12',
      (root: Root) =>
        root
          .folder('/usr/local/lib/python3.11/dist-packages')
          .run('mv', `${modules}/cryptography`, '/usr/local/lib/python3.11/dist-packages/'),
    ],
  ] as const
).map(([id, what, on, put]): Draft => ({
  id: `harmless-${id}`,
  on,
  what,
  put: (root) => {
    put(root);
  },
  is: 'works',
  guards: 'agent-runnable',
}));

export const python = rowsOf('python', [...faults, ...guards]);
