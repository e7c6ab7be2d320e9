import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseControl, parseRelations, relationInWords } from '../../../images/formats/control.js';

describe('a control file', () => {
  it('has paragraphs of fields, continued lines included', () => {
    const text = 'Package: a\nDescription: one\n two\n .\n three\n\n\nPACKAGE: b \nnonsense\n x\n';
    assert.deepEqual(
      parseControl(text).map((each) => Object.fromEntries(each)),
      [{ package: 'a', description: 'one\n two\n .\n three' }, { package: 'b' }],
    );
    assert.deepEqual(parseControl(''), []);
  });

  it('never throws, and loses no paragraph', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', '\t', 'é') }),
        (text) => void parseControl(text),
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { maxLength: 5 }), (names) => {
        const text = names.map((name) => `Package: ${name}\n`).join('\n');
        assert.deepEqual(
          parseControl(text).map((each) => each.get('package')),
          names,
        );
      }),
    );
  });

  it('lists relations with alternatives and versions', () => {
    const relations = parseRelations('python3:any (>= 3.5~), a | b (<< 2) [amd64] <!nocheck>, , libc6');
    assert.deepEqual(
      relations.map((group) => group.map(relationInWords)),
      [['python3 (>= 3.5~)'], ['a', 'b (<< 2)'], ['libc6']],
    );
    fc.assert(fc.property(fc.string(), (text) => void parseRelations(text)));
  });
});
