import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nameIn, parseCloudConfig } from '../../../images/formats/cloud-config.js';
import { yamlText } from '../../support/yaml-text.js';

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

  it('takes in aliases, as long as they fill nothing', async () => {
    const text = 'a: &a [1, 2]\nb: {c: *a, <<: {d: *a}}\ne: &e x\nf: *e\n';
    const config = await parseCloudConfig(text);
    assert.deepEqual(config.value, { a: [1, 2], b: { c: [1, 2], d: [1, 2] }, e: 'x', f: 'x' });
    assert.equal(config.lineOf('b', 'c', 'x'), 2);
  });

  // yaml.safe_load() of each raises an exception: cloud-init passes over the file.
  for (const text of ['a: 1\n---\nb: 2\n', 'a: !site 1\n', '? [1]\n: 2\n', 'a: @x\n'])
    it(`ignores ${JSON.stringify(text)}`, async () => {
      const { ignored, value } = await parseCloudConfig(text);
      assert.ok(ignored);
      assert.deepEqual(value, {});
    });

  it('names the line that is no YAML', async () => {
    assert.equal((await parseCloudConfig('a: 1\nb: [x\nc: 1\n')).ignored?.line, 3);
  });

  it('reads YAML 1.1', async () => {
    const { value } = await parseCloudConfig('a: yes\nb: 012\nc: off\n');
    assert.deepEqual(value, { a: true, b: 10, c: false });
  });

  it('never gives a piece of the file as the reason', async () => {
    const { ignored } = await parseCloudConfig('password: "hunter2\nx: [hunter2\n');
    assert.ok(ignored);
    assert.doesNotMatch(ignored.reason, /hunter2/);
  });

  it('never throws', async () => {
    await fc.assert(
      fc.asyncProperty(yamlText, async (input) => {
        const { value } = await parseCloudConfig(input);
        assert.equal(typeof value, 'object');
      }),
    );
  });
});
