import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTerse } from '../../../images/formats/nmcli.js';

describe('formats/nmcli', () => {
  it('reads rows of fields, with colons and backslashes in them', () => {
    assert.deepEqual(parseTerse('4f2c:tun:tun5:the office\\: 1\n4f2d:vpn::a\\\\b\n'), [
      ['4f2c', 'tun', 'tun5', 'the office: 1'],
      ['4f2d', 'vpn', '', 'a\\b'],
    ]);
    assert.deepEqual(parseTerse(''), []);
  });

  it('reads back whatever nmcli escapes', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ':', '\\', ' ', 'ö') });
    // A line of nothing but one empty field is an empty line.
    const row = fc.array(field, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const lines = rows.map((fields) => fields.map((it) => it.replace(/[:\\]/g, '\\$&')).join(':'));
        assert.deepEqual(parseTerse(lines.map((line) => `${line}\n`).join('')), rows);
      }),
    );
  });
});
