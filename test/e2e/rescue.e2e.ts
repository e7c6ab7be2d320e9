import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from '../guests/healthy.js';
import { putDocumentedServer, shippedRoot, target, together } from '../guests/real.js';
import { systemdFaults } from '../guests/faults.js';
import { type Run, hallmark } from '../support/command.js';
import type { Report } from '../../pipeline/report/report.js';
import { type LoopDisk, LoopDisks, type Part, mountsOf, opensWith } from '../support/loop-disk.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';
import { atTerminal, fill, leftOver, run, runWithFile, surveyAll } from '../support/rescue.js';

/** Everything below a folder that has no label, by find and getfattr. */
const unlabelled = (folder: string): string =>
  sh(
    'sh',
    '-c',
    'find "$1" | while read -r path; do getfattr -h -n security.selinux "$path" > /dev/null 2>&1 || echo "$path"; done',
    'sh',
    folder,
  );

const password = 'a new one: änd ßome';

describe('hallmark rescue, as root', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let state: string;
  /** The server of the source documents, and one with every fault of systemd servers that can be repaired. */
  const broken = { sysv: '', systemd: '' };
  const disks = new LoopDisks();

  before(() => {
    roots = new RealRoots();
    broken.sysv = roots.unpack('sysv');
    putDocumentedServer(broken.sysv);
    broken.systemd = shippedRoot(roots, 'systemd');
    for (const fault of together(systemdFaults)) fault.put(broken.systemd);
  });

  beforeEach(() => {
    state = roots.folder('state');
  });

  afterEach(() => {
    disks.release();
    assert.deepEqual(leftOver(), []);
  });

  after(() => {
    roots[Symbol.dispose]();
  });

  const disk = (table: 'dos' | 'gpt', parts: readonly Part[]): LoopDisk =>
    disks.make(roots.folder('disk'), table, parts);
  const rescue = (args: readonly string[], input = `${password}\n`): Run =>
    run(['rescue', ...args, '--yes', '--root-password-fd', '0', '--debug', ...target], state, input);

  /** Repairs it, looks with other eyes whether it is, and takes it back. */
  const repairAndUndo = (on: LoopDisk, device: string, options = 'ro'): Run => {
    const before_ = on.mounted((root) => surveyAll(root, on), options);
    const result = rescue([device]);
    assert.equal(result.status, 0, result.stdout + result.stderr);
    assert.deepEqual(mountsOf(on.device), []);
    on.mounted((root) => {
      assert.ok(opensWith(password, root));
      assert.equal(
        sh('getfattr', '--only-values', '-n', 'security.selinux', join(root, 'etc/shadow')),
        'system_u:object_r:shadow_t:s0',
      );
      const again = hallmark(['check', root, ...target], { state });
      assert.equal(again.status, 0, again.stdout + again.stderr);
    }, options);
    const undone = hallmark(['undo', device, '--yes'], { state });
    assert.equal(undone.status, 0, undone.stderr);
    assert.deepEqual(
      on.mounted((root) => surveyAll(root, on), options),
      before_,
    );
    return result;
  };

  it('repairs the documented server on a disk with an MBR, found by itself, and takes it back', () => {
    const on = disk('dos', [
      { make: ['swap'], size: 32 },
      { make: ['ext4'], size: 500, at: '/' },
    ]);
    on.mounted((root) => {
      fill(root, broken.sysv, ['/dev/xvda2 / ext4 defaults 0 1', '/dev/xvda1 none swap sw 0 0']);
    });
    repairAndUndo(on, on.part(2));
    const { status, stderr } = rescue([]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, new RegExp(`${on.part(2)}: Debian GNU/Linux 12\\S*, 500 MiB ext4`));
    assert.match(stderr, /\S+ is unmounted/);
  });

  it('repairs a server with /boot and /var of their own, named in every way that fstab knows', () => {
    const on = disk('gpt', [
      { make: ['ext4', '-L', 'boot'], size: 64, at: '/boot' },
      { make: ['ext4'], size: 600, at: '/' },
      { make: ['ext4'], size: 200, at: '/var' },
      { make: ['ext4'], size: 16, at: '/var/lib/nova' },
    ]);
    on.mounted((root) => {
      fill(root, broken.systemd, [
        `UUID=${on.id(2, 'UUID')} / ext4 defaults 0 1`,
        'LABEL=boot /boot ext4 defaults 0 2',
        `PARTUUID="${on.id(3, 'PARTUUID')}" /var ext4 defaults 0 2`,
        '/dev/xvda4 /var/lib/nova ext4 defaults 0 2',
        '/dev/xvdb1 /var/spool/far ext4 defaults,nofail 0 2',
        'server:/export /var/mail nfs defaults 0 0',
      ]);
      install(root, { '/boot/vmlinuz': 'a kernel' });
    });
    const { stderr } = repairAndUndo(on, on.device);
    assert.match(
      stderr,
      /\/var\/spool\/far is not mounted \(\/etc\/fstab, line 5\): \/dev\/xvdb1 is on another disk/,
    );
    assert.match(
      stderr,
      /\/var\/mail is not mounted \(\/etc\/fstab, line 6\): server:\/export does not name a block device/,
    );
    assert.doesNotMatch(stderr, /nova is not mounted|boot is not mounted/);
  });

  it('does not call a server golden that boots only with a disk that is gone, and goes on where it may be gone', () => {
    const on = disk('gpt', [{ make: ['ext4'], size: 500, at: '/' }]);
    const gone = 'UUID=33333333-0000-4000-8000-000000000000';
    const outcomes = (boot: string, data: string): unknown => {
      on.mounted((root) => {
        fill(root, broken.systemd, [`${gone} /boot ext4 ${boot} 0 2`, `${gone} /srv/data ext4 ${data} 0 2`]);
      }, 'rw');
      const { status, stdout, stderr } = rescue([on.part(1), '--json']);
      const { verdict, results } = JSON.parse(stdout) as Report;
      const found = results.find(({ id }) => id === 'required-mounts')?.findings ?? [];
      assert.match(stderr, /is unmounted/);
      return { status, verdict, lines: found.map(({ line }) => line) };
    };
    assert.deepEqual(outcomes('nofail', 'defaults'), { status: 1, verdict: 'not-golden', lines: [2] });
    assert.deepEqual(outcomes('nofail', 'nofail'), { status: 0, verdict: 'golden', lines: [] });
  });

  it('repairs a server on subvolumes of btrfs', () => {
    const on = disk('gpt', [{ make: ['btrfs'], size: 900 }]);
    const top = roots.folder('top');
    sh('mount', on.part(1), top);
    for (const name of ['@', '@var', '@home']) sh('btrfs', 'subvolume', 'create', join(top, name));
    mkdirSync(join(top, '@/var'));
    sh('mount', '-o', 'subvol=@var', on.part(1), join(top, '@/var'));
    const uuid = `UUID=${on.id(1, 'UUID')}`;
    fill(join(top, '@'), broken.systemd, [
      `${uuid} / btrfs subvol=@ 0 0`,
      `${uuid} /var btrfs defaults,subvol=@var 0 0`,
    ]);
    sh('umount', join(top, '@/var'), top);

    const look = <T>(work: (root: string) => T): T => {
      sh('mount', '-o', 'ro,subvol=@', on.part(1), top);
      sh('mount', '-o', 'ro,subvol=@var', on.part(1), join(top, 'var'));
      try {
        return work(top);
      } finally {
        sh('umount', join(top, 'var'), top);
      }
    };
    const all = (): string[] => look((root) => [...survey(root), ...survey(join(root, 'var'))]);
    const before_ = all();
    const { status, stdout, stderr } = rescue([on.part(1)]);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stderr, /\[\/@\]: Debian GNU\/Linux 12/);
    assert.ok(look((root) => opensWith(password, root)));
    assert.equal(look((root) => hallmark(['check', root, ...target], { state })).status, 0);
    const undone = hallmark(['undo', on.part(1), '--yes'], { state });
    assert.equal(undone.status, 0, undone.stderr);
    assert.deepEqual(all(), before_);
  });

  it('repairs the subvolume that its fstab names, not the snapshot that is the default', () => {
    const on = disk('gpt', [{ make: ['btrfs'], size: 900 }]);
    const top = roots.folder('top');
    sh('mount', on.part(1), top);
    for (const name of ['@', '@var']) sh('btrfs', 'subvolume', 'create', join(top, name));
    const number = (name: string): string =>
      / ID (\d+) /.exec(
        ` ${sh('btrfs', 'subvolume', 'list', top)
          .split('\n')
          .find((line) => line.endsWith(` ${name}`))}`,
      )?.[1] ?? '';
    mkdirSync(join(top, '@/var'));
    sh('mount', '-o', 'subvol=@var', on.part(1), join(top, '@/var'));
    const uuid = `UUID=${on.id(1, 'UUID')}`;
    fill(join(top, '@'), broken.systemd, [
      `${uuid} / btrfs subvol=/@ 0 0`,
      `${uuid} /var btrfs subvolid=${number('@var')} 0 0`,
    ]);
    sh('umount', join(top, '@/var'));
    sh('btrfs', 'subvolume', 'snapshot', join(top, '@'), join(top, 'old'));
    sh('btrfs', 'subvolume', 'set-default', number('old'), top);
    const before_ = survey(join(top, 'old'));
    sh('umount', top);
    const { status, stdout, stderr } = rescue([on.part(1)]);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stderr, /\[\/@\]: Debian GNU\/Linux 12/);
    assert.doesNotMatch(stderr, /is not mounted/);
    sh('mount', '-o', `ro,subvolid=5`, on.part(1), top);
    try {
      assert.deepEqual(survey(join(top, 'old')), before_, 'the snapshot has changed');
      assert.ok(opensWith(password, join(top, '@')));
      assert.ok(!opensWith(password, join(top, 'old')));
    } finally {
      sh('umount', top);
    }
  });

  it('makes a password, shows it once, and keeps it out of every report; takes another from a descriptor', () => {
    const on = disk('dos', [{ make: ['ext4'], size: 500, at: '/' }]);
    on.mounted((root) => {
      fill(root, broken.sysv, []);
    });
    const folder = join(roots.folder('report'), 'all');
    const made = run(
      [
        'rescue',
        on.part(1),
        '--yes',
        '--root-password-generate',
        '--json',
        '--report',
        folder,
        '--verbose',
        ...target,
      ],
      state,
      '',
    );
    assert.equal(made.status, 0, made.stderr);
    const [, secret = ''] = /^The new password of root: (\S{20})$/m.exec(made.stderr) ?? [];
    assert.equal(made.stderr.split(secret).length, 2, 'it is shown once');
    assert.ok(on.mounted((root) => opensWith(secret, root), 'ro'));
    const hash = on.mounted(
      (root) => /^root:([^:]+):/m.exec(readFileSync(join(root, 'etc/shadow'), 'utf8'))?.[1],
      'ro',
    );
    assert.ok(hash !== undefined && hash.startsWith('$'), 'a new hash');
    for (const word of [secret, hash]) {
      assert.ok(!made.stdout.includes(word) && !made.stderr.includes(hash));
      const holding = sh('sh', '-c', 'grep -rlF -e "$1" "$2" "$3" || true', 'sh', word, folder, state);
      assert.equal(holding, '');
    }

    const file = join(roots.folder('secret'), 'password');
    writeFileSync(file, `${password}\nno more of it\n`);
    const taken = runWithFile(
      ['rescue', on.part(1), '--yes', '--root-password-fd', '3', ...target],
      state,
      file,
    );
    assert.equal(taken.status, 0, taken.stderr);
    assert.ok(on.mounted((root) => opensWith(password, root), 'ro'));
  });

  it('repairs a server on an XFS whose clone is mounted already', () => {
    const on = disk('gpt', [{ make: ['xfs'], size: 600, at: '/' }]);
    on.mounted((root) => {
      fill(root, broken.systemd, [`UUID=${on.id(1, 'UUID')} / xfs defaults 0 1`]);
    });
    const clone = join(roots.folder('clone'), 'xfs.img');
    sh('dd', `if=${on.part(1)}`, `of=${clone}`, 'bs=4M', 'status=none');
    const place = roots.folder('clone-mounted');
    sh('mount', '-o', 'loop', clone, place);
    try {
      const before_ = survey(place);
      repairAndUndo(on, on.part(1), 'ro,nouuid');
      assert.deepEqual(survey(place), before_, 'the clone has changed');
    } finally {
      sh('umount', place);
    }
  });

  it('says of a dirty journal that it is replayed, and judges what is in it', () => {
    const on = disk('dos', [{ make: ['ext4'], size: 500, at: '/' }]);
    on.mounted((root) => {
      fill(root, broken.sysv, []);
    });
    // As a server that lost its power: what it wrote last is in the journal only.
    const crashed = on.mounted((root) => {
      writeFileSync(join(root, 'etc/in-the-journal'), 'yes');
      sh('sync', '--file-system', root);
      const copy = join(roots.folder('crashed'), 'copy.img');
      sh('dd', `if=${on.part(1)}`, `of=${copy}`, 'bs=4M', 'status=none');
      return copy;
    });
    sh('dd', `if=${crashed}`, `of=${on.part(1)}`, 'bs=4M', 'status=none');
    assert.match(sh('dumpe2fs', '-h', on.part(1)), /needs_recovery/);
    const { status, stdout, stderr } = rescue([on.part(1)]);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stderr, /was not unmounted cleanly.*replays the journal/);
    assert.doesNotMatch(sh('dumpe2fs', '-h', on.part(1)), /needs_recovery/);
  });

  it('works on a root that is mounted already, and has one without labels labelled', () => {
    const root = roots.copy(broken.systemd);
    install(root, { '/etc/selinux/config': 'SELINUX=enforcing\nSELINUXTYPE=targeted\n' });
    const { status, stdout, stderr } = rescue([root]);
    assert.equal(status, 0, stdout + stderr);
    assert.ok(opensWith(password, root));
    assert.match(stderr, /unmount \S+ before you leave rescue mode/);
    assert.match(stderr, /\/etc\/shadow has no label to keep\. \/\.autorelabel/);
    assert.ok(existsSync(join(root, '.autorelabel')));
    const undone = hallmark(['undo', root, '--yes'], { state });
    assert.equal(undone.status, 0, undone.stderr);
    assert.equal(existsSync(join(root, '.autorelabel')), false);

    sh('setfattr', '-n', 'security.selinux', '-v', 'system_u:object_r:shadow_t:s0', join(root, 'etc/shadow'));
    const labelled = rescue([root]);
    assert.equal(labelled.status, 0, labelled.stdout + labelled.stderr);
    assert.match(labelled.stderr, /New files have no label, .* run "restorecon -F \/etc/);
    assert.equal(existsSync(join(root, '.autorelabel')), false);
    assert.equal(hallmark(['undo', root, '--yes'], { state }).status, 0);

    // As an installed system has it: every file with a label.
    const every = 'find "$1" -exec setfattr -h -n security.selinux -v system_u:object_r:etc_t:s0 {} +';
    for (const folder of ['etc', 'var/lib']) sh('sh', '-c', every, 'sh', join(root, folder));
    const before_ = survey(join(root, 'etc'));
    const inherited = rescue([root]);
    assert.equal(inherited.status, 0, inherited.stdout + inherited.stderr);
    assert.doesNotMatch(inherited.stderr, /New files have no label/);
    assert.match(inherited.stderr, /new files have the label of their directory; if .* "restorecon -F \/etc/);
    assert.equal(existsSync(join(root, '.autorelabel')), false);
    assert.equal(unlabelled(join(root, 'etc')), '');
    assert.equal(hallmark(['undo', root, '--yes'], { state }).status, 0);
    assert.deepEqual(survey(join(root, 'etc')), before_);
    roots.release(root);
  });

  it('changes nothing when the password is asked for twice and is not the same', () => {
    const on = disk('dos', [{ make: ['ext4'], size: 500, at: '/' }]);
    on.mounted((root) => {
      fill(root, broken.sysv, []);
    });
    const before_ = on.mounted((root) => survey(root), 'ro');
    const asked = atTerminal(['rescue', on.part(1), '--yes', '--root-password'], state, [
      'one secret',
      'another',
    ]);
    assert.match(asked, /the passwords differ; nothing was changed/);
    assert.doesNotMatch(asked, /one secret|another/, 'what is typed must not be seen');
    assert.deepEqual(
      on.mounted((root) => survey(root), 'ro'),
      before_,
    );

    const typed = ['one sec\u007fcret', 'one secret'];
    const agreed = atTerminal(['rescue', on.part(1), '--yes', '--root-password', ...target], state, typed);
    assert.match(agreed, /GOLDEN/);
    assert.ok(on.mounted((root) => opensWith('one secret', root), 'ro'));
  });
});
