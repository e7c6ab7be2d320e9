import assert from 'node:assert/strict';
import fc from 'fast-check';
import { withoutKey } from '../../../images/formats/cloud-config-edit.js';
import { yamlText } from '../../support/yaml-text.js';

describe('formats/cloud-config-edit', () => {
  const cuts: [string, string, readonly string[], string][] = [
    [
      'a flow mapping with its key',
      '# why\nnetwork: {config: disabled}\nusers: []\n',
      ['network', 'config'],
      '# why\nusers: []\n',
    ],
    [
      'a block mapping with its key',
      'a: 1\nnetwork:\n  config: disabled\nb: 2 # two\n',
      ['network', 'config'],
      'a: 1\nb: 2 # two\n',
    ],
    [
      'one line of a block mapping',
      'network:\n  version: 1 # one\n  config: disabled\n',
      ['network', 'config'],
      'network:\n  version: 1 # one\n',
    ],
    ['a key without line end', 'a:   1\nnetwork: {config: disabled}', ['network', 'config'], 'a:   1\n'],
    [
      'every one of equal keys',
      'network: {config: disabled}\na: 1\nnetwork: {config: disabled}\n',
      ['network', 'config'],
      'a: 1\n',
    ],
    [
      'nested',
      'network:\n  network:\n    config: disabled\na: 1\n',
      ['network', 'network', 'config'],
      'a: 1\n',
    ],
    ['a quoted key', '"network":\n    "config": "disabled"\na: 1\n', ['network', 'config'], 'a: 1\n'],
  ];
  for (const [name, text, path, expected] of cuts) {
    it(`takes out ${name}`, async () => {
      assert.equal(await withoutKey(text, path), expected);
    });
  }

  it('keeps comments when it must print a flow mapping anew', async () => {
    const edited = await withoutKey('# top\nnetwork: {version: 1, config: disabled} # end\nb: 2\n', [
      'network',
      'config',
    ]);
    assert.match(edited ?? '', /^# top\nnetwork: \{ ?version: 1 ?\} # end\nb: 2\n$/);
  });

  it('does not cut what is not there, comes from an alias, or is in a file that is ignored', async () => {
    assert.equal(await withoutKey('a: 1\n', ['network', 'config']), undefined);
    assert.equal(await withoutKey('a: [\n', ['a']), undefined);
    assert.equal(
      await withoutKey('x: &n {config: disabled}\nnetwork: *n\n', ['network', 'config']),
      'x: &n {config: disabled}\n',
    );
    assert.equal(
      await withoutKey('x: &n {config: disabled, a: 1}\nnetwork: {<<: *n, b: 1}\n', ['network', 'config']),
      undefined,
    );
  });

  it('never throws', async () => {
    await fc.assert(
      fc.asyncProperty(yamlText, async (input) => {
        const rest = await withoutKey(input, ['network', 'config']);
        assert.ok(rest === undefined || rest.length < input.length + 8);
      }),
    );
  });
});
