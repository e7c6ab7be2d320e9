import assert from 'node:assert/strict';
import type { VolumeContent } from '../../../images/formats/blkid.js';
import {
  carriesRoot,
  runningSystemOf,
  showsRoot,
  whyInUse,
  whyNoRoot,
} from '../../../images/rescue/refusal.js';
import type { Volume } from '../../../images/rescue/volume.js';

const volume = (
  name: string,
  number: string,
  parents: readonly string[],
  content: VolumeContent = {},
): Volume => ({
  ...{ name, number, type: 'part', size: 1, readOnly: false, parents, content },
});
const [disk, first, second, root, other] = [
  volume('/dev/sda', '8:0', []),
  volume('/dev/sda1', '8:1', ['/dev/sda']),
  volume('/dev/sda2', '8:2', ['/dev/sda']),
  volume('/dev/mapper/vg-root', '254:0', ['/dev/sda2']),
  volume('/dev/sdb', '8:16', []),
] as const;
const volumes = [disk, first, second, root, other];
const mount = { root: '/', type: 'ext4', readOnly: false } as const;

describe('what a rescue keeps off', () => {
  const running = runningSystemOf([
    { ...mount, number: '0:1', point: '/', source: 'rootfs', type: 'rootfs' },
    { ...mount, number: '254:0', point: '/', source: '/dev/mapper/vg-root' },
    { ...mount, number: '8:1', point: '/boot', source: '/dev/sda1', readOnly: true },
  ]);

  it('is the root of the running system, and all that it lies on', () => {
    assert.deepEqual(
      volumes.filter((each) => carriesRoot(each, volumes, running)).map(({ name }) => name),
      ['/dev/sda', '/dev/sda2', '/dev/mapper/vg-root'],
    );
    assert.match(
      whyInUse(disk, volumes, running) ?? '',
      /holds the system that is running: \/ is mounted from \/dev\/mapper\/vg-root on it \(device 254:0\)/,
    );
  });

  it('is what is mounted, however', () => {
    assert.equal(whyInUse(first, volumes, running), 'it is mounted at /boot (read-only)');
  });

  it('is a loop device over what the running system has, and its partitions', () => {
    const loop = { ...volume('/dev/loop0', '7:0', ['/dev/sda']), type: 'loop' };
    const part = volume('/dev/loop0p2', '259:0', ['/dev/loop0']);
    const over = { ...volume('/dev/loop1', '7:1', ['/dev/mapper/vg-root']), type: 'loop' };
    const apart = { ...volume('/dev/loop2', '7:2', ['/dev/sdb']), type: 'loop' };
    const all = [...volumes, loop, part, over, apart];
    assert.deepEqual(
      all.filter((each) => showsRoot(each, all, running)).map(({ name }) => name),
      ['/dev/loop0', '/dev/loop0p2', '/dev/loop1'],
    );
    assert.match(
      whyInUse(over, all, running) ?? '',
      /shows \/dev\/mapper\/vg-root again \(a loop device\), which is mounted at \/ \(read-write\)/,
    );
    assert.match(whyInUse(part, all, running) ?? '', /shows \/dev\/sda1 again .* mounted at \/boot/);
  });

  it('is nothing on a root in memory', () => {
    const live = runningSystemOf([
      { ...mount, number: '0:30', point: '/', source: 'overlay', type: 'overlay' },
    ]);
    assert.equal(carriesRoot(disk, volumes, live), false);
  });
});

describe('what is not a root', () => {
  const table: readonly (readonly [VolumeContent, RegExp])[] = [
    [{ type: 'ntfs', usage: 'filesystem' }, /Windows/],
    [{ type: 'BitLocker', usage: 'crypto' }, /BitLocker/],
    [{ type: 'crypto_LUKS', usage: 'crypto' }, /LUKS/],
    [{ type: 'swap', usage: 'other' }, /swap space/],
    [{ type: 'vfat', usage: 'filesystem' }, /FAT/],
    [{ type: 'linux_raid_member', usage: 'raid' }, /RAID/],
    [{ type: 'LVM2_member', usage: 'raid' }, /LVM/],
    [{ type: 'bcache', usage: 'other' }, /holds bcache, which is not a file system/],
    [{ ambivalent: true }, /wipefs/],
    [{ table: 'gpt' }, /has partitions, but the kernel does not know them/],
    [{}, /nothing that is known/],
  ];
  for (const [content, why] of table)
    it(JSON.stringify(content), () => {
      assert.match(whyNoRoot(volume('/dev/sdb', '8:16', [], content)) ?? '', why);
    });

  it('may be one on any other file system', () => {
    for (const type of ['ext4', 'xfs', 'btrfs', 'f2fs'])
      assert.equal(whyNoRoot(volume('/dev/sdb', '8:16', [], { type, usage: 'filesystem' })), undefined);
  });
});
