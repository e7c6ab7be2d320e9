import assert from 'node:assert/strict';
import { join } from 'node:path';
import { install } from '../guests/healthy.js';
import { systemdFaults } from '../guests/faults.js';
import { shippedRoot, target, together } from '../guests/real.js';
import { type Run, hallmark } from '../support/command.js';
import { type LoopDisk, LoopDisks, type Part, opensWith } from '../support/loop-disk.js';
import { RealRoots, sh } from '../support/real-roots.js';
import {
  endedAt,
  fill,
  interruptedAfter,
  leftOver,
  mountHidden,
  putNtfs,
  run,
  surveyAll,
  untilUnmounted,
} from '../support/rescue.js';

const password = 'a new one';

describe('a rescue, as root,', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let state: string;
  let broken: string;
  const disks = new LoopDisks();

  before(() => {
    roots = new RealRoots();
    broken = shippedRoot(roots, 'systemd');
    for (const fault of together(systemdFaults)) fault.put(broken);
  });

  beforeEach(() => {
    state = roots.folder('state');
  });

  afterEach(() => {
    disks.release();
  });

  after(() => {
    roots[Symbol.dispose]();
  });

  const disk = (table: 'dos' | 'gpt', parts: readonly Part[]): LoopDisk =>
    disks.make(roots.folder('disk'), table, parts);

  const rescue = (device: string): Run =>
    run(['rescue', device, '--yes', '--root-password-fd', '0', '--debug', ...target], state, `${password}\n`);

  describe('refuses', () => {
    /** Named by the user; what is said, and with which exit code. */
    const refused = (device: string, status: number, line: RegExp): void => {
      const result = rescue(device);
      assert.match(result.stderr.split('\n')[0] ?? '', line);
      assert.equal(result.status, status, result.stderr);
      assert.equal(result.stdout, '');
    };

    it('the running system, under its own and other names', () => {
      refused(
        '/',
        2,
        /^hallmark: \/ is the root of the system that is running: it has the same device and inode/,
      );
      const bound = roots.folder('bound');
      sh('mount', '--bind', '/', bound);
      try {
        refused(bound, 2, /is the root of the system that is running/);
      } finally {
        sh('umount', bound);
      }
      const device = sh('findmnt', '--noheadings', '--output', 'SOURCE', '--target', '/').trim();
      const number = sh('findmnt', '--noheadings', '--output', 'MAJ:MIN', '--target', '/').trim();
      refused(
        device,
        2,
        /is refused: it holds the system that is running: \/ is mounted from it \(device \d+:\d+\)/,
      );
      const node = join(roots.folder('node'), 'other-name');
      sh('mknod', node, 'b', ...number.split(':'));
      refused(node, 2, /other-name is refused: it holds the system that is running/);
    });

    it('a volume that is in use', async () => {
      const on = disk('dos', [{ make: ['ext4'], size: 32, at: '/' }]);
      on.mounted((root) => {
        refused(on.part(1), 2, new RegExp(`is refused: it is mounted at ${root} \\(read-write\\)`));
      });
      const hidden = await mountHidden(on.part(1));
      try {
        refused(on.part(1), 2, /is refused: the kernel says that it is in use/);
      } finally {
        await hidden[Symbol.asyncDispose]();
      }
    });

    it('what a loop device shows again of a disk that is in use', () => {
      const on = disk('dos', [{ make: ['ext4'], size: 600, at: '/' }]);
      on.mounted((root) => {
        fill(root, broken, []);
        for (const shown of [on.part(1), on.device]) {
          const loop = sh('losetup', '--find', '--show', shown).trim();
          try {
            if (shown === on.device) sh('partx', '--add', loop);
            const again = shown === on.device ? `${loop}p1` : loop;
            refused(again, 2, new RegExp(`is refused: it shows ${on.part(1)} again .* mounted at ${root}`));
            if (shown === on.device) sh('partx', '--delete', loop);
          } finally {
            sh('losetup', '--detach', loop);
          }
        }
      });
    });

    it('Windows, an encrypted disk, swap, and what is nothing', () => {
      const parts = [1, 2, 3, 4].map((): Part => ({ make: ['swap'], size: 32 }));
      const on = disk('gpt', [...parts, { make: ['ext4'], size: 32 }]);
      for (const number of [1, 2, 4]) sh('wipefs', '--all', on.part(number));
      putNtfs(on.part(1));
      sh(
        'sh',
        '-c',
        `printf secret | cryptsetup luksFormat --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$1" -`,
        'sh',
        on.part(2),
      );
      refused(
        on.part(1),
        3,
        /cannot be rescued: it holds a Windows file system: rescue mode gives access to its data only/,
      );
      refused(on.part(2), 3, /cannot be rescued: it is encrypted \(LUKS\)/);
      refused(on.part(3), 3, /cannot be rescued: it is swap space/);
      refused(on.part(4), 3, /cannot be rescued: it holds nothing that is known/);
      refused(on.part(5), 3, /cannot be rescued: its ext4 file system holds no operating system/);
      refused(on.device, 3, /there is no Linux root file system on \S+ \(.*Windows.*LUKS.*swap/);
    });

    it('to choose among several, or to ask where there is nobody', () => {
      const on = disk('dos', [
        { make: ['ext4'], size: 300, at: '/' },
        { make: ['ext4'], size: 32, at: '/srv' },
      ]);
      on.mounted((root) => {
        for (const place of [root, join(root, 'srv')])
          install(place, {
            '/etc/fstab': '',
            '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
            '/etc/debian_version': '12.1\n',
          });
      });
      refused(
        on.device,
        2,
        new RegExp(`more than one root was found; which one do you mean\\? ${on.part(1)} .*, ${on.part(2)} `),
      );
      const { status, stderr } = run(['rescue', on.device], state, '');
      assert.equal(status, 2);
      assert.match(stderr, /there is no terminal to ask for confirmation/);
    });
  });

  describe('ended in the middle', () => {
    const steps = [
      'look at the disks',
      'look what is on them',
      'mount it',
      'open',
      'check',
      'plan',
      'apply',
      'check again',
      'unmount it',
    ];

    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      it(`by ${signal}, at each step, leaves nothing mounted, and the next run does it all`, async () => {
        const on = disk('gpt', [
          { make: ['ext4'], size: 600, at: '/' },
          { make: ['ext4'], size: 200, at: '/var' },
        ]);
        on.mounted((root) => {
          fill(root, broken, [`UUID=${on.id(2, 'UUID')} /var ext4 defaults 0 2`]);
        });
        const before_ = on.mounted((root) => surveyAll(root, on), 'ro');
        for (const step of steps) {
          const ended = await endedAt(
            ['rescue', on.device, '--yes', '--verbose', ...target],
            state,
            step,
            signal,
          );
          assert.equal(ended, signal === 'SIGINT' ? 130 : null, step);
          await untilUnmounted(on);
          if (signal === 'SIGKILL') continue; // what was begun is taken back by the next
          const undone =
            step === 'check again' || step === 'unmount it'
              ? hallmark(['undo', on.device, '--yes'], { state })
              : undefined;
          assert.equal(undone?.status ?? 0, 0, undone?.stderr);
          assert.deepEqual(
            on.mounted((root) => surveyAll(root, on), 'ro'),
            before_,
            step,
          );
        }
        const { status, stdout, stderr } = rescue(on.device);
        assert.deepEqual(leftOver(), []);
        assert.equal(status, 0, stdout + stderr);
        assert.ok(on.mounted((root) => opensWith(password, root), 'ro'));
      });
    }

    it('by Ctrl-C at any moment, once or again and again, leaves nothing mounted', async () => {
      const on = disk('gpt', [{ make: ['ext4'], size: 600, at: '/' }]);
      on.mounted((root) => {
        fill(root, broken, []);
      });
      const before_ = on.mounted((root) => surveyAll(root, on), 'ro');
      const args = ['rescue', on.device, '--yes', ...target];
      const start = performance.now();
      assert.equal(run(args, state, '').status, 0);
      const duration = performance.now() - start;
      const takenBack = (): void => {
        hallmark(['undo', on.device, '--yes'], { state });
        assert.deepEqual(
          on.mounted((root) => surveyAll(root, on), 'ro'),
          before_,
        );
      };
      takenBack();
      const codes: (number | null)[] = [];
      for (let at = 1; at <= 12; at++) {
        const after = (duration * at) / 12;
        const { pid, code } = await interruptedAfter(args, state, after, at % 2 === 0 ? 1 : 3);
        // No code: at first nobody listens to signals yet, and in the end nobody any more.
        assert.ok([130, 0, null].includes(code), `after ${after} ms: ${code}`);
        codes.push(code);
        await untilUnmounted(on);
        // Whoever insists is not kept waiting: the kernel unmounts, and the next run clears the folder.
        if (at % 2 === 0) assert.deepEqual(leftOver(pid), [], `after ${after} ms`);
        takenBack();
      }
      assert.ok(codes.includes(130), `some were in the middle: ${codes.join()}`);
    });
  });
});
