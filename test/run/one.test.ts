import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject } from '../support/project.js';

/** A project of two files, with the scripts and settings of this one. */
describe('npm run t', function () {
  this.timeout(300_000); // tsc, on a busy machine
  let folder: string;
  const at = (path: string): string => join(folder, path);
  const node = (...args: string[]): { status: number | null; said: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };
  const t = (...args: string[]): { status: number | null; said: string } => node('test/run/one.js', ...args);
  const tsc = (): void => {
    const { status, said } = node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
    assert.equal(status, 0, said);
  };
  /** Syntax that tsc's target does not have. */
  const newSyntax = 'export function end(held: Disposable): void {\n  using _held = held;\n}\n';
  const source = (value: number): void => {
    writeFileSync(at('images/one.ts'), `/** One. */\nexport const one: number = ${value};\n${newSyntax}`);
  };
  const test = [
    "import assert from 'node:assert/strict';",
    "import { one } from '../../images/one.js';",
    "describe('one', () => {",
    "  it('is one', () => {",
    '    assert.equal(one, 1);',
    '  });',
    "  it('is a number', () => {",
    "    assert.equal(typeof one, 'number');",
    '  });',
    '});',
    '',
  ].join('\n');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hallmark-t-'));
    for (const path of ['images', 'checks', 'fixers', 'pipeline', 'docs', 'test/images', 'test/run'])
      mkdirSync(at(path), { recursive: true });
    for (const path of [
      'package.json',
      'tsconfig.json',
      '.mocharc.json',
      'test/run/outputs.js',
      'test/run/choose.js',
    ])
      cpSync(inProject(path), at(path));
    for (const path of ['test/run/one.js', 'test/run/after-tsc.js']) cpSync(inProject(path), at(path));
    symlinkSync(inProject('node_modules'), at('node_modules'));
    source(1);
    writeFileSync(at('test/images/one.test.ts'), test);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('compiles and runs the test of a test, of a source or of a folder, with the options of mocha', () => {
    for (const path of ['test/images/one.test.ts', 'images', at('images/one.ts')]) {
      const { status, said } = t(path);
      assert.equal(status, 0, said);
      assert.match(said, /2 passing/, path);
    }
    assert.match(t('images/one.ts', '-g', 'is one').said, /1 passing/);
  });

  it('fails with the line of the source, and takes up each change', () => {
    source(2);
    const failed = t('images/one.ts');
    assert.equal(failed.status, 1);
    assert.match(failed.said, /test\/images\/one\.test\.ts:5:12/);
    source(1);
    assert.equal(t('images/one.ts').status, 0);
  });

  it('says what to type instead', () => {
    writeFileSync(at('images/two.ts'), 'export const two = 2;\n');
    writeFileSync(at('test/images/boot.e2e.ts'), '');
    for (const [path, said] of [
      ['images/two.ts', /images\/two\.ts has no test of its own .*npm run t -- test\/images\n$/],
      ['images/three.ts', /^images\/three\.ts does not exist\.\n$/],
      ['checks', /^test\/checks has no tests\.\n$/],
      ['test/images/boot.e2e.ts', /npm run test:e2e -- boot\n$/],
    ] as const) {
      const run = t(path);
      assert.equal(run.status, 1);
      assert.match(run.said, said);
    }
    assert.equal(t().status, 1);
  });

  it('shows where a source cannot be read', () => {
    writeFileSync(at('images/one.ts'), 'export const = 1;\n');
    const { status, said } = t('images/one.ts');
    assert.equal(status, 1);
    assert.match(said, /images\/one\.ts:1:13/);
  });

  it('leaves nothing that the next build would keep: a source put back, a test renamed', () => {
    tsc();
    source(2);
    assert.equal(t('images/one.ts').status, 1);
    source(1);
    renameSync(at('test/images/one.test.ts'), at('test/images/first.test.ts'));
    tsc();
    assert.equal(node('test/run/after-tsc.js').status, 0);
    assert.match(readFileSync(at('dist/images/one.js'), 'utf8'), /one = 1;/);
    assert.ok(!existsSync(at('dist/test/images/one.test.js')));
    assert.ok(!existsSync(at('dist/test/images/one.test.d.ts')));
    assert.match(t('test/images/first.test.ts').said, /2 passing/);
  });
});
