import assert from 'node:assert/strict';
import { parseControl } from '../../../images/formats/control.js';
import { obstacles } from '../../../images/install/dependencies.js';

const installed = (name: string, version: string, more = ''): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n${more}`;
const status = parseControl(
  [
    installed('python3', '3.11.2-1'),
    installed('exim4', '4.96', 'Provides: mail-transport-agent, smtp (= 2)\n'),
    'Package: removed\nStatus: deinstall ok config-files\nVersion: 1\n',
  ].join('\n'),
);
const of = (fields: string): string[] =>
  obstacles(parseControl(`Package: x\n${fields}\n`)[0] ?? new Map(), status);

describe('what keeps a Debian package out', () => {
  for (const [fields, expected] of [
    ['Depends: python3, mail-transport-agent', []],
    ['Depends: python3 (>= 3.5), python3 (<< 4), smtp (>= 1)', []],
    ['Depends: unheard | python3', []],
    ['Depends: unheard | removed (>= 1)', ['it needs unheard or removed (>= 1)']],
    ['Depends: python3 (>= 3.12)\nPre-Depends: a', ['it needs a', 'it needs python3 (>= 3.12)']],
    ['Depends: mail-transport-agent (>= 1)', ['it needs mail-transport-agent (>= 1)']],
    ['Depends: python3 (= 3.11.2-1), python3 (<= 3.11.2-1), python3 (>> 3.11)', []],
    ['Conflicts: exim4, postfix', ['it conflicts with exim4']],
    ['Breaks: python3 (<< 3.12)', ['it conflicts with python3 (<< 3.12)']],
    ['Conflicts: mail-transport-agent\nProvides: mail-transport-agent', []],
  ] as const) {
    it(fields.replace(/\n/g, '; '), () => {
      assert.deepEqual(of(fields), expected);
    });
  }
});
