import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseFstab } from '../../../images/formats/fstab.js';
import { factsOf } from '../../../images/guest/fact.js';
import { mounts } from '../../../images/guest/mounts.js';
import { memoryImage } from '../../../images/image/memory.js';
import type { Presence } from '../../../images/image/image.js';
import type { Files } from '../../guests/parts.js';
import { disksWith } from '../../support/disks.js';

const whole: Files = { '/boot/vmlinuz-6.1': '', '/usr/bin/env': '', '/var/lib/dpkg/status': '' };

async function mountPoints(fstab: string, files: Files = whole): Promise<string[]> {
  const image = memoryImage({ ...files, '/etc/fstab': fstab });
  return (await factsOf(image)(mounts)).map(({ mountPoint }) => mountPoint);
}

describe('guest/mounts', () => {
  it('names those that are there', async () => {
    const fstab = '# x\nUUID=1 / ext4 defaults 0 1\nUUID=2 /var ext4 defaults 0 2\nUUID=3 none swap sw 0 0\n';
    assert.deepEqual(await mountPoints(fstab), ['/var']);
  });

  for (const folder of ['/boot', '/usr', '/var', '/var/lib']) {
    it(`cannot judge a guest whose ${folder} was not mounted`, async () => {
      const rest = Object.fromEntries(
        Object.entries(whole).filter(([path]) => !path.startsWith(`${folder}/`)),
      );
      await assert.rejects(mountPoints(`\n/dev/sdb1\t${folder}\text4\n`, rest), {
        code: 'not-mounted',
        message: `${folder} is a separate file system (/etc/fstab, line 2) that the image does not contain`,
      });
    });
  }

  const harmless: [string, string][] = [
    ['one that no boot mounts', '/dev/sdb1 /boot ext4 noauto,user 0 0'],
    ['one that is made anew at each boot', 'tmpfs /var tmpfs size=1g 0 0'],
    ['one that may be empty', '/dev/sdb1 /home ext4 defaults 0 0'],
    ['a comment', '#/dev/sdb1 /boot ext4 defaults 0 0'],
  ];
  for (const [name, line] of harmless) {
    it(`does not ask for ${name}`, async () => {
      assert.deepEqual(await mountPoints(line, {}), []);
    });
  }

  for (const written of ['/var/', '//var', '/./var//']) {
    it(`knows ${written} as /var`, async () => {
      await assert.rejects(mountPoints(`/dev/sdb1 ${written} ext4`, {}), { code: 'not-mounted' });
    });
  }

  describe('of a server whose disks are at hand', () => {
    const judge = async (line: string, presence: Presence): Promise<unknown> => {
      const disks = disksWith([], { '/dev/sdb1': presence });
      return factsOf(memoryImage({ '/etc/fstab': line }, 'memory', disks))(mounts);
    };
    const optional = '/dev/sdb1 /boot ext4 nofail 0 2';
    const gone = { state: 'absent', because: 'it is gone' } as const;

    it('goes without one that is gone, or cannot be mounted, where the server does', async () => {
      assert.deepEqual(await judge(optional, gone), []);
      assert.deepEqual(await judge(optional, { ...gone, state: 'not-mounted' }), []);
    });

    it('does not where it is required, or where it cannot be told whether it is gone', async () => {
      const refused = { code: 'not-mounted' };
      await assert.rejects(judge('/dev/sdb1 /boot ext4 defaults 0 2', gone), refused);
      await assert.rejects(judge(optional, { ...gone, state: 'undecided' }), refused);
      await assert.rejects(judge(optional, { state: 'present' }), refused);
    });
  });

  it('asks for one that systemd mounts on the first access', async () => {
    const line = '/dev/sdb1 /var ext4 noauto,x-systemd.automount 0 0';
    await assert.rejects(mountPoints(line, {}), { code: 'not-mounted' });
  });

  describe('of an EFI system partition that is not in the image', () => {
    const line = '/dev/sda1 /boot/efi vfat umask=0077 0 1';
    const enough: [string, Files][] = [
      ['grub.cfg of Debian', { '/boot/grub/grub.cfg': 'menuentry x {\n  linux /vmlinuz ro\n}\n' }],
      ['grub.cfg of Red Hat', { '/boot/grub2/grub.cfg': 'menuentry x {\n  linuxefi /vmlinuz ro\n}\n' }],
      ['entry of the Boot Loader Specification', { '/boot/loader/entries/a.conf': 'options ro\n' }],
    ];
    for (const [name, files] of enough) {
      it(`has no need, given a ${name}`, async () => {
        assert.deepEqual(await mountPoints(line, { ...whole, ...files }), []);
      });
    }

    const tooLittle: [string, Files][] = [
      ['no entry', {}],
      ['a grub.cfg without an entry', { '/boot/grub2/grub.cfg': 'configfile /efi/x/grub.cfg\n' }],
      ['what entries are made from', { '/etc/default/grub': 'GRUB_CMDLINE_LINUX="quiet"\n' }],
    ];
    for (const [name, files] of tooLittle) {
      it(`has need, given ${name}`, async () => {
        await assert.rejects(mountPoints(line, { ...whole, ...files }), { code: 'not-mounted' });
      });
    }

    it('has no need of one that is there, or that no boot mounts', async () => {
      assert.deepEqual(await mountPoints(line, { '/boot/efi/EFI/debian/grub.cfg': '' }), ['/boot/efi']);
      assert.deepEqual(await mountPoints('/dev/sda1 /boot/efi vfat noauto 0 1'), []);
    });
  });

  it('has no opinion without an fstab', async () => {
    assert.deepEqual(await factsOf(memoryImage({}))(mounts), []);
  });

  it('reads a mount point with a space, and never throws on any text', () => {
    assert.equal(parseFstab('/dev/x /a\\040b ext4')[0]?.mountPoint, '/a b');
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseFstab(text))));
  });
});
