import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { debian6 } from '../../guests/debian6.js';
import { type Run, hallmark } from '../../support/command.js';
import { appendBig, packTarball } from '../../support/tarballs.js';
import { plant } from '../../support/trees.js';
import { difference, walk } from '../../support/walk.js';
import { program } from '../../support/project.js';

/** What a user may get wrong: the arguments, the exit code, what the first line says and, if any, the hint. */
type Wrong = readonly [args: string[], status: number, line: RegExp, hint?: RegExp];

const wrong: readonly Wrong[] = [
  [['check', 'nowhere'], 2, /^hallmark: there is no nowhere$/],
  [['plan', 'nowhere/at/all'], 2, /there is no nowhere/],
  [['prepare', 'nowhere', '-o', 'new.tar'], 2, /there is no nowhere/],
  [['undo', 'nowhere', '--yes'], 2, /there is no nowhere/],
  [['check', 'empty'], 3, /empty does not look like a root file system/],
  [['check', 'home'], 3, /home does not look like a root file system/],
  [['prepare', 'home', '--yes'], 3, /home does not look like a root file system/],
  [['check', 'text'], 3, /text is damaged/],
  [['prepare', 'text', '-o', 'new.tar'], 3, /text is damaged/],
  [['check', 'nothing'], 3, /nothing is empty/],
  [['check', 'cut.tar'], 3, /cut\.tar is damaged at byte \d+/],
  [['check', 'cut.tar.gz'], 3, /cut\.tar\.gz is damaged at byte \d+/],
  [['prepare', 'cut.tar.gz', '-o', 'new.tar'], 3, /cut\.tar\.gz is damaged at byte \d+/],
  [['check', 'bent.tar'], 3, /bent\.tar is damaged at byte \d+: a header has the wrong checksum/],
  [['check', 'bent.tar.gz'], 3, /bent\.tar\.gz is damaged at byte \d+/],
  [['check', 'tail.tar'], 3, /tail\.tar is damaged at byte \d+: there is data after/],
  [['check', 'tail.tar.gz'], 3, /tail\.tar\.gz is damaged at byte \d+/],
  [['check', '/dev/zero'], 3, /is neither a directory nor a file/, /block device/],
  [['check', 'pipe'], 3, /is neither a directory nor a file/],
  [['check', 'guest', '--kind', 'tarball'], 2, /guest is not a tarball/],
  [['check', 'guest.tar', '--kind', 'directory'], 2, /guest\.tar is not a directory/],
  [['check', 'guest', '--kind', 'zip'], 2, /Allowed choices are directory, host, tarball/],
  [['check', 'guest', '--jsn'], 2, /unknown option '--jsn' \(Did you mean --json\?\)/],
  [['chek', 'guest'], 2, /unknown command 'chek' \(Did you mean check\?\)/],
  [[], 2, /no command was given/, /hallmark --help/],
  [['check'], 2, /missing required argument 'image'/],
  [['check', 'guest', 'other'], 2, /too many arguments/],
  [['check', 'guest', '--only', 'agentlog'], 2, /there is no check "agentlog"/, /Did you mean agent-log\?/],
  [['check', 'guest', '--skip', 'lsb'], 2, /there is no check "lsb"/, /lsb-headers/],
  [['check', 'guest', '--only', 'agent-log', '--skip', 'agent-log'], 2, /leave no check to run/],
  [['check', 'guest', '--only', ','], 2, /leave no check to run/],
  [['explain', 'agentlog'], 2, /there is no check "agentlog"/, /agent-log/],
  [['check', 'guest', '--config', 'none.yaml'], 2, /cannot read none\.yaml: there is no such file/],
  [['check', 'guest', '--config', 'empty'], 2, /cannot read empty: it is not a regular file/],
  [['check', 'guest', '--config', 'pipe'], 2, /cannot read pipe: it is not a regular file/],
  [['check', 'guest', '--config', 'broken.yaml'], 2, /broken\.yaml:\d+: /],
  [['check', 'guest', '--config', 'unknown.yaml'], 2, /unknown\.yaml:1: the file has an unknown key: nope/],
  [['check', 'guest', '--config', 'type.yaml'], 2, /type\.yaml:1: only must be array/],
  [
    ['check', 'guest', '--config', 'waiver.yaml'],
    2,
    /waiver\.yaml:2: waivers\.0\.check is not a check: there is no check "agentlog"/,
    /agent-log/,
  ],
  [['check', 'guest', '--metadata', 'text'], 2, /text does not describe an image: .*-f yaml/],
  [
    ['check', 'guest', '--metadata', 'list.json'],
    2,
    /list\.json does not describe an image: it seems to be JSON, but/,
  ],
  [['check', 'guest', '--metadata', 'none.json'], 2, /cannot read none\.json/],
  [['check', 'guest', '--metadata', '/dev/zero'], 2, /it is not a regular file/],
  [['check', 'guest', '--report', 'text'], 2, /--report: .*text is not a directory/],
  [['check', 'guest', '--report', 'text/below'], 2, /--report: .*text is not a directory/],
  [['prepare', 'guest'], 2, /would be changed in place, and there is no terminal/, /--yes/],
  [['undo', 'guest'], 2, /would be changed in place, and there is no terminal/, /--yes/],
  [['undo', 'guest', '--yes'], 4, /has no transaction of guest/],
  [['undo', 'guest.tar', '--yes'], 4, /guest\.tar was not repaired in place.*nothing was changed/],
  [['prepare', 'guest', '--yes', '-o', 'new.tar'], 2, /--output is for tarballs/],
  [['prepare', 'guest.tar'], 2, /the repaired tarball needs a destination/, /--in-place/],
  [['prepare', 'guest.tar', '-o', 'new.tar', '--in-place'], 2, /not both/],
  [['prepare', 'kept', '--in-place'], 2, /kept\.before-hallmark is still there/, /hallmark undo .*kept"/],
  [['prepare', 'guest.tar', '-o', ''], 2, /--output is empty/],
  [['prepare', 'guest.tar', '-o', 'missing/new.tar'], 2, /there is no directory .*missing/],
  [['prepare', 'guest.tar', '-o', 'empty'], 2, /--output is a directory/],
  [['prepare', 'guest.tar', '-o', 'pipe'], 2, /--output is not a regular file/],
  [['prepare', 'guest.tar', '-o', 'guest.tar'], 2, /--output is the image itself/, /--in-place/],
  [['prepare', 'guest.tar', '-o', 'link.tar'], 2, /--output is the image itself/],
  [['prepare', 'link.tar', '-o', 'guest.tar'], 2, /--output is the image itself/],
  [['prepare', 'guest.tar', '-o', 'other-name.tar'], 2, /--output is the image itself/],
  [['plan', 'guest', '--agent', 'remove'], 2, /--agent remove needs --target cloud-init/],
  [['plan', 'guest', '--agent', 'disable', '--target', 'auto'], 2, /--agent disable needs --target cloud/],
  [['plan', 'guest', '--cloud-init-repo', 'home'], 2, /--cloud-init-repo need --target cloud-init/],
  [['check', 'guest', '--target', 'cloud-init', '--agent', 'remove'], 2, /unknown option '--agent'/],
  [['snapshot'], 2, /no command was given/, /hallmark --help/],
  [['snapshot', 'prepare', '--root', 'nowhere'], 2, /there is no nowhere/],
  [['snapshot', 'prepare', '--root', 'guest.tar'], 2, /guest\.tar is not a server/, /hallmark prepare/],
  [['snapshot', 'prepare', '--root', 'guest'], 2, /there is no terminal to ask for confirmation/, /--yes/],
  [['snapshot', 'prepare', '--root', 'guest', '--yes', '--stop-vpn'], 2, /guest is not running/],
  [['snapshot', 'prepare', '--root', 'home', '--yes'], 3, /home does not look like a root file system/],
  [['snapshot', 'status', '--root', 'guest', '--only', 'agent-runing'], 2, /no check/, /agent-running/],
  [['check', 'guest', '--only', 'agent-running'], 2, /no check "agent-running"/],
];

describe('the command', function () {
  this.timeout(300_000);
  let folder: string;
  let state: string;
  const at = (name: string): string => join(folder, name);
  const run = (...args: string[]): Run => hallmark(args, { cwd: folder, state });

  before(async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'hallmark-cli-'));
    folder = join(scratch, 'work');
    state = join(scratch, 'state');
    for (const each of [folder, at('empty'), at('home')]) mkdirSync(each);
    writeFileSync(at('home/.profile'), 'PATH=/bin\n');
    writeFileSync(at('text'), 'no archive\n');
    writeFileSync(at('nothing'), '');
    for (const name of ['kept', 'kept.before-hallmark']) writeFileSync(at(name), `${name}: no archive\n`);
    plant(at('guest'), debian6);
    await packTarball(debian6, at('guest.tar'));
    await packTarball(debian6, at('guest.tar.gz'), { gzip: true });
    for (const end of ['tar', 'tar.gz']) {
      const whole = readFileSync(at(`guest.${end}`));
      writeFileSync(at(`cut.${end}`), whole.subarray(0, Math.floor(whole.length / 2) + 100));
      writeFileSync(at(`tail.${end}`), Buffer.concat([whole, Buffer.alloc(700, 'x')]));
    }
    const bent = readFileSync(at('guest.tar'));
    bent.write('bent', 512); // the second header
    writeFileSync(at('bent.tar'), bent);
    const bentGzip = readFileSync(at('guest.tar.gz'));
    bentGzip.fill(0x55, bentGzip.length / 2, bentGzip.length / 2 + 16);
    writeFileSync(at('bent.tar.gz'), bentGzip);
    symlinkSync('guest.tar', at('link.tar'));
    linkSync(at('guest.tar'), at('other-name.tar'));
    execFileSync('mkfifo', [at('pipe')]);
    writeFileSync(at('broken.yaml'), 'only: [\n');
    writeFileSync(at('unknown.yaml'), 'nope: 1\n');
    writeFileSync(at('type.yaml'), 'only: 5\n');
    writeFileSync(at('waiver.yaml'), 'waivers:\n  - {check: agentlog, reason: x, expires: 2090-01-01}\n');
    writeFileSync(at('list.json'), '[]');
  });
  after(() => {
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  describe('told something wrong', () => {
    for (const [args, status, line, hint] of wrong) {
      it(`hallmark ${args.join(' ')}: exit ${status}, one line, nothing changed`, () => {
        const before = snapshot();
        const result = run(...args);
        assert.equal(result.status, status, result.stderr);
        assert.equal(result.stdout, '');
        const [first = '', second, ...more] = result.stderr.trimEnd().split('\n');
        assert.match(first, line);
        assert.match(first, /^hallmark: /);
        if (hint) assert.match(second ?? '', hint);
        if (second !== undefined) assert.match(second, /^ {2}\S/);
        assert.deepEqual(more, []);
        assert.deepEqual(snapshot(), before);
      });
    }
  });

  /** Everything in the folder but the pipe, which cannot be read. */
  function snapshot(): string[] {
    const names = readdirSync(folder).sort();
    const files = names.filter((name) => name !== 'pipe');
    return [...names, ...files.flatMap((name) => [...walk(at(name))].map(String))];
  }

  it('lets one configuration serve a check and a snapshot', () => {
    const waiver = (check: string): string => `  - {check: ${check}, reason: x, expires: 2090-01-01}\n`;
    writeFileSync(at('both.yaml'), `skip: [snapshot-contents]\nwaivers:\n${waiver('tunnels-present')}`);
    for (const command of [
      ['check', 'guest'],
      ['snapshot', 'status', '--root', 'guest'],
    ]) {
      const { status, stderr } = run(...command, '--config', 'both.yaml', '--quiet');
      assert.deepEqual([status, stderr], [1, '']);
    }
    // What is said on the command line is meant for this command.
    assert.match(
      run('check', 'guest', '--skip', 'snapshot-contents').stderr,
      /there is no check "snapshot-contents"/,
    );
  });

  it('notes a waiver that has expired', () => {
    writeFileSync(at('expired.yaml'), 'waivers:\n  - {check: agent-log, reason: x, expires: 2020-01-01}\n');
    const { status, stderr } = run('check', 'guest', '--config', 'expired.yaml', '--quiet');
    assert.equal(status, 1);
    assert.equal(stderr, 'hallmark: the waiver for agent-log expired on 2020-01-01 and no longer counts\n');
  });

  for (const args of [
    ['check', 'guest', '--json'],
    ['plan', 'guest', '--json'],
    ['check', 'guest.tar.gz', '--format', 'json'],
    ['prepare', 'guest.tar', '-o', 'json.tar', '--json'],
    ['list', '--json'],
  ]) {
    it(`prints one JSON document and nothing else: ${args.join(' ')}`, () => {
      const { stdout, stderr } = run(...args);
      assert.equal(typeof JSON.parse(stdout), 'object');
      assert.equal(stderr, '');
    });
  }

  it('is quiet when asked', () => {
    const { status, stdout } = run('check', 'guest', '--quiet');
    assert.deepEqual([status, stdout], [1, '']);
  });

  for (const command of [[], ['check'], ['plan'], ['prepare'], ['undo'], ['list'], ['explain']]) {
    it(`helps: hallmark ${command.join(' ')} --help`, () => {
      const { status, stdout, stderr } = run(...command, '--help');
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, new RegExp(`^Usage: hallmark ${command.join(' ')}`));
    });
  }

  it('takes names with spaces, quotes and line ends', () => {
    for (const name of ['sp ace', 'quo\'te"', 'line\nend']) {
      copyFileSync(at('guest.tar'), at(name));
      const { status, stdout, stderr } = run('check', name, '--only', 'agent-enabled');
      assert.deepEqual([status, stderr], [1, '']);
      assert.ok(stdout.startsWith(`check     ${name.replace('\n', '\\n')}\n`), stdout);
    }
  });

  it('does not claim to have delivered what a full disk swallowed', function () {
    if (process.platform !== 'linux') this.skip(); // /dev/full
    for (const args of [['check', 'guest'], ['list', '--json'], ['--version'], ['--help']]) {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      });
      assert.equal(status, 3, args.join(' '));
      assert.equal(stderr, 'hallmark: cannot write to standard output: ENOSPC\n');
    }
  });

  it('takes it for an internal error when it ends before its work is done, or throws where nobody waits', () => {
    const bugs = {
      'globalThis.setImmediate=()=>{}': 'the event loop ended before the command did',
      "process.on('newListener',(name)=>{if(name==='beforeExit')void Promise.reject(new Error('stray'))})":
        'stray',
    };
    for (const [code, message] of Object.entries(bugs)) {
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--import', `data:text/javascript,${code}`, program, 'check', 'guest', '--quiet'],
        { cwd: folder, encoding: 'utf8' },
      );
      const hint = 'Run it again with --debug and report what it prints.';
      assert.deepEqual([status, stderr], [70, `hallmark: internal error: ${message}\n  ${hint}\n`]);
    }
  });

  it('keeps its verdict when the reader of its output goes away, or standard error is full', () => {
    const sh = (script: string): number | null =>
      spawnSync('bash', ['-o', 'pipefail', '-c', script, 'sh', process.execPath, program], { cwd: folder })
        .status;
    assert.equal(sh('"$1" "$2" check guest --format html | true'), 1);
    assert.equal(sh('"$1" "$2" check nowhere 2>/dev/full'), 2);
  });

  it('repairs a tarball in place through a link to it, keeps the original, and takes it back', () => {
    copyFileSync(at('guest.tar'), at('mine.tar'));
    symlinkSync('mine.tar', at('to-mine.tar'));
    const original = readFileSync(at('mine.tar'));
    assert.equal(run('prepare', 'to-mine.tar', '--in-place').status, 0);
    assert.ok(!readFileSync(at('mine.tar')).equals(original));
    assert.ok(readFileSync(at('mine.tar.before-hallmark')).equals(original));
    assert.equal(run('undo', 'to-mine.tar', '--yes').status, 0);
    assert.ok(readFileSync(at('mine.tar')).equals(original));
  });

  it('changes no tarball in place when it could not remember it', () => {
    copyFileSync(at('guest.tar'), at('keep.tar'));
    const { status, stderr } = hallmark(['prepare', 'keep.tar', '--in-place', '--quiet'], {
      cwd: folder,
      state: at('text'),
    });
    assert.equal(status, 4);
    assert.match(stderr, /^hallmark: cannot keep a journal in .*nothing was changed\n {2}Set XDG_STATE_HOME/);
    assert.ok(readFileSync(at('keep.tar')).equals(readFileSync(at('guest.tar'))));
    assert.ok(!readdirSync(folder).includes('keep.tar.before-hallmark'));
  });

  it('refuses a state directory inside the image', () => {
    cpSync(at('guest'), at('self'), { recursive: true, verbatimSymlinks: true });
    const before = walk(at('self'));
    const { status, stderr } = hallmark(['prepare', 'self', '--yes'], { cwd: folder, state: at('self/var') });
    assert.equal(status, 2);
    assert.match(stderr, /would lie inside the image/);
    assert.deepEqual(difference(walk(at('self')), before), []);
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    for (const args of [
      ['check', 'big.tar'],
      ['prepare', 'big.tar', '-o', 'out.tar'],
    ]) {
      it(`ends with ${code} on ${signal} during ${args.join(' ')}, and leaves nothing`, async () => {
        const here = mkdtempSync(join(folder, '../big-'));
        try {
          appendBig(at('guest.tar'), join(here, 'big.tar'));
          const child = spawn(process.execPath, [program, ...args, '--verbose'], {
            cwd: here,
            stdio: ['ignore', 'pipe', 'pipe'],
          });
          let said = '';
          child.stderr.on('data', (data: Buffer) => (said += data.toString()));
          child.stdout.resume();
          // A prepare is stopped as soon as it writes.
          const writes = (): boolean => readdirSync(here).length > 1;
          const ended = new Promise((resolve) => child.on('close', resolve));
          while (!said.includes('open …\n')) await sleep(5);
          while (args[0] === 'prepare' && !writes() && child.exitCode === null) await sleep(5);
          child.kill(signal);
          assert.equal(await ended, code, said);
          assert.equal(
            said.replace(/^[a-z]+ …\n/gm, ''),
            `hallmark: interrupted by ${signal}; the image is as it was\n`,
          );
          assert.deepEqual(readdirSync(here), ['big.tar']);
        } finally {
          rmSync(here, { recursive: true });
        }
      });
    }
  }
});
