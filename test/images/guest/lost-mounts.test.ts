import assert from 'node:assert/strict';
import { factsOf } from '../../../images/guest/fact.js';
import { lostMounts } from '../../../images/guest/lost-mounts.js';
import { type MemoryNode, memoryImage } from '../../../images/image/memory.js';
import { disksWith } from '../../support/disks.js';

const systemd: Record<string, MemoryNode> = {
  '/usr/lib/systemd/systemd': 'ELF',
  '/sbin/init': { link: '/usr/lib/systemd/systemd' },
};
const sysv: Record<string, MemoryNode> = {
  '/sbin/init': 'ELF',
  '/etc/inittab': 'id:2:initdefault:\n',
  '/sbin/fsck.ext4': 'ELF',
};
const upstart: Record<string, MemoryNode> = { '/sbin/init': 'ELF', '/sbin/initctl': 'ELF' };

async function lostOf(
  guest: Record<string, MemoryNode>,
  lines: readonly string[],
): Promise<string[] | undefined> {
  const fstab = `# a comment\n${lines.join('\n')}\n`;
  const disks = disksWith(['LABEL=here']);
  const image = memoryImage({ ...guest, '/etc/fstab': fstab }, 'memory', disks);
  const lost = await factsOf(image)(lostMounts);
  return lost?.map(({ entry }) => entry.mountPoint);
}

/** Options of an ext4 on LABEL=gone with pass number 2, and which init systems stop without it. */
const table: readonly (readonly [options: string, systemd: boolean, sysv: boolean, upstart: boolean])[] = [
  // systemd: what systemd-fstab-generator 252 made of these lines below local-fs.target.requires.
  // sysv: whether "fsck -T -M -A -a" of util-linux 2.38 failed. upstart: mountall(8).
  ['defaults', true, true, true],
  ['nofail', false, false, false],
  ['nofail,fail', true, true, true],
  ['noauto', false, true, false],
  ['noauto,auto', true, true, true],
  ['x-systemd.automount', false, true, true],
  ['comment=systemd.automount', false, true, true],
  ['_netdev', false, false, false],
  ['x-systemd.device-timeout=5s', true, true, true],
  ['x-systemd.wanted-by=x.service', false, true, true],
  ['nobootwait', true, true, false],
  ['nobootwait,bootwait', true, true, true],
  ['optional', true, true, false],
];

describe('guest/lost-mounts', () => {
  for (const [options, ...stops] of table) {
    for (const [at, [name, guest]] of Object.entries({ systemd, sysv, upstart }).entries())
      it(`${name}, with ${options}: ${stops[at] === true ? 'stops' : 'goes on'}`, async () => {
        const expected = stops[at] === true ? ['/data'] : [];
        assert.deepEqual(await lostOf(guest, [`LABEL=gone /data ext4 ${options} 0 2`]), expected);
      });
  }

  const elsewhere: readonly (readonly [line: string, stops: boolean])[] = [
    ['LABEL=here /data ext4 defaults 0 2', false],
    ['UUID=gone /data ext4', true],
    ['PARTUUID=gone /data ext4 defaults 0 0', true],
    ['PARTLABEL=gone /data ext4 defaults 0 0', true],
    ['/dev/disk/by-uuid/gone /data ext4 defaults 0 0', true],
    ['/dev/sdz1 /data ext4 defaults 0 0', true],
    ['LABEL=gone / ext4 defaults 0 1', false],
    ['LABEL=gone none swap sw 0 0', false],
    ['LABEL=gone /data nfs defaults 0 0', false],
    ['server:/x /data nfs defaults 0 0', false],
    ['tmpfs /data tmpfs defaults 0 0', false],
    ['/srv/x /data none bind 0 0', false],
    ['/dev/gone /data none rbind 0 0', false],
    ['overlay /data overlay lowerdir=/a 0 0', false],
    ['#LABEL=gone /data ext4 defaults 0 2', false],
    ['LABEL=gone /data', false],
  ];
  for (const [line, stops] of elsewhere)
    it(`systemd, with ${line}: ${stops ? 'stops' : 'goes on'}`, async () => {
      assert.equal((await lostOf(systemd, [line]))?.length, stops ? 1 : 0);
    });

  it('passes over what fsck(8) passes over, under SysV', async () => {
    for (const line of [
      'ext4 defaults 0 0',
      'ext4',
      'auto defaults 0 2',
      'vfat defaults 0 2',
      'ext3,ext4 x 0 2',
    ])
      assert.deepEqual(await lostOf(sysv, [`LABEL=gone /data ${line}`]), [], line);
  });

  it('passes over a line whose mount unit is masked, or an administrator’s own', async () => {
    const unit = '/etc/systemd/system/srv-data.mount';
    const line = ['LABEL=gone /srv/data ext4 defaults 0 2'];
    assert.deepEqual(await lostOf({ ...systemd, [unit]: { link: '/dev/null' } }, line), []);
    assert.deepEqual(await lostOf({ ...systemd, [unit]: '' }, line), []);
    assert.deepEqual(await lostOf({ ...systemd, [unit]: '[Mount]\nWhat=LABEL=here\n' }, line), []);
  });

  const root = 'LABEL=root / ext4 defaults 0 1';
  const withoutDisks: readonly (readonly [
    doubt: boolean,
    line: string,
    more?: Record<string, MemoryNode>,
  ])[] = [
    [true, 'LABEL=gone /data ext4'],
    [true, 'UUID=gone /data ext4 defaults 0 2', { '/data': { type: 'directory' } }],
    [false, 'UUID=held /data ext4 defaults 0 2', { '/data/x': '' }],
    [true, '/dev/xvdb1 /data ext4 defaults 0 2', { '/data/x': '' }],
    [false, '/dev/xvda3 /data ext4 defaults 0 2', { '/data/x': '' }],
    [false, '/dev/xvdb1 /data ext4 nofail 0 2'],
    [false, '/dev/xvdb1 /data ext4 noauto 0 2'],
    [false, 'UUID=gone /data ext4 x-systemd.automount 0 2'],
    [false, 'LABEL=root /data btrfs subvol=data 0 0'],
    [false, 'UUID=7A3C-1B /boot/efi vfat umask=0077 0 1'],
    [false, 'LABEL=UEFI /efi vfat umask=0077 0 1'],
    [false, 'UUID=gone none swap sw 0 0'],
    [false, 'tmpfs /data tmpfs defaults 0 0'],
  ];
  for (const [doubt, line, more] of withoutDisks)
    it(`of an image without its disks, with ${line}: ${doubt ? 'undecided' : 'nothing'}`, async () => {
      const image = memoryImage({ ...systemd, ...more, '/etc/fstab': `${root}\n${line}\n` });
      const lost = await factsOf(image)(lostMounts);
      assert.deepEqual(
        lost?.map(({ entry, presence }) => [entry.line, presence.state]),
        doubt ? [[2, 'undecided']] : undefined,
      );
    });
});
