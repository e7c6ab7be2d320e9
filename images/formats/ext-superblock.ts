/** Where the superblock of ext2, ext3 and ext4 lies, and how much of it is read (bytes). */
export const extSuperblock = { offset: 1024, length: 1024 } as const;

const magic = { offset: 0x38, value: 0xef53 } as const;
/** s_feature_incompat, and its flag EXT4_FEATURE_INCOMPAT_RECOVER: the journal has what the file system has not. */
const incompatible = { offset: 0x60, recover: 0x4 } as const;

/** Whether a mount for writing would replay the journal: the file system was not unmounted (ext4(5)). */
export function needsRecovery(superblock: Buffer): boolean {
  if (superblock.length < extSuperblock.length || superblock.readUInt16LE(magic.offset) !== magic.value)
    return false;
  return (superblock.readUInt32LE(incompatible.offset) & incompatible.recover) !== 0;
}
