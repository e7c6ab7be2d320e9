import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openDirectory } from '../../images/image/directory.js';
import { shellVariables } from '../../images/formats/shell-assignments.js';
import { compareDebianVersions, compareRpmVersions } from '../../images/formats/version.js';
import { agents } from '../../images/guest/agents/agents.js';
import { type Fact, factsOf } from '../../images/guest/fact.js';
import { init } from '../../images/guest/init/init.js';
import { os } from '../../images/guest/os.js';
import { packages } from '../../images/guest/packages.js';
import { xe } from '../../images/guest/agents/xe.js';
import { ndbOf } from '../support/rpm-database.js';
import { setting } from '../support/switches.js';

/** Our answers held against the programs whose files they are read from. */
describe('facts of real roots', function () {
  this.timeout(300_000);
  let work: string;

  before(() => {
    work = mkdtempSync(join(tmpdir(), 'hallmark-facts-'));
  });

  after(() => {
    rmSync(work, { recursive: true, force: true });
  });

  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'pipe'] });

  async function gather<T>(root: string, fact: Fact<T>): Promise<T> {
    await using image = openDirectory(root);
    return await factsOf(image)(fact);
  }

  for (const [name, system] of [
    ['systemd', 'systemd'],
    ['sysv', 'sysv'],
  ] as const) {
    describe(`Debian 12 with ${name}`, () => {
      let root: string;

      before(() => {
        const roots = setting('HALLMARK_E2E_ROOTS');
        assert.ok(roots, 'HALLMARK_E2E_ROOTS must name the folder of the roots');
        root = join(work, name);
        mkdirSync(root);
        run('tar', '-xf', join(roots, `${name}.tar`), '-C', root);
      });

      it('is told from its files', async () => {
        const found = await gather(root, os);
        assert.deepEqual([found.family, found.id, found.evidence], ['debian', 'debian', '/etc/os-release']);
        assert.match(found.version ?? '', /^12\.\d+$/);
        assert.equal((await gather(root, init)).system, system);
        assert.deepEqual(await gather(root, agents), []);
        assert.equal(await gather(root, xe), undefined);
      });

      it('has the packages that dpkg-query lists', async () => {
        const format = '${db:Status-Status} ${Package} ${Version} ${Architecture}\n';
        const listed = run('dpkg-query', '--admindir', join(root, 'var/lib/dpkg'), '-W', '-f', format);
        const expected = listed.split('\n').filter((line) => line.startsWith('installed '));
        const { installed } = await gather(root, packages);
        const found = [...installed.values()].map(
          (one) => `installed ${one.name} ${one.version} ${one.architecture ?? ''}`,
        );
        assert.ok(found.length > 100);
        assert.deepEqual(found.sort(), expected.sort());
      });
    });
  }

  describe('an RPM root', () => {
    let root: string;
    let expected: readonly string[];
    const folder = (...more: readonly string[]): string => join(root, 'var/lib/rpm', ...more);
    const query = (...define: readonly string[]): readonly string[] => {
      const format = '%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE} %{ARCH}\n';
      return run('rpm', '--root', root, '--dbpath', '/var/lib/rpm', ...define, '-qa', '--qf', format)
        .trim()
        .split('\n')
        .sort();
    };
    const found = async (): Promise<readonly string[]> => {
      const { manager, installed } = await gather(root, packages);
      assert.equal(manager, 'rpm');
      return [...installed.values()]
        .map((one) => `${one.name} ${one.version} ${one.architecture ?? '(none)'}`)
        .sort();
    };
    /** The headers out of the SQLite database that rpm itself wrote. */
    let headers: Buffer[];

    before(() => {
      root = join(work, 'rpm');
      mkdirSync(root);
      run('rpm', '--root', root, '--dbpath', '/var/lib/rpm', '--initdb');
      for (let i = 0; i < 12; i++) {
        const spec = join(work, 'package.spec');
        const epoch = i % 3 === 1 ? `Epoch: ${i}\n` : '';
        const description = 'x'.repeat(900 * i);
        writeFileSync(
          spec,
          `Name: demo${i}\nVersion: 1.${i}\nRelease: ${i}.el7\n${epoch}Summary: s\nLicense: l\nBuildArch: noarch\n%description\n${description}\n%files\n`,
        );
        run('rpmbuild', '-bb', '--quiet', '--define', `_topdir ${join(work, 'rpmbuild')}`, spec);
      }
      const built = join(work, 'rpmbuild/RPMS/noarch');
      const files = readdirSync(built).map((file) => join(built, file));
      run('rpm', '--root', root, '--dbpath', '/var/lib/rpm', '--force-debian', '--nodeps', '-i', ...files);
      expected = query();
      assert.equal(expected.length, 12);
      const dump =
        'import sqlite3,sys\nfor (b,) in sqlite3.connect(sys.argv[1]).execute("select blob from Packages order by hnum"): print(b.hex())';
      const lines = run('python3', '-c', dump, folder('rpmdb.sqlite')).trim().split('\n');
      headers = lines.map((line) => Buffer.from(line, 'hex'));
    });

    it('has the packages that rpm lists, from SQLite', async () => {
      assert.deepEqual(await found(), expected);
    });

    it('is not judged by a database whose changes are in its log', async () => {
      writeFileSync(folder('rpmdb.sqlite-wal'), 'x');
      await assert.rejects(gather(root, packages), { code: 'package-database' });
      rmSync(folder('rpmdb.sqlite-wal'));
    });

    it('has them from Berkeley DB, which Berkeley DB itself wrote and rpm reads', async () => {
      const texts = headers.map((header) => header.toString('hex')).join('\n');
      writeFileSync(join(work, 'headers'), texts);
      const write = `use DB_File; use Fcntl; my %db; my $n = 0;
        tie(%db, 'DB_File', $ARGV[0], O_RDWR | O_CREAT, 0644, $DB_HASH) or die $!;
        open(my $in, '<', $ARGV[1]) or die $!;
        while (<$in>) { chomp; $db{pack('V', ++$n)} = pack('H*', $_) } $db{pack('V', 0)} = pack('V', $n); untie %db;`;
      for (const name of readdirSync(folder())) rmSync(folder(name));
      run('perl', '-e', write, folder('Packages'), join(work, 'headers'));
      assert.deepEqual(query('--define', '_db_backend bdb_ro'), expected);
      assert.deepEqual(await found(), expected);
      const whole = readFileSync(folder('Packages'));
      writeFileSync(folder('Packages'), whole.subarray(0, whole.length - 4096));
      await assert.rejects(gather(root, packages), { code: 'package-database' });
    });

    it('has them from ndb, in the folder that SUSE uses', async () => {
      for (const name of readdirSync(folder())) rmSync(folder(name));
      mkdirSync(join(root, 'usr/lib/sysimage/rpm'), { recursive: true });
      writeFileSync(join(root, 'usr/lib/sysimage/rpm/Packages.db'), ndbOf(headers));
      assert.deepEqual(await found(), expected);
    });
  });

  describe('versions are compared', () => {
    const part = fc.string({
      unit: fc.constantFrom('0', '1', '9', '10', 'a', 'b', 'Z', '.', '~', '+'),
      minLength: 1,
      maxLength: 5,
    });
    const revision = fc.option(part, { nil: undefined });
    const version = fc
      .tuple(fc.constantFrom('', '0:', '1:'), part, revision)
      .map(([epoch, upstream, rev]) => `${epoch}1${upstream}${rev === undefined ? '' : `-${rev}`}`);
    const pairs = fc.sample(fc.tuple(version, version), { numRuns: 400, seed: 20151218 });

    it('as dpkg does', () => {
      const script =
        'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done';
      const input = pairs.map(([a, b]) => `${a} ${b}\n`).join('');
      const answers = execFileSync('sh', ['-c', script], { input, encoding: 'utf8' }).trim().split('\n');
      assert.deepEqual(
        pairs.map(([a, b]) => `${a} ${b} ${Math.sign(compareDebianVersions(a, b))}`),
        pairs.map(([a, b], i) => `${a} ${b} ${answers[i] ?? ''}`),
      );
    });

    it('as rpm does', () => {
      const withCaret = pairs.map((pair) => pair.map((one) => one.replaceAll('+', '^')) as [string, string]);
      const calls = withCaret.map(([a, b]) => `print(rpm.vercmp('${a}','${b}') .. ' ')`).join(' ');
      const answers = run('rpm', '--eval', `%{lua: ${calls} }`).trim().split(' ');
      assert.deepEqual(
        withCaret.map(([a, b]) => `${a} ${b} ${Math.sign(compareRpmVersions(a, b))}`),
        withCaret.map(([a, b], i) => `${a} ${b} ${answers[i] ?? ''}`),
      );
    });
  });

  it('shell assignments are read as sh reads them', () => {
    const unit = fc.constantFrom(
      'A=',
      'B=',
      'a',
      ' ',
      ' ',
      '\n',
      '\n',
      '"',
      "'",
      '\\',
      '#',
      ';',
      'export ',
      '=',
      '\t',
    );
    const texts = fc.sample(fc.string({ unit, maxLength: 24 }), { numRuns: 600, seed: 20151218 });
    const file = join(work, 'assignments');
    let compared = 0;
    for (const text of texts) {
      writeFileSync(file, text);
      // Where sh itself fails, or the value depends on more than the text, there is nothing to compare.
      const variables = shellVariables(text);
      if ([...variables.values()].some(({ literal }) => !literal)) continue;
      // A name with quotes in it, which `export "A=x"` allows and no configuration file has, is not known.
      if (/export\s[^\n]*["'\\]/.test(text)) continue;
      const sh = `. "$1" >/dev/null 2>&1; printf '%s\\0%s' "\${A-unset}" "\${B-unset}"`;
      let answer: string;
      try {
        answer = run('/bin/dash', '-c', sh, 'sh', file);
      } catch {
        continue;
      }
      compared += 1;
      assert.equal(
        `${variables.get('A')?.value ?? 'unset'}\0${variables.get('B')?.value ?? 'unset'}`,
        answer,
        JSON.stringify(text),
      );
    }
    assert.ok(compared > 100, String(compared));
  });
});
