import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type BootConfig, commandLines, withoutWord } from '../../../images/formats/kernel-cmdline.js';

const unwanted = (word: string): boolean => word === 'cloud-init=disabled';

describe('formats/kernel-cmdline', () => {
  const table: [BootConfig, string, string][] = [
    [
      'grub',
      '\tlinux\t/vmlinuz root=/dev/xvda1 cloud-init=disabled quiet\n',
      '\tlinux\t/vmlinuz root=/dev/xvda1 quiet\n',
    ],
    ['grub', 'linuxefi /v cloud-init=disabled\n', 'linuxefi /v\n'],
    ['grub', 'kernel /v cloud-init=disabled ro\n', 'kernel /v ro\n'],
    ['grub', 'set kernelopts="cloud-init=disabled ro"\n', 'set kernelopts="ro"\n'],
    ['grub', '# kopt=root=/dev/x cloud-init=disabled\n', '# kopt=root=/dev/x\n'],
    [
      'grub-default',
      'GRUB_CMDLINE_LINUX_DEFAULT="quiet cloud-init=disabled"\n',
      'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n',
    ],
    ['grub-default', "GRUB_CMDLINE_LINUX='cloud-init=disabled'\n", "GRUB_CMDLINE_LINUX=''\n"],
    ['bls', 'title x\noptions root=x cloud-init=disabled\n', 'title x\noptions root=x\n'],
    ['syslinux', '  APPEND root=x cloud-init=disabled\n', '  APPEND root=x\n'],
    ['plain', 'root=x cloud-init=disabled ro\n', 'root=x ro\n'],
  ];
  for (const [syntax, text, expected] of table) {
    it(`reads and edits ${syntax}: ${JSON.stringify(text)}`, () => {
      assert.ok(commandLines(text, syntax).some(({ words }) => words.some(unwanted)));
      assert.equal(withoutWord(text, syntax, unwanted), expected);
    });
  }

  it('leaves other lines alone', () => {
    const text = '# cloud-init=disabled\nmenuentry "cloud-init=disabled" {\n  initrd /i\n}\n';
    assert.deepEqual(commandLines(text, 'grub'), []);
    assert.equal(withoutWord(text, 'grub', unwanted), text);
  });

  it('gives the line', () => {
    assert.deepEqual(commandLines('a\n linux /v a b\n', 'grub'), [{ words: ['/v', 'a', 'b'], line: 2 }]);
  });

  it("keeps the size of GRUB's environment block", () => {
    const text = '# GRUB Environment Block\nkernelopts=root=x cloud-init=disabled ro\n'.padEnd(1024, '#');
    const edited = withoutWord(text, 'grubenv', unwanted);
    assert.equal(edited.length, 1024);
    assert.match(edited, /^# GRUB Environment Block\nkernelopts=root=x ro\n#+$/);
  });

  it('never throws, and keeps a text that lacks the word', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom<BootConfig>('grub', 'grub-default', 'grubenv', 'bls', 'syslinux', 'plain'),
        (text, syntax) => {
          fc.pre(!text.includes('cloud-init'));
          commandLines(text, syntax);
          assert.equal(withoutWord(text, syntax, unwanted), text);
        },
      ),
    );
  });

  it('leaves the other words as they were', () => {
    const word = fc.constantFrom('ro', 'quiet', 'root=/dev/xvda1', 'cloud-init=disabled', '"', "'");
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const text = `linux ${words.join(' ')}\n`;
        const kept = commandLines(withoutWord(text, 'grub', unwanted), 'grub').flatMap(
          (found) => found.words,
        );
        assert.deepEqual(
          kept,
          words.filter((found) => !unwanted(found) && !/["']/.test(found)),
        );
      }),
    );
  });
});
