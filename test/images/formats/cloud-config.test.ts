import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nameIn, parseCloudConfig, withoutKey } from '../../../images/formats/cloud-config.js';

describe('formats/cloud-config', () => {
  it('has a text for whatever stands where a name is expected', () => {
    assert.deepEqual(['a', 1, true, null, { toString: 0 }, [1]].map(nameIn), [
      'a',
      '1',
      'true',
      'null',
      '{"toString":0}',
      '[1]',
    ]);
  });

  it('gives values and the lines of keys', async () => {
    const config = await parseCloudConfig('# x\nusers: []\nnetwork:\n  version: 2\n  config: disabled\n');
    assert.deepEqual(config.value, { users: [], network: { version: 2, config: 'disabled' } });
    assert.equal(config.lineOf('network'), 3);
    assert.equal(config.lineOf('network', 'config'), 5);
    assert.equal(config.lineOf('network', 'other'), 3);
    assert.equal(config.lineOf('nothing'), undefined);
  });

  it('lets the last of equal keys win, as PyYAML does', async () => {
    const config = await parseCloudConfig('a: 1\na: 2\n');
    assert.deepEqual(config.value, { a: 2 });
    assert.equal(config.lineOf('a'), 2);
  });

  const empty = ['', '# only a comment\n', '---\n', 'null\n'];
  for (const text of empty) {
    it(`takes ${JSON.stringify(text)} for an empty file`, async () => {
      const { value, ignored } = await parseCloudConfig(text);
      assert.deepEqual([value, ignored], [{}, undefined]);
    });
  }

  const ignored: [string, RegExp][] = [
    ['a: [1\nb: 2\n', /no valid|not valid YAML/],
    ['\tb: 1\n', /not valid YAML/],
    ['- a list\n', /is not a mapping/],
    ['just words\n', /is not a mapping/],
    ['a: *nowhere\n', /YAML|aliases/],
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
        .split('')
        .map(
          (c, i) =>
            `${c}: &${c} [${Array(9)
              .fill(`*${'abcdefg'.charAt(i)}`)
              .join(',')}]`,
        )
        .join('\n')}\n`,
      /aliases/,
    ],
  ];
  for (const [text, reason] of ignored) {
    it(`says that cloud-init ignores ${JSON.stringify(text.slice(0, 20))}`, async () => {
      const config = await parseCloudConfig(text);
      assert.deepEqual(config.value, {});
      assert.match(config.ignored?.reason ?? '', reason);
    });
  }

  it('never gives a piece of the file as the reason', async () => {
    const { ignored } = await parseCloudConfig('password: "hunter2\nx: [hunter2\n');
    assert.ok(ignored);
    assert.doesNotMatch(ignored.reason, /hunter2/);
  });

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
    const piece = fc.constantFrom(
      'network',
      'config',
      ': ',
      'disabled',
      '\n',
      '  ',
      '{',
      '}',
      '- ',
      '&a ',
      '*a',
      '"',
      '#',
      '? ',
      '|',
      '<<: ',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (input) => {
        const { value } = await parseCloudConfig(input);
        assert.equal(typeof value, 'object');
        await withoutKey(input, ['network', 'config']);
      }),
    );
  });
});
