import assert from 'node:assert/strict';
import fc from 'fast-check';
import { entryOf, parseKeyfile, setKey } from '../../../images/formats/keyfile.js';
import { splitLines, joinLines } from '../../../images/formats/lines.js';

const sample =
  '# top\n[connection]\nid=office\nautoconnect = true\n; off\n[vpn]\nservice-type=x\n[connection]\nid=later\n';

describe('formats/keyfile', () => {
  it('gives every entry with its group and line', () => {
    assert.deepEqual(parseKeyfile('a=1\n[g]\n b = two words \n#c=3\n;d=4\nnonsense\n=5\n'), [
      { group: '', key: 'a', value: '1', line: 1 },
      { group: 'g', key: 'b', value: 'two words', line: 3 },
    ]);
  });

  it('lets the last of equal keys win, across groups that come again', () => {
    assert.equal(entryOf(parseKeyfile(sample), 'connection', 'id')?.line, 9);
    assert.equal(entryOf(parseKeyfile(sample), 'vpn', 'id'), undefined);
  });

  const edits: [string, string, string, string, string, string][] = [
    ['replaces the value in force', '[c]\na=1\na=2 \nb=3\n', 'c', 'a', 'x', '[c]\na=1\na=x\nb=3\n'],
    ['adds below the header', '[c]\nb=3\n', 'c', 'a', 'x', '[c]\na=x\nb=3\n'],
    ['adds a group', '[c]\nb=3', 'd', 'a', 'x', '[c]\nb=3\n[d]\na=x\n'],
    ['keeps CRLF', '[c]\r\nb=3\r\n', 'c', 'a', 'x', '[c]\r\na=x\r\nb=3\r\n'],
    ['ends a header without a line end', '[c]', 'c', 'a', 'x', '[c]\na=x\n'],
    ['starts from nothing', '', 'c', 'a', 'x', '[c]\na=x\n'],
  ];
  for (const [name, text, group, key, value, expected] of edits) {
    it(name, () => {
      assert.equal(setKey(text, group, key, value), expected);
    });
  }

  const text = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('[c]', '[d]', 'a=1', ' a = 2', '#x', ';', '', '\r', 'b=', 'junk', '[', '='))
      .map((lines) => lines.join('\n')),
  );

  it('never throws, and after an edit says what was set', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('c', 'd'), fc.constantFrom('a', 'b'), (input, group, key) => {
        const edited = setKey(input, group, key, 'new');
        assert.equal(entryOf(parseKeyfile(edited), group, key)?.value, 'new');
        assert.equal(setKey(edited, group, key, 'new'), edited);
      }),
    );
  });

  it('keeps every other line byte for byte', () => {
    fc.assert(
      fc.property(text, (input) => {
        const before = splitLines(input);
        const after = splitLines(setKey(input, 'c', 'a', 'new'));
        const changed = before.filter((line, at) => after[at]?.text !== line.text).length;
        const added = after.length - before.length;
        if (added === 0) assert.ok(changed <= 1);
        else {
          // A carriage return at the end of a file without line end becomes part of the line end it is given.
          const bare = (lines: typeof before): string[] => lines.map((line) => line.text.replace(/\r$/, ''));
          const kept = bare(after).filter((line) => line !== 'a=new' && line !== '[c]');
          assert.deepEqual(
            kept,
            bare(before).filter((line) => line !== '[c]'),
          );
        }
      }),
    );
  });

  it('splits and joins any text without loss', () => {
    fc.assert(
      fc.property(fc.string(), (input) => {
        assert.equal(joinLines(splitLines(input)), input);
      }),
    );
  });
});
