import assert from 'node:assert/strict';
import { fileSystemsBelow } from '../../../images/sandbox/layer.js';

const mountinfo = [
  '22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
  '23 22 0:20 / /proc rw - proc proc rw',
  '30 22 8:17 / /mnt/rescue rw - ext4 /dev/sdb1 rw',
  '31 30 8:18 / /mnt/rescue/var rw shared:1 - xfs /dev/sdb2 rw',
  '32 30 8:19 / /mnt/rescue/boot rw - ext4 /dev/sdb3 rw',
  '33 30 0:21 / /mnt/rescue/proc rw - proc proc rw',
  '34 30 0:22 / /mnt/rescue/run rw - tmpfs tmpfs rw',
  '35 31 8:20 / /mnt/rescue/var/my\\040logs rw - ext4 /dev/sdb4 rw',
  '36 22 8:33 / /mnt/rescue-2 rw - ext4 /dev/sdc1 rw',
].join('\n');

describe('the file systems below a folder', () => {
  it('are those of disks, upper ones first, with what the kernel escapes spelled out', () => {
    assert.deepEqual(fileSystemsBelow('/mnt/rescue', mountinfo), [
      '/mnt/rescue/boot',
      '/mnt/rescue/var',
      '/mnt/rescue/var/my logs',
    ]);
  });

  it('are none of a folder whose name only begins like it', () => {
    assert.deepEqual(fileSystemsBelow('/mnt/rescue-2', mountinfo), []);
  });

  it('are all others of the running root', () => {
    assert.equal(fileSystemsBelow('/', mountinfo).length, 5);
  });
});
