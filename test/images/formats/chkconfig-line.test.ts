import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseChkconfigLine, setChkconfigPriorities } from '../../../images/formats/chkconfig-line.js';

describe('a chkconfig line', () => {
  const cases: [string, object | undefined][] = [
    ['# chkconfig: 2345 15 85', { levels: ['2', '3', '4', '5'], start: 15, stop: 85, line: 1 }],
    ['#chkconfig:345 9 91', { levels: ['3', '4', '5'], start: 9, stop: 91, line: 1 }],
    ['#!/bin/sh\n# chkconfig: - 85 15', { levels: [], start: 85, stop: 15, line: 2 }],
    ['# chkconfig:\t35\t14  86\r', { levels: ['3', '5'], start: 14, stop: 86, line: 1 }],
    ['# chkconfig: 789 1 1', undefined],
    ['# chkconfig: 35 100 1', undefined],
    ['# chkconfig: 35', undefined],
    ['echo chkconfig: 35 1 1', undefined],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text)} ${expected ? 'is read' : 'is none'}`, () => {
      assert.deepEqual(parseChkconfigLine(text), expected && { ...expected, description: undefined });
    });
  }

  it('has a description, which a backslash continues', () => {
    const text = '# chkconfig: 35 1 1\n# description: starts \\\n#   the agent\nexit 0\n';
    assert.equal(parseChkconfigLine(text)?.description, 'starts the agent');
  });

  it('gets other priorities, and nothing else changes', () => {
    const text = '#!/bin/sh\r\n#chkconfig:  2345 15   85 \r\n# chkconfig: 35 1 1';
    assert.equal(setChkconfigPriorities(text, 9, 91), text.replace('15   85', '09   91'));
    assert.equal(setChkconfigPriorities('#!/bin/sh\n', 9, 91), undefined);
  });

  it('is never the cause of an exception (property)', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('# chkconfig: ', '# description: \\', '\n', '2345 ', '15 '),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        parseChkconfigLine(parts.join(''));
      }),
    );
  });

  it('is read as it was set (property)', () => {
    const number = fc.integer({ min: 0, max: 99 });
    fc.assert(
      fc.property(number, number, (start, stop) => {
        const read = parseChkconfigLine(
          setChkconfigPriorities('# chkconfig: 2345 20 80\n', start, stop) ?? '',
        );
        assert.deepEqual([read?.start, read?.stop], [start, stop]);
      }),
    );
  });
});
