import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseInitDefault, parseRcEntries } from '../../../images/formats/inittab.js';

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

  it('and the lines that run the scripts of a runlevel', () => {
    const text =
      'id:2:initdefault:\n#l1:1:wait:/etc/init.d/rc 1\nl2:23:wait:/etc/init.d/rc 2\nl3:3:off:/etc/rc.d/rc 3 # x\n1:2345:respawn:/sbin/getty 38400 tty1\nsi::sysinit:/etc/init.d/rcS\n';
    assert.deepEqual(parseRcEntries(text), [
      { levels: '23', action: 'wait', runs: '2', line: 3 },
      { levels: '3', action: 'off', runs: '3', line: 4 },
    ]);
  });

  it('never throws (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('id:', '2', ':initdefault:'))), (parts) => {
        parseInitDefault(parts.join(''));
        parseRcEntries(parts.join(''));
      }),
    );
  });
});
