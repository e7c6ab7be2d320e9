import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseBlkid } from '../../../images/formats/blkid.js';

/** As blkid_encode_string(3) does. */
function encoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte > 0x7f || /[\w#+.:=@-]/.test(String.fromCharCode(byte))
        ? byte
        : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .map((byte) => (typeof byte === 'number' ? String.fromCharCode(byte) : byte))
    .join('');
}

describe('blkid', () => {
  it('tells what is on a partition', () => {
    const text = [
      'ID_FS_LABEL=a_b=é',
      'ID_FS_LABEL_ENC=a\\x20b=é',
      'ID_FS_UUID=5d8635d8-d0c9-4795-b488-ed590bf36823',
      'ID_FS_UUID_ENC=5d8635d8-d0c9-4795-b488-ed590bf36823',
      'ID_FS_TYPE=ext4',
      'ID_FS_USAGE=filesystem',
      'ID_PART_ENTRY_SCHEME=gpt',
      'ID_PART_ENTRY_NAME=EFI\\x20System',
      'ID_PART_ENTRY_UUID=1a2b',
      'ID_PART_ENTRY_NUMBER=2',
      '',
    ].join('\n');
    assert.deepEqual(parseBlkid(text), {
      usage: 'filesystem',
      type: 'ext4',
      uuid: '5d8635d8-d0c9-4795-b488-ed590bf36823',
      label: 'a b=é',
      partition: { number: 2, uuid: '1a2b', label: 'EFI System' },
    });
  });

  it('tells a disk with partitions, and one that bears several marks', () => {
    assert.deepEqual(parseBlkid('ID_PART_TABLE_TYPE=dos\n'), { table: 'dos' });
    assert.deepEqual(parseBlkid('ID_FS_AMBIVALENT=filesystem:ext4:1 other:swap:1\n'), { ambivalent: true });
  });

  it('gives back whatever label a disk has', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (label) => {
        const bytes = Buffer.from(encoded(label), 'latin1').toString();
        assert.equal(parseBlkid(`ID_FS_LABEL_ENC=${bytes}\n`).label, label);
      }),
      // The end of a line to JavaScript, to nobody else.
      { examples: [['\u2028 '], ['a\u2029']] },
    );
  });
});
