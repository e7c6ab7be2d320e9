import assert from 'node:assert/strict';
import type { Fact } from '../../../../images/guest/fact.js';
import type { InitSystem } from '../../../../images/guest/init/init-system.js';
import type { Obstacle } from '../../../../images/guest/init/obstacle.js';
import { type Needed, mountInputs, mountObstacles } from '../../../../images/guest/init/process/mounted.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { gather } from '../../../support/declared-inputs.js';
import { disksWith } from '../../../support/disks.js';

type Files = Readonly<Record<string, MemoryNode>>;

const program: MemoryNode = { content: '#!/bin/sh\n', mode: 0o755 };
const guest: Files = {
  '/usr/bin/agent': program,
  '/usr/share/agent/lib.py': '',
  '/bin': { link: 'usr/bin' },
  '/opt/agent/run': program,
  '/srv/opt/agent/run': program,
  '/srv/empty/x': '',
  '/etc/shadow': 'root:*:1::::::\n',
  '/var/log/agent/old.log': '',
  '/root/.bashrc': '',
};
const needs: Needed = {
  runs: ['/bin/agent'],
  reads: ['/usr/share/agent/lib.py', '/opt/agent/run'],
  writes: ['/etc/shadow'],
  logs: ['/var/log/agent/agent.log'],
};
const rootLine = 'UUID=1 / ext4 defaults 0 1';

function ask(files: Files, system: InitSystem, needed = needs, disks?: readonly string[]) {
  const fact: Fact<readonly Obstacle[]> = {
    name: 'asked',
    inputs: mountInputs,
    gather: (image) => mountObstacles(image, system, needed),
  };
  const all = disks && disksWith(disks);
  return gather(fact, memoryImage({ ...guest, ...files }, 'memory', all));
}

type Verdict = 'works' | 'broken' | 'undecided';

async function verdict(
  files: Files,
  system: InitSystem = 'systemd',
  disks?: readonly string[],
): Promise<Verdict> {
  const found = await ask(files, system, needs, disks);
  if (found.some(({ certain }) => certain)) return 'broken';
  return found.length > 0 ? 'undecided' : 'works';
}

const fstab = (...lines: readonly string[]): Files => ({
  '/etc/fstab': `# a comment\n${lines.join('\n')}\n`,
});
const grub = (words: string): Files => ({
  '/boot/grub/grub.cfg': `set timeout=0\nmenuentry x {\n  linux /vmlinuz root=/dev/xvda1 ${words}\n}\n`,
});
const removed = '/etc/systemd/system/systemd-remount-fs.service';

describe('mountObstacles', () => {
  // Which option counts was asked of mnt_optstr_get_flags() of libmount 2.38.
  const roots: readonly (readonly [Verdict, string, ...Files[]])[] = [
    ['broken', 'ro', fstab('UUID=1 / ext4 ro 0 1')],
    ['broken', 'rw,ro', fstab('UUID=1 / ext4 rw,ro 0 1')],
    ['broken', 'ro,defaults', fstab('UUID=1 / ext4 ro,defaults 0 1')],
    ['works', 'ro,rw', fstab('UUID=1 / ext4 ro,rw 0 1')],
    ['works', 'errors=remount-ro', fstab('UUID=1 / ext4 errors=remount-ro 0 1'), grub('ro')],
    ['works', 'a root that is written, by ro on the command line', fstab(rootLine), grub('ro quiet')],
    ['broken', 'no line, and ro', fstab('tmpfs /tmp tmpfs'), grub('ro quiet')],
    ['works', 'no line, and ro rw', fstab('tmpfs /tmp tmpfs'), grub('ro rw')],
    ['works', 'no line, and rw', fstab('tmpfs /tmp tmpfs'), grub('rw')],
    ['works', 'an fstab that is not configured yet, and ro', fstab(), grub('ro')],
    ['works', 'no line at all, and no boot entry', {}],
    ['broken', 'remounting masked', fstab(rootLine), grub('ro'), { [removed]: { link: '/dev/null' } }],
    ['works', 'remounting masked, rw', fstab(rootLine), grub('rw'), { [removed]: { link: '/dev/null' } }],
    [
      'works',
      'an overlay over it',
      fstab('UUID=1 / ext4 ro'),
      { '/etc/overlayroot.conf': 'overlayroot="tmpfs"\n' },
    ],
    [
      'broken',
      'an overlay that is off',
      fstab('UUID=1 / ext4 ro'),
      { '/etc/overlayroot.conf': 'overlayroot=""\n#overlayroot="tmpfs"\n' },
    ],
    ['works', 'a volatile root', fstab('UUID=1 / ext4 ro'), grub('ro systemd.volatile=overlay')],
    [
      'works',
      'no fstab by the command line',
      fstab('UUID=1 / ext4 rw', 'tmpfs /usr tmpfs'),
      grub('rw fstab=no'),
    ],
    [
      'undecided',
      'a script that remounts it',
      fstab('UUID=1 / ext4 ro'),
      { '/etc/rc.local': '#!/bin/sh\nmount -o remount,rw /\n' },
    ],
    ['broken', 'only /etc can be written', fstab('UUID=1 / ext4 ro', 'UUID=2 /etc ext4 defaults')],
    [
      'works',
      '/etc and /var can be written',
      fstab('UUID=1 / ext4 ro', 'UUID=2 /etc ext4 defaults', 'UUID=3 /var ext4 defaults'),
    ],
    ['broken', 'the log alone is read-only', fstab(rootLine, 'UUID=3 /var/log ext4 ro')],
  ];
  for (const [expected, name, ...files] of roots)
    it(`${name}: ${expected}`, async () => {
      assert.equal(await verdict(Object.assign({}, ...files) as Files), expected);
    });

  it('goes by the scripts of other init systems', async () => {
    const ro = fstab('/dev/xvda1 / ext3 ro,rw 0 1');
    // /lib/init/mount-functions.sh of Debian looks for "ro" anywhere; rc.sysinit of Red Hat remounts with rw.
    assert.equal(await verdict({ ...ro, '/etc/init.d/checkroot.sh': program }, 'sysv'), 'broken');
    assert.equal(await verdict(ro, 'sysv'), 'works');
    assert.equal(await verdict({ ...ro, '/sbin/mountall': program }, 'upstart'), 'works');
    const only = fstab('/dev/xvda1 / ext3 ro 0 1');
    assert.equal(await verdict({ ...only, '/sbin/mountall': program }, 'upstart'), 'broken');
    assert.equal(await verdict({ ...grub('ro'), '/etc/init.d/checkroot.sh': program }, 'sysv'), 'works');
  });

  const lines: readonly (readonly [Verdict, string])[] = [
    ['broken', 'tmpfs /usr/bin tmpfs defaults'],
    ['broken', 'tmpfs /bin tmpfs defaults'],
    ['broken', 'tmpfs /usr tmpfs nofail'],
    ['broken', 'tmpfs /usr/share tmpfs x-systemd.automount,noauto'],
    ['works', 'tmpfs /usr/share tmpfs noauto'],
    ['works', '#tmpfs /usr/share tmpfs defaults'],
    ['works', 'tmpfs /usr/share/other tmpfs defaults'],
    ['works', 'tmpfs /tmp tmpfs noexec'],
    ['broken', 'tmpfs /etc tmpfs defaults'],
    ['broken', 'tmpfs /var/log tmpfs defaults'],
    ['works', 'tmpfs /var/log/agent tmpfs defaults'],
    ['broken', '/srv/empty /opt none bind'],
    ['broken', '/srv/gone /opt none rbind'],
    ['works', '/srv/opt /opt none bind'],
    ['works', '/opt /opt none bind'],
    ['broken', '/etc /etc none bind,ro'],
    ['works', 'overlay /etc overlay lowerdir=/etc,upperdir=/srv/a,workdir=/srv/b'],
    ['works', 'UUID=2 /opt ext4 defaults'],
    ['works', 'UUID=2 /usr ext4 ro,nosuid,nodev'],
    ['undecided', 'UUID=2 /usr/bin ext4 defaults'],
    ['undecided', '/dev/xvdb1 /opt ext4 nofail'],
    ['works', '/dev/xvda2 /opt ext4 nofail'],
    ['works', 'UUID=1 /usr/bin btrfs subvol=@bin'],
    ['undecided', 'server:/opt /opt nfs defaults'],
    ['broken', 'UUID=2 /usr ext4 noexec'],
    ['broken', 'UUID=2 /usr ext4 exec,user'],
    ['works', 'UUID=2 /usr ext4 user,exec'],
    ['undecided', 'UUID=2 /usr ext4 noexec,nofail'],
    // Python reads it: only what is executed matters.
    ['works', 'UUID=2 /opt ext4 noexec'],
    ['broken', 'UUID=2 /etc iso9660 defaults'],
  ];
  for (const [expected, line] of lines)
    it(`${line}: ${expected}`, async () => {
      assert.equal(await verdict(fstab(rootLine, line)), expected);
    });

  it('names the line, and says what is hidden', async () => {
    const found = await ask(fstab(rootLine, 'tmpfs /usr/bin tmpfs defaults'), 'systemd');
    assert.deepEqual(found, [
      {
        certain: true,
        evidence: { path: '/etc/fstab', line: 3 },
        because: '/etc/fstab mounts a tmpfs on /usr/bin over /bin/agent, which is hidden then',
      },
    ]);
  });

  it('asks the disks, where they are known', async () => {
    const line = fstab(rootLine, 'UUID=2 /usr/bin ext4 nofail');
    assert.equal(await verdict(line, 'systemd', ['UUID=1', 'UUID=2']), 'works');
    assert.equal(await verdict(line, 'systemd', ['UUID=1']), 'works');
  });

  const tmpfiles = '/usr/lib/tmpfiles.d/agent.conf';
  const volatile = fstab(rootLine, 'tmpfs /var/log tmpfs defaults');
  const made: readonly (readonly [Verdict, string, Files])[] = [
    ['works', 'd', { [tmpfiles]: 'd /var/log/agent 0755 root root -\n' }],
    ['works', 'D!', { [tmpfiles]: 'D! /var/log/agent/\n' }],
    ['works', 'a folder below', { [tmpfiles]: 'q- "/var/log/agent/old" 0755\n' }],
    ['broken', 'e only adjusts', { [tmpfiles]: 'e /var/log/agent 0755 root root 10d\n' }],
    ['broken', 'z only adjusts', { [tmpfiles]: 'z /var/log/agent 0755\n' }],
    ['broken', 'a comment', { [tmpfiles]: '# d /var/log/agent\n' }],
    ['broken', 'another folder', { [tmpfiles]: 'd /var/log/agent2\n' }],
    [
      'broken',
      'a mask of the file',
      { [tmpfiles]: 'd /var/log/agent\n', '/etc/tmpfiles.d/agent.conf': { link: '/dev/null' } },
    ],
    [
      'broken',
      'another file of the name',
      { [tmpfiles]: 'd /var/log/agent\n', '/etc/tmpfiles.d/agent.conf': 'd /var/log/x\n' },
    ],
    [
      'broken',
      'the service is masked',
      {
        [tmpfiles]: 'd /var/log/agent\n',
        '/etc/systemd/system/systemd-tmpfiles-setup.service': { link: '/dev/null' },
      },
    ],
  ];
  for (const [expected, name, files] of made)
    it(`a log in memory whose folder is made at boot, ${name}: ${expected}`, async () => {
      assert.equal(await verdict({ ...volatile, ...files }), expected);
    });

  it('knows no tmpfiles.d under SysV', async () => {
    assert.equal(await verdict({ ...volatile, [tmpfiles]: 'd /var/log/agent\n' }, 'sysv'), 'broken');
  });

  const unit = '/etc/systemd/system/usr-bin.mount';
  const text = '[Mount]\nWhat=tmpfs\nWhere=/usr/bin\nType=tmpfs\n';
  const wants = '/etc/systemd/system/local-fs.target.wants/usr-bin.mount';
  const units: readonly (readonly [Verdict, string, Files])[] = [
    ['broken', 'a mount unit that is enabled', { [unit]: text, [wants]: { link: unit } }],
    ['works', 'a mount unit that is not enabled', { [unit]: text }],
    [
      'works',
      'a mount unit whose name is not that of its place, which systemd refuses',
      {
        '/etc/systemd/system/lab.mount': text,
        '/etc/systemd/system/local-fs.target.wants/lab.mount': { link: '../lab.mount' },
      },
    ],
    [
      'undecided',
      'with a condition',
      { [unit]: `[Unit]\nConditionHost=x\n${text}`, [wants]: { link: unit } },
    ],
    [
      'works',
      'a line that a mask takes away',
      { ...fstab('tmpfs /usr/bin tmpfs'), [unit]: { link: '/dev/null' } },
    ],
    ['broken', 'a unit in place of a line', { ...fstab('UUID=2 /usr/bin ext4 x'), [unit]: text }],
    [
      'works',
      'a line that is stronger than the unit of a package',
      {
        ...fstab('/opt /opt none bind'),
        '/usr/lib/systemd/system/opt.mount': text.replace('/usr/bin', '/opt'),
      },
    ],
  ];
  for (const [expected, name, files] of units)
    it(`${name}: ${expected}`, async () => {
      assert.equal(await verdict(files), expected);
    });

  it('does not follow binds for ever', async () => {
    // The second shows what the first has put there: /opt itself.
    assert.equal(await verdict(fstab('/opt /srv none bind', '/srv /opt none bind')), 'works');
  });
});
