import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { apply } from '../../images/write/apply.js';
import { link, remove, write } from '../../images/image/change.js';
import { openDirectory } from '../../images/image/directory.js';
import { RepairError } from '../../images/base/errors.js';
import type { Change } from '../../images/image/image.js';
import { collapse } from '../../images/image/overlay.js';
import { identify, isSameImage } from '../../images/write/journal.js';
import { listTransactions, recover, undo } from '../../images/write/undo.js';
import { scratch } from '../support/scratch.js';
import { plantTree, planChanges } from '../support/transaction.js';
import { difference, walk, walkByTools } from '../support/walk.js';
import { inProject } from '../support/project.js';
import { setting } from '../support/switches.js';

const roots = setting('HALLMARK_E2E_ROOTS');
const sh = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8' });
const script = inProject('dist/test/support/crash.js');

/** What a repair of a real root may look like: configuration, links, service scripts, things removed. */
async function planRepair(root: string): Promise<Change[]> {
  await using image = openDirectory(root);
  const changes: Change[] = [];
  for (const { name } of ((await image.readDir('/etc/init.d')) ?? []).slice(0, 6)) {
    const text = await image.readText(`/etc/init.d/${name}`);
    changes.push(...(await write(image, `/etc/init.d/${name}`, `${text ?? ''}# repaired\n`)));
  }
  for (const { name } of ((await image.readDir('/etc/rc3.d')) ?? []).slice(0, 5)) {
    changes.push(
      ...(await remove(image, `/etc/rc3.d/${name}`)),
      ...(await link(image, `/etc/rc3.d/S99${name}`, `../init.d/${name.slice(3)}`)),
    );
  }
  changes.push(
    ...(await write(image, '/etc/shadow', 'root:!:19000::::::\n')),
    ...(await write(image, '/usr/bin/ping', 'a program with a capability')),
    ...(await write(
      image,
      '/etc/systemd/system/nova-agent.service.d/order.conf',
      '[Unit]\nAfter=xe-daemon.service\n',
    )),
    ...(await link(
      image,
      '/etc/systemd/system/multi-user.target.wants/nova-agent.service',
      '/lib/systemd/system/nova-agent.service',
    )),
    ...(await remove(image, '/etc/hostname')),
  );
  return collapse(changes);
}

const failure =
  (code: string, pattern: RegExp) =>
  (error: unknown): true => {
    assert.ok(error instanceof RepairError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  };

describe('a transaction, as root', function () {
  this.timeout(600_000);

  before(() => {
    assert.equal(process.getuid?.(), 0, 'these tests need root');
    assert.ok(roots, 'HALLMARK_E2E_ROOTS must name the folder of the packed roots');
  });

  for (const init of ['systemd', 'sysv']) {
    describe(`on the Debian 12 root with ${init}`, () => {
      let here: ReturnType<typeof scratch>;
      let before_: string;

      before(() => {
        here = scratch();
        mkdirSync(here.root);
        sh(
          'tar',
          '--xattrs',
          '--xattrs-include=*',
          '-xpf',
          path.join(roots ?? '', `${init}.tar`),
          '-C',
          here.root,
        );
        const agent = path.join(here.root, 'etc/init.d');
        sh(
          'setfattr',
          '-n',
          'security.selinux',
          '-v',
          'system_u:object_r:initrc_exec_t:s0',
          path.join(agent, readdirSync(agent).sort()[0] ?? ''),
        );
        sh(
          'setfattr',
          '-n',
          'security.selinux',
          '-v',
          'system_u:object_r:shadow_t:s0',
          path.join(here.root, 'etc/shadow'),
        );
        sh('setfattr', '-n', 'trusted.note', '-v', 'kept', path.join(here.root, 'etc/hostname'));
        spawnSync('touch', [path.join(here.root, 'usr/bin/ping')]);
        sh(
          'setfattr',
          '-n',
          'security.capability',
          '-v',
          '0x0100000200200000000000000000000000000000',
          path.join(here.root, 'usr/bin/ping'),
        );
        sh('chown', '12345:54321', path.join(here.root, 'etc/hostname'));
        before_ = walkByTools(here.root);
      });

      after(() => {
        here[Symbol.dispose]();
      });

      it('is undone without a trace, by the judgement of find, sha256sum and getfattr', async () => {
        const changes = await planRepair(here.root);
        assert.ok(changes.length >= 10, String(changes.length));
        await apply(here.root, changes, { stateDirectory: here.state, source: init });
        const applied = walkByTools(here.root);
        assert.notEqual(applied, before_);
        assert.match(applied, /# file: etc\/shadow\nsecurity\.selinux=/);
        assert.match(applied, /# file: usr\/bin\/ping\nsecurity\.capability=0x01000002/);
        assert.deepEqual(
          await planRepair(here.root).then((again) =>
            again.filter(({ path: each }) => each === '/etc/shadow'),
          ),
          [],
        );
        await undo(here.root, { stateDirectory: here.state });
        assert.equal(walkByTools(here.root), before_);
      });

      it('is quick', async () => {
        const changes = await planRepair(here.root);
        const started = performance.now();
        await apply(here.root, changes, { stateDirectory: here.state, source: init });
        const took = performance.now() - started;
        await undo(here.root, { stateDirectory: here.state });
        // Nearly all of it is fsync, which depends on the disk and on who else uses it.
        assert.ok(took < 5000, `${changes.length} changes took ${took} ms`);
      });
    });
  }

  it('is taken back where a file is immutable', async () => {
    using here = scratch();
    mkdirSync(here.root);
    plantTree(here.root);
    const changes = await planChanges(here.root);
    const before_ = walkByTools(here.root);
    const file = path.join(here.root, 'usr/bin/su');
    sh('chattr', '+i', file);
    try {
      await assert.rejects(
        apply(here.root, changes, { stateDirectory: here.state, source: 'test' }),
        failure(
          'not-permitted',
          /cannot replace \/usr\/bin\/su: not permitted \(the immutable attribute.*; the image is as it was$/,
        ),
      );
    } finally {
      sh('chattr', '-i', file);
    }
    assert.equal(walkByTools(here.root), before_);
    assert.deepEqual(listTransactions(here.state), []);
  });

  it('is taken back where the disk is full', async () => {
    using here = scratch();
    mkdirSync(here.root);
    sh('mount', '-t', 'tmpfs', '-o', 'size=1m', 'hallmark-test', here.root);
    try {
      plantTree(here.root);
      const changes = await planChanges(here.root);
      const big: Change = {
        kind: 'write',
        path: '/etc/zz-big',
        expect: { type: 'absent' },
        content: { bytes: Buffer.alloc(2_000_000) },
        posix: { mode: 0o644, uid: 0, gid: 0 },
      };
      const before_ = walk(here.root);
      await assert.rejects(
        apply(here.root, [...changes, big], { stateDirectory: here.state, source: 'test' }),
        failure(
          'no-space',
          /^cannot fill \/etc\/\.hallmark-.*no space left on the device; the image is as it was$/,
        ),
      );
      assert.deepEqual(difference(walk(here.root), before_), []);
      assert.ok(statfsSync(here.root).bavail > 0);
    } finally {
      sh('umount', here.root);
    }
  });

  it('is refused where the file system is read-only', async () => {
    using here = scratch();
    mkdirSync(here.root);
    plantTree(here.root);
    const changes = await planChanges(here.root);
    const before_ = walkByTools(here.root);
    sh('mount', '--bind', here.root, here.root);
    try {
      sh('mount', '-o', 'remount,bind,ro', here.root);
      await assert.rejects(
        apply(here.root, changes, { stateDirectory: here.state, source: 'test' }),
        failure('read-only', /the file system is read-only; the image is as it was$/),
      );
    } finally {
      sh('umount', here.root);
    }
    assert.equal(walkByTools(here.root), before_);
  });

  it('as another user is refused, in words, and changes nothing', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hallmark-test-'));
    try {
      chmodSync(folder, 0o777);
      const root = path.join(folder, 'root');
      mkdirSync(root);
      plantTree(root);
      const before_ = walkByTools(root);
      const run = spawnSync(
        'setpriv',
        [
          '--reuid=65534',
          '--regid=65534',
          '--clear-groups',
          process.execPath,
          script,
          'apply',
          root,
          path.join(folder, 'state'),
        ],
        {
          encoding: 'utf8',
        },
      );
      assert.match(run.stderr, /cannot read \/etc\/shadow: EACCES/);
      assert.equal(walkByTools(root), before_);
      chmodSync(path.join(root, 'etc/shadow'), 0o444);
      chmodSync(path.join(root, 'etc/old/deep'), 0o755);
      const readable = walkByTools(root);
      const second = spawnSync(
        'setpriv',
        [
          '--reuid=65534',
          '--regid=65534',
          '--clear-groups',
          process.execPath,
          script,
          'apply',
          root,
          path.join(folder, 'state'),
        ],
        {
          encoding: 'utf8',
        },
      );
      assert.match(second.stderr, /permission denied; the image is as it was/);
      assert.equal(walkByTools(root), readable);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('of a file system that is mounted elsewhere by now is recovered there', async () => {
    using here = scratch();
    const disk = path.join(here.path, 'disk');
    const [first, second] = [path.join(here.path, 'first'), path.join(here.path, 'second')];
    for (const folder of [first, second]) mkdirSync(folder);
    sh('truncate', '-s', '16M', disk);
    sh('mkfs.ext4', '-q', '-I', '256', disk);
    sh('mount', '-o', 'loop', disk, first);
    let mounted = first;
    try {
      plantTree(first);
      const before_ = walkByTools(first);
      const killed = spawnSync(process.execPath, [script, 'apply', first, here.state, '100']);
      assert.equal(killed.signal, 'SIGKILL');
      assert.notEqual(walkByTools(first), before_);
      sh('umount', first);
      sh('mount', '-o', 'loop', disk, second);
      mounted = second;
      assert.deepEqual(await recover(here.state, first), []);
      assert.equal((await recover(here.state, second)).length, 1);
      assert.equal(walkByTools(second), before_);
    } finally {
      sh('umount', mounted);
    }
    assert.equal(readFileSync('/proc/self/mounts', 'utf8').includes(here.path), false);
  });

  it('of a disk is neither undone nor recovered on another clone of its template', async () => {
    using here = scratch();
    const options = { stateDirectory: here.state, source: 'test' };
    const [disk, first, second] = ['disk', 'first', 'second'].map((name) => path.join(here.path, name)) as [
      string,
      string,
      string,
    ];
    const mounted: string[] = [];
    sh('truncate', '-s', '16M', disk);
    sh('mkfs.ext4', '-q', '-I', '256', disk);
    try {
      for (const folder of [first, second]) mkdirSync(folder);
      sh('mount', '-o', 'loop', disk, first);
      mounted.push(first);
      plantTree(first);
      sh('umount', mounted.pop() ?? '');
      sh('cp', disk, `${disk}-clone`);
      sh('mount', '-o', 'loop', disk, first);
      mounted.push(first);
      sh('mount', '-o', 'loop', `${disk}-clone`, second);
      mounted.push(second);
      const before_ = walkByTools(second);
      assert.ok(isSameImage(identify(first), identify(second)));

      const killed = spawnSync(process.execPath, [script, 'apply', first, here.state, '105']);
      assert.equal(killed.signal, 'SIGKILL');
      assert.deepEqual(await recover(here.state, second), []);
      await assert.rejects(undo(second, options), failure('other-image', /nothing was written/));
      assert.equal(walkByTools(second), before_);
      assert.equal((await recover(here.state, first)).length, 1);
      assert.equal(walkByTools(first), before_);

      const { id } = await apply(first, await planChanges(first), options);
      const { id: other } = await apply(second, await planChanges(second), options);
      await assert.rejects(undo(first, { ...options, id: other }), failure('other-image', /first/));
      assert.equal((await undo(first, options)).id, id);
      assert.equal((await undo(second, options)).id, other);
      assert.equal(walkByTools(first), before_);
      assert.equal(walkByTools(second), before_);
    } finally {
      for (const folder of mounted) sh('umount', folder);
    }
  });
});
