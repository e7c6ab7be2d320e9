import assert from 'node:assert/strict';
import type { VolumeContent } from '../../../images/formats/blkid.js';
import { resolveSpec } from '../../../images/rescue/resolve-spec.js';
import type { Volume } from '../../../images/rescue/volume.js';

const volume = (name: string, parents: readonly string[], content: VolumeContent = {}): Volume => ({
  name,
  number: name,
  type: parents.length > 0 ? 'part' : 'disk',
  size: 1,
  readOnly: false,
  parents,
  content,
});
const part = (number: number, content: VolumeContent = {}): VolumeContent => ({
  partition: { number, uuid: `p-${number}` },
  ...content,
});

const own = [
  volume('/dev/xvdb', []),
  volume('/dev/xvdb1', ['/dev/xvdb'], part(1, { uuid: 'root-uuid', label: 'root' })),
  volume('/dev/xvdb2', ['/dev/xvdb'], part(2, { uuid: 'ABCD-1234', label: 'var' })),
  volume('/dev/mapper/vg-usr', ['/dev/xvdb2'], { uuid: 'usr-uuid' }),
];
/** A disk that stems from the same image, and one that does not. */
const others = [
  volume('/dev/xvdc', []),
  volume('/dev/xvdc1', ['/dev/xvdc'], part(1, { uuid: 'root-uuid', label: 'var' })),
  volume('/dev/xvdc3', ['/dev/xvdc'], part(3, { uuid: 'data-uuid', label: 'data' })),
];

describe('the volume that an fstab entry means', () => {
  const resolve = (spec: string, rootSpec: string | undefined = 'UUID=root-uuid'): string => {
    const [, root] = own;
    assert.ok(root);
    const found = resolveSpec(spec, { root, rootSpec, volumes: [...own, ...others] });
    return found.volume ? found.volume.name : `${found.absent ? 'absent' : 'undecided'}: ${found.why}`;
  };

  const table: readonly (readonly [spec: string, found: string, rootSpec?: string])[] = [
    ['UUID=abcd-1234', '/dev/xvdb2'],
    ['LABEL=var', '/dev/xvdb2'],
    ['UUID=data-uuid', '/dev/xvdc3'],
    ['PARTUUID=P-2', '/dev/xvdb2'],
    ['/dev/mapper/vg-usr', '/dev/mapper/vg-usr'],
    ['/dev/vg/usr', '/dev/mapper/vg-usr'],
    ['/dev/xvda2', '/dev/xvdb2'],
    ['/dev/sdc2', '/dev/xvdb2', '/dev/sdc1'],
    [
      '/dev/sda2',
      'undecided: /dev/sda2 is on another disk of the server, and it cannot be told which one that is here',
      '/dev/sdc1',
    ],
    ['/dev/xvda7', 'absent: /dev/xvda7 is not on the disk of the root'],
    ['LABEL=nowhere', 'absent: LABEL=nowhere is on none of the disks'],
    ['PARTLABEL=nowhere', 'absent: PARTLABEL=nowhere is on none of the disks'],
    ['/dev/disk/by-uuid/no-uuid', 'absent: /dev/disk/by-uuid/no-uuid is on none of the disks'],
    ['/dev/mapper/vg-gone', 'absent: /dev/mapper/vg-gone is on none of the disks'],
    ['/dev/disk/by-id/scsi-1', 'undecided: /dev/disk/by-id/scsi-1 does not name a block device that is here'],
    ['server:/export', 'undecided: server:/export does not name a block device that is here'],
  ];
  for (const [spec, found, rootSpec] of table)
    it(`${spec}${rootSpec === undefined ? '' : `, with the root on ${rootSpec}`}`, () => {
      assert.equal(resolve(spec, rootSpec), found);
    });

  it('is none when two have the same mark', () => {
    const [disk, root] = own;
    assert.ok(disk && root);
    const twins = [1, 2].map((number) => volume(`/dev/xvdb${number}`, ['/dev/xvdb'], { label: 'twin' }));
    assert.deepEqual(resolveSpec('LABEL=twin', { root, rootSpec: undefined, volumes: [disk, ...twins] }), {
      absent: false,
      why: 'LABEL=twin is both /dev/xvdb1 and /dev/xvdb2',
    });
  });

  const closed: readonly (readonly [what: string, Volume])[] = [
    ['an encrypted disk', volume('/dev/xvdc', [], { type: 'crypto_LUKS' })],
    ['a physical volume whose logical ones are not active', volume('/dev/xvdc', [], { type: 'LVM2_member' })],
    ['a part of a RAID', volume('/dev/xvdc', [], { type: 'linux_raid_member' })],
    ['a disk that cannot be read', { ...volume('/dev/xvdc', []), unreadable: 'it is broken' }],
    ['a disk with several kinds of content', volume('/dev/xvdc', [], { ambivalent: true })],
  ];
  for (const [what, disk] of closed)
    it(`is not certain to be gone while there is ${what}; a partition is`, () => {
      const [, root] = own;
      assert.ok(root);
      const absent = (spec: string): unknown => {
        const found = resolveSpec(spec, { root, rootSpec: undefined, volumes: [...own, disk] });
        return found.volume ?? found.absent;
      };
      assert.equal(absent('UUID=nowhere'), false);
      assert.equal(absent('/dev/mapper/vg-gone'), false);
      assert.equal(absent('PARTUUID=nowhere'), true);
    });

  it('is not certain to be gone where the root has no partition: its neighbour may be another disk', () => {
    const root = volume('/dev/xvdb', [], { type: 'ext4' });
    const surroundings = { root, rootSpec: '/dev/xvda1', volumes: [root] };
    assert.deepEqual(resolveSpec('/dev/xvda2', surroundings), {
      absent: false,
      why: '/dev/xvda2 is not on the disk of the root',
    });
  });
});
