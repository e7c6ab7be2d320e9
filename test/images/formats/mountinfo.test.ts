import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseMountinfo } from '../../../images/formats/mountinfo.js';

describe('mountinfo', () => {
  it('tells device, folder, place and state', () => {
    const line =
      '36 35 0:45 /@ /mnt/my\\040disk rw,noatime master:1 shared:2 - btrfs /dev/sda2 ro,subvol=/@\n' +
      '37 35 8:1 / / rw - ext4 /dev/sda1 rw\n';
    assert.deepEqual(parseMountinfo(line), [
      {
        number: '0:45',
        root: '/@',
        point: '/mnt/my disk',
        type: 'btrfs',
        source: '/dev/sda2',
        readOnly: true,
      },
      { number: '8:1', root: '/', point: '/', type: 'ext4', source: '/dev/sda1', readOnly: false },
    ]);
  });

  it('finds the root of the system that runs this', () => {
    const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
    assert.ok(mounts.some(({ point }) => point === '/'));
  });
});
