import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  booleanOf,
  parseUnitFile,
  printUnitFile,
  settingsOf,
  withoutWords,
  wordsOf,
} from '../../../images/formats/unit-file.js';

const read = (text: string): string[] =>
  settingsOf(parseUnitFile(text)).map(
    ({ section, key, value, line }) => `${line} ${section}.${key}=${value}`,
  );

/** Text that looks like a unit file often enough to reach every branch. */
const unitText = fc
  .array(
    fc.constantFrom(
      '[Unit]',
      '[Service]\n',
      'After=',
      'a.service ',
      '\\',
      '\n',
      '\r\n',
      '\r',
      '\0',
      '#',
      ';',
      ' ',
      '"',
      '=',
      'é',
      '[',
    ),
  )
  .map((parts) => parts.join(''));

describe('unit files', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['plain settings', '[Unit]\nAfter=a.service\n', ['2 Unit.After=a.service']],
    ['space around key and value', ' [Unit] \n  After =  a.service  \n', ['2 Unit.After=a.service']],
    ['repeated keys', '[Unit]\nAfter=a\nAfter=b\n', ['2 Unit.After=a', '3 Unit.After=b']],
    [
      'repeated sections',
      '[Unit]\nA=1\n[Service]\nB=2\n[Unit]\nC=3',
      ['2 Unit.A=1', '4 Service.B=2', '6 Unit.C=3'],
    ],
    ['continuation lines', '[Unit]\nAfter=a \\\n  b\nB=1\n', ['2 Unit.After=a    b', '4 Unit.B=1']],
    ['a comment between continuation lines', '[S]\nA=1 \\\n# no\n; no\n 2\n', ['2 S.A=1   2']],
    ['a comment that ends in a backslash', '[S]\n# no \\\nA=1\n', ['3 S.A=1']],
    ['an escaped backslash at the end', '[S]\nA=1\\\\\nB=2\n', ['2 S.A=1\\\\', '3 S.B=2']],
    ['a continuation at the end of the file', '[S]\nA=1 \\', ['2 S.A=1']],
    ['an empty value', '[S]\nA=\n', ['2 S.A=']],
    ['an equals sign in the value', '[S]\nA=b=c\n', ['2 S.A=b=c']],
    ['a setting outside of any section', 'A=1\n[S]\nB=1\n', ['3 S.B=1']],
    ['a setting after a broken section header', '[S]\nA=1\n[T\nB=1\n', ['2 S.A=1']],
    ['lines that say nothing', '[S]\nnonsense\n=1\n\nA=1\n', ['5 S.A=1']],
    ['carriage returns', '[S]\r\nA=1\r\n', ['2 S.A=1']],
    ['a byte order mark', '\ufeff[S]\nA=1\n', ['2 S.A=1']],
    ['a byte order mark of a later line, once', '[S]\n\ufeffA=1\n\ufeffB=1\n', ['2 S.A=1', '3 S.\ufeffB=1']],
    ['nothing after a broken section header', '[S]\nA=1\n[T\n[S]\nB=1\n', ['2 S.A=1']],
    ['a line that a carriage return ends', '[S]\rA=1\rB=1\r', ['2 S.A=1', '3 S.B=1']],
    [
      'the two ends of a line in either order, and NUL',
      '[S]\n\rA=1\r\n\0B=1\0C=1',
      ['2 S.A=1', '3 S.B=1', '4 S.C=1'],
    ],
    ['two of the same end as two lines', '[S]\n\nA=1\r\rB=1', ['3 S.A=1', '5 S.B=1']],
    ['a continuation before a carriage return', '[S]\nA=1\\\r2\nB=1', ['2 S.A=1 2', '4 S.B=1']],
    ['a continued line of nothing', '[Unit]\n\\\r\nAfter=', ['3 Unit.After=']],
    ['a key after continued lines of nothing', '[S]\n \\\n\\\nA=1\nB=1', ['4 S.A=1', '5 S.B=1']],
    ['only the white space that systemd knows', '[S]\n\u00a0A=1\u2028\n', ['2 S.\u00a0A=1\u2028']],
  ];
  for (const [name, text, settings] of cases) {
    it(`reads ${name}`, () => {
      assert.deepEqual(read(text), settings);
    });
  }

  it('prints what it read, byte for byte, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), unitText), (text) => printUnitFile(parseUnitFile(text)) === text),
    );
  });

  it('gives each setting the line on which its key stands', () => {
    fc.assert(
      fc.property(unitText, (text) => {
        const lines = text.split(/\n\r?\0?|\r\n?\0?|\0/);
        return settingsOf(parseUnitFile(text)).every(({ line, key }) =>
          lines[line - 1]!.includes(key.split(/[\\\s]/)[0]!),
        );
      }),
    );
  });

  describe('words', () => {
    const words: readonly (readonly [string, readonly string[]])[] = [
      ['a b\tc', ['a', 'b', 'c']],
      ['', []],
      ['"a b" \'c d\'e', ['a b', 'c de']],
      ['dev-disk\\x2dby a\\ b', ['dev-disk\\x2dby', 'a\\ b']],
      ['a "b', ['a']],
      ['""', ['']],
    ];
    for (const [value, expected] of words) {
      it(`are ${JSON.stringify(expected)} of ${JSON.stringify(value)}`, () => {
        assert.deepEqual(wordsOf(value), expected);
      });
    }

    it('never throw', () => {
      fc.assert(fc.property(fc.string(), (text) => Array.isArray(wordsOf(text))));
    });
  });

  describe('withoutWords', () => {
    const text = '# keep\n[Unit]\nAfter=a b \\\n c\nAfter=b\nBefore=b\n';
    const without = (drop: string): string =>
      printUnitFile(withoutWords(parseUnitFile(text), ({ key }, word) => key === 'After' && word === drop));

    it('rewrites a list, and removes one that becomes empty', () => {
      assert.equal(without('b'), '# keep\n[Unit]\nAfter=a c\nBefore=b\n');
    });
    it('leaves what it does not concern as it is', () => {
      assert.equal(without('z'), text);
    });
    it('leaves none of the dropped words, and all of the others', () => {
      fc.assert(
        fc.property(unitText, (random) => {
          const after = settingsOf(withoutWords(parseUnitFile(random), (_, word) => word === 'a.service'));
          const reread = settingsOf(
            parseUnitFile(printUnitFile({ pieces: after.map((setting) => ({ raw: '', setting })) })),
          );
          return reread.length === 0 && after.every(({ value }) => !wordsOf(value).includes('a.service'));
        }),
      );
    });
  });

  it('knows booleans', () => {
    assert.deepEqual(['yes', 'ON', '1', 'no', 'F', '0', 'maybe', ''].map(booleanOf), [
      true,
      true,
      true,
      false,
      false,
      false,
      undefined,
      undefined,
    ]);
  });
});
