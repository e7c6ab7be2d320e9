import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Script } from 'node:vm';
import { inProject, program } from '../../support/project.js';
import { scratch } from '../../support/scratch.js';

const bundled = join(program, '..');

/** The command without what was kept of it, in a folder of its own. */
function commandIn(folder: string): string {
  const bin = join(folder, basename(bundled));
  cpSync(bundled, bin, { recursive: true, filter: (path) => !path.includes('.compile-cache') });
  cpSync(inProject('package.json'), join(folder, 'package.json'));
  symlinkSync(inProject('node_modules'), join(folder, 'node_modules'));
  return bin;
}

/** What a run prints and its exit code, the same whatever is kept. */
function run(bin: string, env: NodeJS.ProcessEnv = {}): string {
  const image = join(bin, '../image');
  mkdirSync(join(image, 'etc'), { recursive: true });
  writeFileSync(join(image, 'etc/os-release'), 'ID=debian\nVERSION_ID=12\n');
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(bin, 'main.js'), 'check', image], {
    encoding: 'utf8',
    env: { ...process.env, NODE_V8_COVERAGE: undefined, XDG_STATE_HOME: join(bin, '../state'), ...env },
  });
  assert.equal(stderr, '');
  return `${stdout}\n${status}`;
}

/** What is kept, by script: the name without the hash, and bytes. */
function kept(bin: string): Map<string, number> {
  const folder = join(bin, '.compile-cache');
  const files = readdirSync(folder).filter((name) => !name.endsWith('.runs'));
  return new Map(files.map((name) => [name.replace(/-[^-]*$/, ''), lstatSync(join(folder, name)).size]));
}

/** The same functions do not always take the same bytes, and a run may compile one more. */
function assertAlike(sizes: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): void {
  assert.deepEqual([...sizes.keys()].sort(), [...others.keys()].sort());
  for (const [name, size] of sizes) {
    const ratio = size / (others.get(name) ?? 0);
    assert.ok(ratio > 0.95 && ratio < 1.05, `${name}: ${ratio}`);
  }
}

/** What V8 has of a script before any function of it has run. */
function unrun(bin: string, name: string): number {
  const [file = ''] = readdirSync(bin).filter((one) => one.startsWith(`${name}-`) && one.endsWith('.cjs'));
  return new Script(readFileSync(join(bin, file), 'latin1')).createCachedData().length;
}

describe('what was compiled of the command', () => {
  it('is kept beside it, in a folder that nobody else enters, and changes no result', () => {
    using folder = scratch();
    const bin = commandIn(folder.path);
    const first = run(bin);
    assert.match(first, /Debian|debian/);
    assert.equal(lstatSync(join(bin, '.compile-cache')).mode & 0o7777, 0o700);
    const sizes = kept(bin);
    assert.deepEqual([...sizes.keys()].sort(), ['judge-image', 'main']);
    for (const [name, size] of sizes)
      assert.ok(size > 1.1 * unrun(bin, name), `${name}: ${size}, and ${unrun(bin, name)} without what ran`);
    assert.equal(run(bin), first);
    assert.equal(run(bin), first);
    assertAlike(kept(bin), sizes);
  });

  it('grows by what a later run compiles', () => {
    using folder = scratch();
    const bin = commandIn(folder.path);
    spawnSync(process.execPath, [join(bin, 'main.js'), '--version']);
    const before = kept(bin);
    assert.deepEqual([...before.keys()], ['main']);
    run(bin);
    const after = kept(bin);
    assert.ok((after.get('main') ?? 0) > (before.get('main') ?? 0));
    assert.ok(after.has('judge-image'));
  });

  it('is made anew when V8 does not take it', () => {
    using folder = scratch();
    const bin = commandIn(folder.path);
    const told = run(bin);
    const sizes = kept(bin);
    const cache = join(bin, '.compile-cache');
    const names = readdirSync(cache);
    for (const name of names.filter((one) => !one.endsWith('.runs'))) truncateSync(join(cache, name), 100);
    assert.equal(run(bin), told);
    assertAlike(kept(bin), sizes);
  });

  it('is not kept in a folder that others may enter, nor behind a link, nor while coverage is counted', () => {
    using folder = scratch();
    const bin = commandIn(folder.path);
    const cache = join(bin, '.compile-cache');
    mkdirSync(cache);
    chmodSync(cache, 0o777);
    const told = run(bin);
    assert.deepEqual(readdirSync(cache), []);
    rmSync(cache, { recursive: true });
    mkdirSync(join(bin, 'elsewhere'), { mode: 0o700 });
    symlinkSync('elsewhere', cache);
    assert.equal(run(bin), told);
    assert.deepEqual(readdirSync(cache), []);
    rmSync(cache);
    assert.equal(run(bin, { NODE_V8_COVERAGE: join(folder.path, 'coverage') }), told);
    assert.ok(!readdirSync(bin).includes('.compile-cache'));
  });
});
