import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  parseShellAssignments,
  setShellAssignment,
  shellVariables,
} from '../../../images/formats/shell-assignments.js';
import { cpuTime } from '../../support/cpu-time.js';

/** Text, and what a shell is left with after it: `undefined` for a variable that it does not set. */
const table: readonly (readonly [string, Readonly<Record<string, string | undefined>>])[] = [
  ['AUTOSTART=none\n', { AUTOSTART: 'none' }],
  ['AUTOSTART="home office"', { AUTOSTART: 'home office' }],
  ['A=\'it is "so" $HOME\'\n', { A: 'it is "so" $HOME' }],
  ['A="say \\"hi\\" \\$5 \\\\ \\n"\n', { A: 'say "hi" $5 \\ \\n' }],
  ['A=one\\ word\n', { A: 'one word' }],
  ['A=a"b c"\'d e\'f\n', { A: 'ab cd ef' }],
  ['A=\nB=""\n', { A: '', B: '' }],
  ['#A=commented\n  # A=indented\nB=x # A=trailing\n', { A: undefined, B: 'x' }],
  ['A=x#y\n', { A: 'x#y' }],
  ['export A=1 B=2\nexport C\nreadonly D=4\n', { A: '1', B: '2', C: undefined, D: '4' }],
  ['A=first\nA=last\n', { A: 'last' }],
  ['A=1; B=2\n', { A: '1', B: '2' }],
  ['A=1 B=2\n', { A: '1', B: '2' }],
  ['A=1 command\n', { A: undefined }],
  ['A=1 export B=2\n', { A: '1', B: '2' }],
  ['A=1 set B=2\n', { A: '1', B: undefined }],
  ['command A=1\n', { A: undefined }],
  ['A =1\nB= 2\n', { A: undefined, B: undefined }],
  ['A="two\nlines"\nB=x\n', { A: 'two\nlines', B: 'x' }],
  ['A=long\\\ner\n', { A: 'longer' }],
  ['1A=x\nA-B=x\n', { '1A': undefined, 'A-B': undefined }],
  ['[ -f /x ] && A=1\n', { A: '1' }],
  ['if true; then A=1; fi\n', { A: '1' }],
  ['case $1 in\nstart) A=1 ;;\nesac\nB=2\n', { A: '1', B: '2' }],
  ['A=1\nB="never ends\nC=2\n', { A: '1', B: undefined, C: undefined }],
];

describe('shell assignments', () => {
  for (const [text, expected] of table) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const variables = shellVariables(text);
      for (const [key, value] of Object.entries(expected))
        assert.equal(variables.get(key)?.value, value, key);
    });
  }

  it('counts lines from 1, through continued and quoted ones', () => {
    const lines = parseShellAssignments('# c\nA=1\n\nB="x\ny"\nC=a\\\nb\nD=4\n').map(({ key, line }) => [
      key,
      line,
    ]);
    assert.deepEqual(lines, [
      ['A', 2],
      ['B', 4],
      ['C', 6],
      ['D', 8],
    ]);
  });

  it('says which values hold an expansion', () => {
    const literal = (text: string): unknown => parseShellAssignments(text)[0]?.literal;
    for (const text of [
      'A=$B',
      'A="$B"',
      'A=${B:-c d}',
      'A=$(ls | wc -l)',
      'A=`ls -l`',
      'A="x $(ls "a b") y"',
    ]) {
      assert.equal(parseShellAssignments(text).length, 1, text);
      assert.equal(literal(text), false, text);
    }
    for (const text of ["A='$B'", 'A=\\$B', 'A="\\$B"', 'A=5$', 'A="$"'])
      assert.equal(literal(text), true, text);
  });

  it('says which assignments may never be executed', () => {
    const text =
      'A=1\nif x; then B=2; else C=3; fi\nD=4\nf() { E=5; }\n(F=6)\nG=7\nwhile x; do H=8; done\nI=9\n';
    const conditional = parseShellAssignments(text).filter((one) => one.conditional);
    assert.equal(conditional.map(({ key }) => key).join(''), 'BCEFH');
    assert.equal(parseShellAssignments(text).length, 9);
  });

  describe('setting one', () => {
    const edits: readonly (readonly [string, string])[] = [
      ['', 'A="none"\n'],
      ['A=all\n', 'A="none"\n'],
      ["# A\nA='all' # why\nB=2\n", '# A\nA="none" # why\nB=2\n'],
      ['A=1\nA=2\n', 'A=1\nA="none"\n'],
      ['B=2', 'B=2\nA="none"\n'],
      ['export  A=all;B=2\r\n', 'export  A="none";B=2\r\n'],
      ['if x; then A=1; fi\n', 'if x; then A=1; fi\nA="none"\n'],
      ['A=$(date)\n', 'A="none"\n'],
    ];
    for (const [before, after] of edits) {
      it(`turns ${JSON.stringify(before)} into ${JSON.stringify(after)}`, () => {
        assert.equal(setShellAssignment(before, 'A', 'none'), after);
      });
    }

    it('refuses a file that no shell would read', () => {
      assert.equal(setShellAssignment('B="never ends\n', 'A', 'none'), undefined);
      assert.equal(setShellAssignment('if x; then\n', 'A', 'none'), undefined);
    });

    it('is read back as it was set, and touches no other variable', () => {
      const files = fc.array(
        fc.constantFrom(
          'A=1\n',
          'B="x y"\n',
          "C='\n'\n",
          '# A=\n',
          'export A="q"\n',
          '\n',
          'if x; then A=3; fi\n',
        ),
      );
      fc.assert(
        fc.property(files, fc.string(), (lines, value) => {
          const text = lines.join('');
          const edited = setShellAssignment(text, 'A', value);
          assert.ok(edited !== undefined);
          const after = shellVariables(edited);
          assert.equal(after.get('A')?.value, value);
          for (const key of ['B', 'C'])
            assert.equal(after.get(key)?.value, shellVariables(text).get(key)?.value);
          assert.equal(setShellAssignment(edited, 'A', value), edited);
        }),
      );
    });
  });

  it('never throws, and always ends', () => {
    const nasty = fc.string({
      unit: fc.constantFrom('A', '=', '"', "'", '\\', '\n', ' ', '$', '(', ')', '{', '}', '`', '#', ';'),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), nasty), (text) => void parseShellAssignments(text)),
      { numRuns: 1000 },
    );
  });

  it('takes linear time', async () => {
    for (const piece of ['$(', '`', 'A=$(x)\n', '(', ')', '"', '\\', 'A=']) {
      const text = piece.repeat(200_000);
      assert.ok((await cpuTime(() => parseShellAssignments(text), 1)) < 2000, piece);
    }
  });
});
