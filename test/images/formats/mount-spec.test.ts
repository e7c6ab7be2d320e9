import assert from 'node:assert/strict';
import { mapperName, parseMountSpec } from '../../../images/formats/mount-spec.js';

describe('what an fstab entry means', () => {
  const table: readonly (readonly [string, ReturnType<typeof parseMountSpec>])[] = [
    ['UUID=ABCD-1234', { kind: 'uuid', value: 'ABCD-1234' }],
    ['UUID="5d86-35d8"', { kind: 'uuid', value: '5d86-35d8' }],
    ['LABEL=/', { kind: 'label', value: '/' }],
    ['LABEL=a\u2028b', { kind: 'label', value: 'a\u2028b' }],
    ['PARTUUID=1a2b-01', { kind: 'partuuid', value: '1a2b-01' }],
    ["PARTLABEL='EFI System'", { kind: 'partlabel', value: 'EFI System' }],
    ['/dev/disk/by-uuid/5d86', { kind: 'uuid', value: '5d86' }],
    ['/dev/disk/by-partlabel/EFI\\x20System', { kind: 'partlabel', value: 'EFI System' }],
    ['/dev/xvda1', { kind: 'disk', disk: 0, partition: 1 }],
    ['/dev/sdb', { kind: 'disk', disk: 1 }],
    ['/dev/sdaa12', { kind: 'disk', disk: 26, partition: 12 }],
    ['/dev/nvme0n1p2', { kind: 'disk', disk: 0, partition: 2 }],
    ['/dev/mmcblk1p3', { kind: 'disk', disk: 1, partition: 3 }],
    ['/dev/mapper/my--vg-root', { kind: 'mapper', name: 'my--vg-root' }],
    ['/dev/my-vg/root', { kind: 'mapper', name: 'my--vg-root' }],
    ['server:/export', undefined],
    ['//server/share', undefined],
    ['tmpfs', undefined],
    ['none', undefined],
    ['/dev/disk/by-path/pci-0000', undefined],
  ];
  for (const [spec, meant] of table)
    it(spec, () => {
      assert.deepEqual(parseMountSpec(spec), meant);
    });

  it('knows how device-mapper names a logical volume', () => {
    assert.equal(mapperName('a-b', 'c-d'), 'a--b-c--d');
  });
});
