import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseInitDefault } from '../../../images/formats/inittab.js';

describe('the default runlevel of an inittab', () => {
  const cases: [string, object | undefined][] = [
    ['# comment\nid:2:initdefault:\n', { runlevel: '2', line: 2 }],
    ['id:3:initdefault:', { runlevel: '3', line: 1 }],
    ['id:s:initdefault:\r\n', { runlevel: 'S', line: 1 }],
    ['#id:5:initdefault:\nid:3:initdefault:\n', { runlevel: '3', line: 2 }],
    ['si::sysinit:/etc/init.d/rcS\n', undefined],
    ['id::initdefault:\n', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) {
    it(`of ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseInitDefault(text), expected);
    });
  }

  it('never throws (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('id:', '2', ':initdefault:'))), (parts) => {
        parseInitDefault(parts.join(''));
      }),
    );
  });
});
