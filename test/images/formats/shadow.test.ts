import assert from 'node:assert/strict';
import fc from 'fast-check';
import { passwordField, setPasswordField, setShadowPassword } from '../../../images/formats/shadow.js';

const day = 20_000;
const set = (text: string): string => setShadowPassword(text, 'root', '$6$new', day);

describe('shadow', () => {
  const table: readonly (readonly [what: string, before: string, after: string])[] = [
    ['a password', 'root:$1$old:14000:0:99999:7:::\n', 'root:$6$new:20000:0:99999:7:::\n'],
    ['a locked account', 'root:!$1$old:14000:0:99999:7:::\n', 'root:$6$new:20000:0:99999:7:::\n'],
    [
      'one that must be changed at the next login',
      'root:*:0:0:99999:7:::\n',
      'root:$6$new:20000:0:99999:7:::\n',
    ],
    ['an expired account', 'root:x:1:0:90:7:14:19999:\n', 'root:$6$new:20000:0:90:7:14::\n'],
    ['one that expires later', 'root:x:1:0:90:7:14:20001:\n', 'root:$6$new:20000:0:90:7:14:20001:\n'],
    ['a short line', 'root:x\n', 'root:$6$new:20000::::::\n'],
    ['no such account', 'bin:*:1::::::', 'bin:*:1::::::\nroot:$6$new:20000:0:99999:7:::\n'],
    ['no file', '', 'root:$6$new:20000:0:99999:7:::\n'],
    [
      'a second line of the account',
      'root:a:1::::::\nroot:b:1::::::\n',
      'root:$6$new:20000::::::\nroot:b:1::::::\n',
    ],
    [
      'another account of like name',
      'rooty:a:1::::::\nroot:b:1::::::\n',
      'rooty:a:1::::::\nroot:$6$new:20000::::::\n',
    ],
  ];
  for (const [what, before, after] of table)
    it(`sets ${what}`, () => {
      assert.equal(set(before), after);
    });

  it('keeps every other line, and is done when it is done', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('r', 'o', 't', ':', '!', ' ') })), (lines) => {
        const text = lines.join('\n');
        const once = set(text);
        assert.equal(passwordField(once, 'root'), '$6$new');
        assert.equal(set(once), once);
        const others = (of: string): string[] =>
          of.split('\n').filter((line) => !line.startsWith('root:') && line !== '');
        assert.deepEqual(others(once), others(text));
      }),
    );
  });

  it('changes the field of passwd alone', () => {
    assert.equal(
      setPasswordField('root:abc:0:0:root:/root:/bin/sh\nbin:x:1:1::/:\n', 'root', 'x'),
      'root:x:0:0:root:/root:/bin/sh\nbin:x:1:1::/:\n',
    );
  });
});
