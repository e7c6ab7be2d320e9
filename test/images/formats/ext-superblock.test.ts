import assert from 'node:assert/strict';
import { extSuperblock, needsRecovery } from '../../../images/formats/ext-superblock.js';

function superblock(magic: number, incompatible: number): Buffer {
  const block = Buffer.alloc(extSuperblock.length);
  block.writeUInt16LE(magic, 0x38);
  block.writeUInt32LE(incompatible, 0x60);
  return block;
}

describe('the superblock of ext4', () => {
  it('tells whether the journal has to be replayed', () => {
    assert.equal(needsRecovery(superblock(0xef53, 0x2c6)), true);
    assert.equal(needsRecovery(superblock(0xef53, 0x2c2)), false);
  });

  it('is none without its mark, or cut short', () => {
    assert.equal(needsRecovery(superblock(0x1234, 0x4)), false);
    assert.equal(needsRecovery(Buffer.alloc(100)), false);
  });
});
