import { TarballSource } from '../../images/sources/tarball.js';
import { DirectorySource } from '../../images/sources/directory.js';
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '../../images/base/errors.js';
import type { Change } from '../../images/image/image.js';
import type { LayerSource } from '../../images/sources/source.js';
import { Programs, type ProgramsOptions } from '../../images/sandbox/program.js';
import { writeTarball } from '../../images/write/tarball/write.js';
import { apply } from '../../images/write/apply.js';
import { undo } from '../../images/write/undo.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

/** Everything that a package manager does to a tree, and some that only a person would. */
const work = `
set -e
echo more >>/etc/issue
chmod 0600 /etc/motd; chown 7:8 /etc/hosts
touch -d @1234567890 /etc/networks; touch -d @1222222222 /etc/debian_version
mkdir -m 2750 /opt/new; echo x >/opt/new/file; chown 5:6 /opt/new/file; ln -s ../new/file /opt/new/link; chown -h 5:6 /opt/new/link
ln /opt/new/file /opt/new/twin
setfattr -n user.note -v kept /opt/new/file 2>/dev/null || true
setcap cap_net_raw+ep /usr/bin/tac 2>/dev/null || python3 -c 'import os; os.setxattr("/usr/bin/tac", "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))'
chmod 0711 /srv; chown 9:9 /home
rm -r /usr/share/doc/bash; rm /etc/issue.net
rm -r /etc/apt/apt.conf.d; mkdir /etc/apt/apt.conf.d; echo 'APT {}' >/etc/apt/apt.conf.d/00only
mv /etc/skel /etc/skel.moved
ln -sf /nowhere /etc/localtime
echo gone >/tmp/x; echo gone >/run/x; echo gone >/var/tmp/x; mkdir -p /var/cache/apt/archives; echo gone >/var/cache/apt/archives/x
dd if=/dev/zero of=/opt/new/big bs=1M count=20 status=none
echo kept >>/var/log/dpkg.log
`;

/** What must not get out, each with what it must say or leave undone. */
const escapes: Readonly<Record<string, string>> = {
  'a mount': 'mount -t tmpfs x /mnt',
  'a device': 'mknod /dev/mem-too c 1 1',
  'a device in the tree': 'mknod /etc/disk b 8 0',
  'a setting of the kernel': 'echo x >/proc/sys/kernel/domainname',
  'a new proc in a user namespace': 'unshare -Urmpf sh -c "mount -t proc proc /mnt"',
  'a parent of the root': 'test -e /proc/1/root/etc/hallmark-host-marker',
  'another process of the host': 'kill -0 $HOST_PID',
  'the network': 'python3 -c "import socket; socket.create_connection((\\"127.0.0.1\\", $PORT), 2)"',
  'the host name': 'hostname other',
  'a chroot, and up from there':
    'mkdir -p /tmp/a && python3 -c "import os; os.chroot(\\"/tmp/a\\"); [os.chdir(\\"..\\") for _ in range(50)]; os.chroot(\\".\\"); os.stat(\\"/etc/hallmark-host-marker\\")"',
};

describe('programs of a guest', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let shipped: string;

  before(() => {
    roots = new RealRoots();
    shipped = roots.unpack('systemd');
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  async function changesOf<T>(
    source: LayerSource,
    script: string,
    use: (changes: Change[], merged: string) => Promise<T>,
    options: Partial<ProgramsOptions> = {},
  ): Promise<T> {
    await using programs = await Programs.open(source, options);
    const { exitCode, tail } = await programs.run('/bin/sh', ['-c', script]);
    assert.equal(exitCode, 0, tail.join('\n'));
    return await use(await programs.changes(), programs.root);
  }

  const noTimes = (root: string): string[] => survey(root, { times: false });
  /** Times of files alone, to the second: those of directories and links no change can give. */
  const times = (root: string): string[] =>
    sh('find', root, '-xdev', '-type', 'f', '-printf', '%P %Ts\\n').split('\n').sort();

  it('are read back as changes, which make of the image what they saw, and undo takes that back', async () => {
    const root = roots.copy(shipped);
    const before_ = survey(root);
    await changesOf(new DirectorySource(root).layer, work, async (changes, merged) => {
      assert.deepEqual(survey(root), before_);
      const paths = changes.map(({ path }) => path);
      for (const path of ['/tmp/x', '/run/x', '/var/tmp/x', '/var/cache/apt/archives/x'])
        assert.ok(!paths.some((each) => each === path), path);
      const state = roots.folder('state');
      await apply(root, changes, { stateDirectory: state, source: root });
      // What is not the image's is in the layer all the same.
      sh('rm', '-f', `${merged}/var/tmp/x`, `${merged}/var/cache/apt/archives/x`);
      assert.deepEqual(noTimes(root), noTimes(merged));
      assert.deepEqual(times(root), times(merged));
      assert.equal(readFileSync(join(root, 'opt/new/twin'), 'utf8'), 'x\n');
      await undo(root, { stateDirectory: state });
      assert.deepEqual(survey(root), before_);
    });
    roots.release(root);
  });

  it('of a tarball are read back just so', async () => {
    const folder = roots.folder('packed');
    const [tarball, output, unpacked] = ['image.tar', 'output.tar', 'unpacked'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    sh('tar', '--xattrs', '--xattrs-include=*', '-C', shipped, '-cf', tarball, '.');
    await changesOf(new TarballSource(tarball).layer, work, async (changes, merged) => {
      await writeTarball(tarball, changes, output);
      mkdirSync(unpacked);
      sh('tar', '--xattrs', '--xattrs-include=*', '--numeric-owner', '-xpf', output, '-C', unpacked);
      sh('rm', '-f', `${merged}/var/tmp/x`, `${merged}/var/cache/apt/archives/x`);
      assert.deepEqual(noTimes(unpacked), noTimes(merged));
      assert.deepEqual(times(unpacked), times(merged));
    });
  });

  it('that change nothing come to nothing', async () => {
    const nothing =
      'chmod 0644 /etc/hosts; cp -a /etc/hosts /etc/h; mv /etc/h /etc/hosts; mkdir /etc/d; rmdir /etc/d';
    await changesOf(new DirectorySource(shipped).layer, nothing, async (changes) => {
      assert.deepEqual(changes, []);
    });
  });

  for (const [what, script] of Object.entries({
    'a FIFO': 'mkfifo /etc/pipe',
    'a link where a directory was': 'rm -r /usr/share/doc/bash; ln -s x /usr/share/doc/bash',
    'a directory where a file was': 'rm /etc/issue; mkdir /etc/issue',
  })) {
    it(`that leave ${what} are refused in words`, async () => {
      await assert.rejects(
        changesOf(new DirectorySource(shipped).layer, script, async () => undefined),
        (error) => error instanceof ImageError && error.code === 'unsupported-change',
      );
    });
  }

  describe('cannot leave:', () => {
    let listener: ReturnType<typeof createServer>;
    let bystander: ChildProcess;
    before(() => {
      writeFileSync('/etc/hallmark-host-marker', '');
      listener = createServer((_, response) => response.end('reached')).listen(0, '127.0.0.1');
      bystander = spawn('sleep', ['600'], { stdio: 'ignore' });
    });
    after(() => {
      sh('rm', '/etc/hallmark-host-marker');
      listener.close();
      bystander.kill();
    });
    for (const [what, script] of Object.entries(escapes)) {
      it(what, async () => {
        const before_ = readFileSync('/proc/sys/kernel/domainname', 'utf8');
        await using programs = await Programs.open(new DirectorySource(shipped).layer);
        const env = {
          PORT: String((listener.address() as AddressInfo).port),
          HOST_PID: String(bystander.pid),
        };
        const { exitCode, tail } = await programs.run('/bin/sh', ['-c', script], { env });
        assert.notEqual(exitCode, 0, `${script} went through: ${tail.join('\n')}`);
        assert.equal(readFileSync('/proc/sys/kernel/domainname', 'utf8'), before_);
      });
    }

    it('what needs a capability that they lack, also once they are another user or run a setuid program', async () => {
      await using programs = await Programs.open(new DirectorySource(shipped).layer);
      const script =
        'grep -h Cap.*: /proc/self/status; chmod 4755 /usr/bin/cat; su -s /bin/sh nobody -c "cat /proc/self/status" | grep Cap';
      const { tail } = await programs.run('/bin/sh', ['-c', script]);
      // chown, dac_override, fowner, fsetid, kill, setgid, setuid, sys_chroot, setfcap: capability.h
      const allowed = BigInt([0, 1, 3, 4, 5, 6, 7, 18, 31].reduce((sum, bit) => sum + 2 ** bit, 0));
      const effective = tail
        .filter((line) => /^Cap(?:Eff|Prm):/.test(line))
        .map((line) => BigInt(`0x${line.slice(8)}`));
      assert.equal(effective.length, 4, tail.join('\n'));
      assert.equal(effective[0], allowed);
      for (const each of effective) assert.equal(each & ~allowed, 0n);
    });

    it('but reach the network when it is asked for, with the resolver of the host', async () => {
      await using programs = await Programs.open(new DirectorySource(shipped).layer);
      const env = { PORT: String((listener.address() as AddressInfo).port) };
      const script = `${escapes['the network'] ?? ''} && cmp /etc/resolv.conf - <<'E'\n${readFileSync('/etc/resolv.conf', 'utf8')}E`;
      const { exitCode, tail } = await programs.run('/bin/sh', ['-c', script], { env, network: 'host' });
      assert.equal(exitCode, 0, tail.join('\n'));
      // The next one over the same layer has none unless it asks, too.
      const next = await programs.run('/bin/sh', ['-c', escapes['the network'] ?? ''], { env });
      assert.notEqual(next.exitCode, 0);
      assert.match(next.tail.join(), /unreachable|refused/i);
      assert.deepEqual(await programs.changes(), []);
    });
  });

  it('have an environment of their own, and what is bound for them', async () => {
    const folder = roots.folder('bound');
    writeFileSync(join(folder, 'file'), 'here');
    process.env['HALLMARK_SECRET'] = 'x';
    const binds = [{ from: folder, to: '/run/hallmark/folder' }] as const;
    await using programs = await Programs.open(new DirectorySource(shipped).layer, { binds });
    const script = 'cat /run/hallmark/folder/file; echo; touch /run/hallmark/folder/x 2>&1; env | sort';
    const { tail } = await programs.run('/bin/sh', ['-c', script], { env: { A: 'b' } });
    delete process.env['HALLMARK_SECRET'];
    assert.equal(tail[0], 'here');
    assert.match(tail[1] ?? '', /Read-only file system/);
    assert.deepEqual(
      tail.slice(2).map((line) => line.split('=')[0]),
      ['A', 'HOME', 'LC_ALL', 'PATH', 'PWD'],
    );
    assert.deepEqual(await programs.changes(), []);
  });

  it('that fill the layer fail, and say why', async () => {
    await using programs = await Programs.open(new DirectorySource(shipped).layer, {
      limits: { disk: 32 * 1024 * 1024 },
    });
    await assert.rejects(
      programs.run('/bin/dd', ['if=/dev/zero', 'of=/etc/big', 'bs=1M', 'count=64']),
      (error) => error instanceof ImageError && error.code === 'no-space',
    );
  });

  it('are ended when they take too long or are interrupted, with all that they started', async () => {
    const script = 'sleep 987654 & setsid sleep 987654 & sleep 987654';
    const running = (): string => sh('sh', '-c', 'pgrep -f "^sleep 987654" || true').trim();
    {
      await using programs = await Programs.open(new DirectorySource(shipped).layer);
      await assert.rejects(
        programs.run('/bin/sh', ['-c', script], { timeout: 300 }),
        /took longer than 300 ms/,
      );
      assert.equal(running(), '');
    }
    const controller = new AbortController();
    await using programs = await Programs.open(new DirectorySource(shipped).layer, {
      signal: controller.signal,
    });
    const run = programs.run('/bin/sh', ['-c', script]);
    await sleep(300);
    controller.abort(new Error('interrupted'));
    await assert.rejects(run, /interrupted/);
    assert.equal(running(), '');
  });

  it('leave nothing on the host', () => {
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith(`hallmark-sandbox.${process.pid}.`)),
      [],
    );
    assert.ok(!readFileSync('/proc/self/mounts', 'utf8').includes('hallmark-sandbox'));
  });

  it('are not run for a foreign architecture, nor without a shell, nor where /run leads elsewhere', async () => {
    const root = roots.copy(shipped);
    const shell = sh('readlink', '-f', `${root}/bin/sh`).trim();
    const open = (): Promise<Programs> => Programs.open(new DirectorySource(root).layer);
    const refusal = (code: string) => (error: unknown) => error instanceof ImageError && error.code === code;
    sh('rm', '-r', `${root}/run`);
    sh('ln', '-s', '/oldroot/etc', `${root}/run`);
    await assert.rejects(open(), refusal('unsupported'));
    assert.ok(existsSync('/etc/passwd'));
    const bytes = readFileSync(shell);
    bytes.writeUInt16LE(22, 18); // s390x
    writeFileSync(shell, bytes);
    await assert.rejects(open(), refusal('foreign-architecture'));
    sh('rm', shell);
    sh('rm', '-f', `${root}/usr/bin/bash`);
    await assert.rejects(open(), refusal('no-shell'));
    roots.release(root);
  });
});
