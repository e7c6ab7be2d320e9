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
    return typeof found === 'string' ? `! ${found}` : found.name;
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
      '! /dev/sda2 is on another disk of the server, and it cannot be told which one that is here',
      '/dev/sdc1',
    ],
    ['/dev/xvda7', '! /dev/xvda7 is not on the disk of the root'],
    ['LABEL=nowhere', '! LABEL=nowhere is on none of the disks'],
    ['server:/export', '! server:/export does not name a block device that is here'],
  ];
  for (const [spec, found, rootSpec] of table)
    it(`${spec}${rootSpec === undefined ? '' : `, with the root on ${rootSpec}`}`, () => {
      assert.equal(resolve(spec, rootSpec), found);
    });

  it('is none when two have the same mark', () => {
    const [disk, root] = own;
    assert.ok(disk && root);
    const twins = [1, 2].map((number) => volume(`/dev/xvdb${number}`, ['/dev/xvdb'], { label: 'twin' }));
    assert.equal(
      resolveSpec('LABEL=twin', { root, rootSpec: undefined, volumes: [disk, ...twins] }),
      'LABEL=twin is both /dev/xvdb1 and /dev/xvdb2',
    );
  });
});
