import assert from 'node:assert/strict';
import { withoutDisks } from '../../../pipeline/rehearse/container-fstab.js';

describe('the fstab of a container', () => {
  const kept = [
    '# /etc/fstab: static file system information.',
    'tmpfs /tmp tmpfs size=64m,mode=1777 0 0',
    '/srv/data /var/www none bind 0 0',
    '/srv/more /var/more none defaults,rbind 0 0',
    '',
  ];

  it('keeps what is in memory, and folders that are mounted elsewhere', () => {
    assert.equal(withoutDisks(kept.join('\n')), kept.join('\n'));
  });

  for (const line of [
    'LABEL=cloudimg-rootfs / ext4 defaults,errors=remount-ro 0 1',
    'UUID=0a3407de-014b-458b-b5c1-848e92a327a3 /data xfs defaults 0 2',
    '/dev/xvdc1 none swap sw 0 0',
    '/swapfile swap swap defaults 0 0',
    '  PARTUUID=1 /boot vfat ro 0 0',
    'server:/export /mnt nfs _netdev 0 0',
    '//server/share /mnt cifs guest 0 0',
    'proc /proc proc defaults 0 0',
    '/dev/mapper/vg-bind /bind ext4 defaults 0 0',
  ]) {
    it(`has no line for “${line.trim()}”`, () => {
      assert.equal(withoutDisks([kept[0], line, kept[1]].join('\n')), `${kept[0]}\n${kept[1]}`);
    });
  }

  it('has nothing to say of a line that no mount reads', () => {
    assert.equal(withoutDisks('nonsense\n'), 'nonsense\n');
  });
});
