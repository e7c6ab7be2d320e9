import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type EntrySource,
  commandLines,
  withoutSourceWords,
  withoutWords,
  wordsOfCommandLine,
} from '../../../images/formats/kernel-cmdline.js';

const unwanted = (word: string): boolean => word === 'cloud-init=disabled';

describe('formats/kernel-cmdline', () => {
  const words: readonly (readonly [string, readonly string[]])[] = [
    ['ro  quiet\tsingle', ['ro', 'quiet', 'single']],
    ['systemd.unit="rescue.target"', ['systemd.unit=rescue.target']],
    ['"systemd.unit=rescue.target" ro', ['systemd.unit=rescue.target', 'ro']],
    ["a='b c' d", ['a=b c', 'd']],
    ['a\\ b', ['a\\', 'b']],
    ['"" a', ['', 'a']],
    ['a "b', ['a', 'b']],
  ];
  for (const [text, expected] of words)
    it(`takes apart ${JSON.stringify(text)}`, () => {
      assert.deepEqual(wordsOfCommandLine(text), expected);
    });

  const edits: readonly (readonly [string, string])[] = [
    [
      '\tlinux\t/vmlinuz root=/dev/xvda1 cloud-init=disabled quiet\n',
      '\tlinux\t/vmlinuz root=/dev/xvda1 quiet\n',
    ],
    ['linuxefi /v cloud-init=disabled\n', 'linuxefi /v\n'],
    ['kernel=/v cloud-init=disabled ro\n', 'kernel=/v ro\n'],
    ['set kernelopts="cloud-init=disabled ro"\n', 'set kernelopts="ro"\n'],
    ['extra=cloud-init=disabled\n', 'extra=\n'],
    ['options root=x "cloud-init=disabled"\n', 'options root=x ""\n'],
    ['  APPEND root=x cloud-init=disabled\r\n', '  APPEND root=x\r\n'],
    ['kernelopts=root=x cloud-init=disabled ro\n', 'kernelopts=root=x ro\n'],
  ];
  for (const [text, expected] of edits)
    it(`edits ${JSON.stringify(text)}`, () => {
      assert.equal(withoutWords(text, new Set([1]), unwanted), expected);
      assert.equal(withoutWords(text, new Set([2]), unwanted), text, 'another line stays');
    });

  const sources: readonly (readonly [EntrySource, string, string])[] = [
    [
      'variables',
      'GRUB_CMDLINE_LINUX_DEFAULT="quiet cloud-init=disabled"\n',
      'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n',
    ],
    ['variables', "GRUB_CMDLINE_LINUX='cloud-init=disabled'\n", "GRUB_CMDLINE_LINUX=''\n"],
    [
      'variables',
      'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX cloud-init=disabled"\n',
      'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX"\n',
    ],
    ['legacy-comments', '# kopt=root=/dev/x cloud-init=disabled\n', '# kopt=root=/dev/x\n'],
    ['plain', 'root=x cloud-init=disabled ro\n', 'root=x ro\n'],
  ];
  for (const [syntax, text, expected] of sources)
    it(`reads and edits ${syntax}: ${JSON.stringify(text)}`, () => {
      assert.ok(commandLines(text, syntax).some(({ words: found }) => found.some(unwanted)));
      assert.equal(withoutSourceWords(text, syntax, unwanted), expected);
    });

  it('leaves what is for recovery alone, and comments', () => {
    const text = '#GRUB_CMDLINE_LINUX="single"\nGRUB_CMDLINE_LINUX_RECOVERY="single"\n';
    assert.deepEqual(commandLines(text, 'variables'), []);
    assert.equal(
      withoutSourceWords(text, 'variables', () => true),
      text,
    );
  });

  it("keeps the size of GRUB's environment block", () => {
    const text = '# GRUB Environment Block\nkernelopts=root=x cloud-init=disabled ro\n'.padEnd(1024, '#');
    const edited = withoutWords(text, new Set([2]), unwanted, true);
    assert.equal(edited.length, 1024);
    assert.match(edited, /^# GRUB Environment Block\nkernelopts=root=x ro\n#+$/);
  });

  it('never throws, and keeps a text that lacks the word', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('cloud-init'));
        wordsOfCommandLine(text);
        assert.equal(withoutWords(text, new Set([1, 2]), unwanted), text);
        assert.equal(withoutSourceWords(text, 'variables', unwanted), text);
      }),
    );
  });

  it('leaves the other words as they were', () => {
    const word = fc.constantFrom('ro', 'quiet', 'root=/dev/xvda1', 'cloud-init=disabled');
    fc.assert(
      fc.property(fc.array(word), (list) => {
        const edited = withoutWords(`linux /v ${list.join(' ')}\n`, new Set([1]), unwanted);
        assert.deepEqual(wordsOfCommandLine(edited), [
          'linux',
          '/v',
          ...list.filter((found) => !unwanted(found)),
        ]);
      }),
    );
  });
});
