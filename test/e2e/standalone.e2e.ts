import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../pipeline/report/report.js';
import { debian6 } from '../guests/debian6.js';
import { purgeCloudInit, prepare as prepareGuest } from '../guests/real.js';
import { installStandIns } from '../guests/rehearsal/packages.js';
import { el7, el9, installRpmGuest } from '../guests/rpm.js';
import { type Run, hallmark } from '../support/command.js';
import { leftovers } from '../support/leftovers.js';
import { RealRoots, sh } from '../support/real-roots.js';
import { ndbOf, rpmHeader } from '../support/rpm-database.js';
import { appendBig, packTarball } from '../support/tarballs.js';
import { setUserAttribute } from '../support/transaction.js';
import { plant } from '../support/trees.js';
import { difference, walk } from '../support/walk.js';
import { standalone } from './standalone-build.js';
import { project } from '../support/project.js';

/** Where the executable looks for a place to load native code from, besides $TMPDIR. */
const temporary = ['tmp', 'run', 'dev/shm', 'var/tmp'];

/** In a mount namespace of its own: what it mounts in the root is gone with it. */
const enter = `set -e
root=$1 noexec=$2; shift 2
mount -t proc proc "$root/proc"
for each in $noexec; do mount -t tmpfs -o noexec tmpfs "$root/$each"; done
exec chroot "$root" /usr/bin/env -i -C /work PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root XDG_STATE_HOME=/state "$@"`;

// The oldest Debian that is still maintained, and the newest.
for (const suite of ['bullseye', 'trixie']) {
  describe(`the standalone executable in a bare root of ${suite}`, function () {
    this.timeout(300_000);
    let roots: RealRoots;
    let root: string;
    const at = (...names: string[]): string => join(root, 'work', ...names);

    before(async () => {
      roots = new RealRoots();
      root = roots.unpack(suite);
      for (const folder of ['work', ...temporary]) mkdirSync(join(root, folder), { recursive: true });
      copyFileSync(standalone(), join(root, 'hallmark'));
      plant(at('guest'), debian6);
      assert(
        setUserAttribute(
          at('guest/etc/init.d/xe-linux-distribution'),
          'user.note',
          Buffer.from([0, 255, 10]),
        ),
      );
      await packTarball(debian6, at('guest.tar'));
      await packTarball(debian6, at('guest.tar.gz'), { gzip: true });
      copyFileSync(at('guest.tar'), at('cut.tar'));
      truncateSync(at('cut.tar'), 20_000);
      writeFileSync(at('bad.yaml'), 'steps:\n  - nonsense: 1\n');
      writeFileSync(
        at('waiving.yaml'),
        'waivers:\n  - check: agent-log\n    reason: old\n    expires: 2099-01-01\n',
      );
    });
    after(() => {
      roots[Symbol.dispose]();
    });

    const inTemporary = (): string[] => temporary.flatMap((folder) => readdirSync(join(root, folder)));

    /** Runs the executable in the root: nothing of the host can be reached. */
    function inside(
      args: readonly string[],
      { env = [], noexec = [] }: { env?: readonly string[]; noexec?: readonly string[] } = {},
    ): Omit<Run, 'pid'> {
      const { status, stdout, stderr } = spawnSync(
        'unshare',
        [
          ...['--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh', root, noexec.join(' ')],
          ...[...env, '/hallmark', ...args],
        ],
        { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
      );
      return { status, stdout, stderr };
    }

    /** Holds the executable against the command as it is installed, on the host: by all that they say. */
    function same(args: readonly string[]): Omit<Run, 'pid'> {
      const here = inside(args);
      const { status, stdout, stderr } = hallmark(args, { cwd: at(), state: '/state' });
      assert.deepEqual(here, { status, stdout, stderr });
      return here;
    }

    it('needs no Node.js', () => {
      const found = sh('find', root, '-xdev', '-iname', 'node*', '-perm', '/111', '-not', '-type', 'd');
      assert.equal(found, '');
      assert.equal(sh('find', root, '-xdev', '-name', 'libnode*'), '');
      assert.equal(inside(['--version']).stdout, `${packageJson().version}\n`);
    });

    for (const args of [
      ['--version'],
      ['--help'],
      ['list'],
      ['explain', 'vpn-autostart'],
      ['check', 'guest', '--json', '--debug'],
      ['check', 'guest.tar', '--json', '--debug'],
      ['check', 'guest.tar.gz', '--json', '--debug', '--config', 'waiving.yaml'],
      ['plan', 'guest', '--json', '--debug'],
      ['plan', 'guest.tar.gz'],
      ['snapshot', 'status', '--root', 'guest', '--json'],
    ]) {
      it(`says the same: ${args.join(' ')}`, () => {
        const { status, stderr } = same(args);
        assert.equal(stderr, '');
        assert.ok(status === 0 || status === 1);
      });
    }

    it('writes the same reports, in every format', () => {
      same(['check', 'guest', '--quiet', '--debug', '--report', 'by-both']);
      const mine = inside(['check', 'guest', '--quiet', '--report', 'mine']);
      assert.deepEqual(mine, { status: 1, stdout: '', stderr: '' });
      hallmark(['check', 'guest', '--quiet', '--report', 'installed'], { cwd: at() });
      const names = readdirSync(at('installed'));
      assert.equal(names.length, 7);
      assert.deepEqual(readdirSync(at('mine')), names);
      for (const name of names)
        assert.equal(
          readFileSync(at('mine', name), 'utf8'),
          readFileSync(at('installed', name), 'utf8'),
          name,
        );
    });

    for (const [what, status, args] of [
      ['an unknown option', 2, ['check', 'guest', '--inspect']],
      ['an option of Node.js', 2, ['--inspect']],
      ['a path that is not there', 2, ['check', 'nowhere']],
      ['a scenario that does not fit', 2, ['rehearse', 'guest', '--scenario', 'bad.yaml']],
      ['a tarball that is cut short', 3, ['check', 'cut.tar']],
      ['no tarball', 3, ['check', 'waiving.yaml']],
      ['an undo of what was not done', 4, ['undo', 'guest', '--yes']],
    ] as const) {
      it(`ends with ${status} for ${what}, as the installed command does`, () => {
        assert.equal(same(args).status, status);
      });
    }

    it('shows with --debug where an error came from, and no path of where it was made', () => {
      const { status, stderr } = inside(['check', 'nowhere', '--debug']);
      assert.equal(status, 2);
      assert.match(stderr, /\nUsageError: there is no nowhere\n {4}at statOf\d* \(hallmark\.cjs:\d+:\d+\)\n/);
      assert.ok(!stderr.includes(project));
    });

    it('reads what is meant for Node.js in the environment', () => {
      const { status, stdout } = inside(['check', 'guest', '--json'], {
        env: ['NODE_OPTIONS=--max-old-space-size=200'],
      });
      assert.deepEqual([status, stdout], [1, inside(['check', 'guest', '--json']).stdout]);
      assert.equal(inside(['--version'], { env: ['NODE_OPTIONS=--no-such-option'] }).status, 9);
    });

    for (const [where, noexec] of [
      ['', []],
      [' with /tmp mounted noexec', ['tmp']],
      [' with only /var/tmp left to load code from', ['tmp', 'run', 'dev/shm']],
    ] as const) {
      it(`repairs a directory as the installed command does, and takes it back${where}`, () => {
        const [before, left] = [walk(at('guest')), inTemporary()];
        const other = roots.folder('other');
        sh('cp', '-a', at('guest'), other);
        const { status, stdout, stderr } = inside(['prepare', 'guest', '--yes', '--json'], { noexec });
        assert.equal(status, 0, stderr);
        const installed = hallmark(['prepare', 'guest', '--yes', '--json'], {
          cwd: other,
          state: roots.folder('state'),
        });
        assert.equal(stdout, installed.stdout);
        const repaired = walk(at('guest'), { times: false });
        assert.deepEqual(difference(repaired, walk(join(other, 'guest'), { times: false })), []);
        // A file that was written anew, with what only native code can read and write.
        assert.notEqual(
          repaired.get('/etc/init.d/xe-linux-distribution'),
          before.get('/etc/init.d/nova-agent'),
        );
        assert.match(repaired.get('/etc/init.d/xe-linux-distribution') ?? '', /user\.note=00ff0a/);
        assert.equal(inside(['undo', 'guest', '--yes'], { noexec }).status, 0);
        assert.deepEqual(difference(walk(at('guest')), before), []);
        assert.deepEqual(inTemporary(), left);
      });
    }

    it('says so, and changes nothing, where native code can be loaded from nowhere', () => {
      const before = walk(at('guest'));
      const { status, stdout, stderr } = inside(['prepare', 'guest', '--yes', '--quiet'], {
        noexec: temporary,
      });
      assert.equal(status, 3, stderr);
      assert.equal(stdout, '');
      const why = temporary.map((each) => `/${each}: failed to map segment from shared object`).join('; ');
      assert.equal(
        stderr,
        `hallmark: cannot load the code for extended attributes (${why})\n` +
          '  Set TMPDIR to a folder that can be written to and is not mounted with noexec.\n',
      );
      assert.deepEqual(difference(walk(at('guest')), before), []);
      const elsewhere = { noexec: temporary, env: ['TMPDIR=/work'] };
      assert.equal(inside(['prepare', 'guest', '--yes', '--quiet'], elsewhere).status, 0);
      assert.equal(inside(['undo', 'guest', '--yes'], elsewhere).status, 0);
      assert.deepEqual(difference(walk(at('guest')), before), []);
    });

    it('writes the same tarball', () => {
      assert.equal(inside(['prepare', 'guest.tar.gz', '-o', 'mine.tar.gz', '--quiet']).status, 0);
      hallmark(['prepare', 'guest.tar.gz', '-o', 'installed.tar.gz', '--quiet'], { cwd: at() });
      assert.ok(readFileSync(at('mine.tar.gz')).equals(readFileSync(at('installed.tar.gz'))));
    });

    for (const guest of [el7, el9]) {
      it(`knows the packages of ${guest.name}, from a database in ${guest.backend}`, () => {
        sh('mv', installRpmGuest(roots, guest), at(guest.name));
        const { stdout } = same(['check', guest.name, '--json', '--debug']);
        const agent = guest.packages.find(({ name }) => name === 'nova-agent');
        assert.ok(agent);
        assert.ok(stdout.includes(agent.version));
        assert.ok((JSON.parse(stdout) as Report).results.every(({ outcome }) => outcome !== 'error'));
      });
    }

    it('knows the packages of a database in ndb', () => {
      const files = Object.entries(debian6).filter(([path]) => !path.startsWith('/var/lib/dpkg'));
      plant(at('suse'), {
        ...Object.fromEntries(files),
        '/etc/os-release': 'ID=opensuse-leap\nVERSION_ID="15.6"\n',
      });
      mkdirSync(at('suse/usr/lib/sysimage/rpm'), { recursive: true });
      const header = rpmHeader({
        name: 'xe-guest-utilities',
        version: '7.20.0',
        release: '1',
        arch: 'x86_64',
      });
      writeFileSync(at('suse/usr/lib/sysimage/rpm/Packages.db'), ndbOf([header]));
      assert.match(same(['check', 'suse', '--json']).stdout, /7\.20\.0-1/);
    });
  });
}

describe('the standalone executable', function () {
  this.timeout(300_000);
  let roots: RealRoots;
  before(() => {
    roots = new RealRoots();
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  it('plays the scenario that it carries', async () => {
    const root = roots.unpack('systemd');
    purgeCloudInit(root);
    await installStandIns(root, 'systemd', { poll: 1 });
    prepareGuest(roots, root);
    const { status, pid, stdout, stderr } = spawnSync(
      standalone(),
      ['rehearse', root, '--target', 'nova-agent', '--json', '--debug'],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    assert.equal(status, 0, stderr);
    assert.equal((JSON.parse(stdout) as Report).rehearsal?.outcome, 'passed');
    assert.deepEqual(leftovers(pid), []);
  });

  it('ends with 130 at Ctrl-C, and leaves nothing', async () => {
    const here = roots.folder('big');
    await packTarball(debian6, join(here, 'guest.tar'));
    appendBig(join(here, 'guest.tar'), join(here, 'big.tar'));
    rmSync(join(here, 'guest.tar'));
    const child = spawn(standalone(), ['prepare', 'big.tar', '-o', 'out.tar', '--verbose'], {
      cwd: here,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    const ended = new Promise((resolve) => child.on('close', resolve));
    while (readdirSync(here).length === 1 && child.exitCode === null) await sleep(5);
    child.kill('SIGINT');
    assert.equal(await ended, 130, said);
    assert.match(said, /^hallmark: interrupted by SIGINT; the image is as it was$/m);
    assert.deepEqual(readdirSync(here), ['big.tar']);
  });

  it('has the licences of all that is in it beside it, is no part of the package, and is the same whenever it is made', () => {
    const first = readFileSync(standalone());
    const folder = dirname(standalone());
    assert.deepEqual(readdirSync(folder), ['LICENSES', 'hallmark']);
    const licences = readFileSync(join(folder, 'LICENSES'), 'utf8');
    const { dependencies } = packageJson();
    for (const name of ['hallmark-image', ...Object.keys(dependencies), 'sql.js', 'Node.js'])
      assert.match(licences, new RegExp(`^${name} v?\\d+\\..*\\n=+\\n\\n\\S`, 'm'));
    assert.ok(!existsSync(join(project, 'dist/standalone.unfinished')));
    assert.equal(statSync(standalone()).mode & 0o777, 0o755);
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
      cwd: project,
      encoding: 'utf8',
    });
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    assert.ok(files.some(({ path }) => path === 'dist/bin/main.js'));
    assert.deepEqual(
      files.filter(({ path }) => path.includes('standalone')),
      [],
    );
    sh('sh', '-c', 'cd "$1" && exec "$2" standalone.config.js', 'sh', project, process.execPath);
    assert.ok(readFileSync(standalone()).equals(first));
  });

  it('says where it cannot be made', () => {
    const refused = spawnSync(
      process.execPath,
      [
        '--import',
        "data:text/javascript,Object.defineProperty(process,'arch',{value:'arm64'})",
        'standalone.config.js',
      ],
      { cwd: project, encoding: 'utf8' },
    );
    assert.deepEqual(
      [refused.status, refused.stderr],
      [1, 'standalone: it can be made on linux-x64 alone, and this is linux-arm64\n'],
    );
  });
});

function packageJson(): { version: string; dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as ReturnType<typeof packageJson>;
}
