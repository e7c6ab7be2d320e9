import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inProject, program } from '../../support/project.js';
import { scratch } from '../../support/scratch.js';

const module = inProject('dist/pipeline/cli/compile-cache.js');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const keeps = major > 22 || (major === 22 && minor >= 1);

/** What a process of its own answers: the cache is on for as long as a process lives. */
function keptIn(folder: string | undefined, env: NodeJS.ProcessEnv = {}): string | undefined {
  const script = `import { keepCompiled } from ${JSON.stringify(module)};
    console.log(JSON.stringify({ kept: keepCompiled(${JSON.stringify(folder) as string | undefined}) }));`;
  const clean = { ...process.env, NODE_COMPILE_CACHE: undefined, NODE_V8_COVERAGE: undefined };
  const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...clean, ...env },
  });
  return (JSON.parse(told) as { kept?: string }).kept;
}

describe('the cache of compiled code', () => {
  it('lies in a folder beside the program that nobody else enters', () => {
    using folder = scratch();
    const kept = keptIn(folder.path);
    if (keeps) {
      assert.ok(kept?.startsWith(join(folder.path, '.compile-cache')));
      assert.equal(lstatSync(join(folder.path, '.compile-cache')).mode & 0o7777, 0o700);
    } else {
      assert.equal(kept, undefined);
      assert.deepEqual(readdirSync(folder.path), []);
    }
  });

  it('is not in a folder that others may enter, and not behind a link', () => {
    using open = scratch();
    mkdirSync(join(open.path, '.compile-cache'));
    chmodSync(join(open.path, '.compile-cache'), 0o777);
    assert.equal(keptIn(open.path), undefined);
    using linked = scratch();
    mkdirSync(join(linked.path, 'elsewhere'), { mode: 0o700 });
    symlinkSync('elsewhere', join(linked.path, '.compile-cache'));
    assert.equal(keptIn(linked.path), undefined);
  });

  it('is not made where there is no folder, in the standalone executable, and while coverage is counted', () => {
    using folder = scratch();
    assert.equal(keptIn(join(folder.path, 'missing')), undefined);
    assert.equal(keptIn(undefined), undefined);
    assert.equal(keptIn(folder.path, { NODE_V8_COVERAGE: join(folder.path, 'coverage') }), undefined);
  });

  it('is used by the command', function () {
    if (!keeps) this.skip();
    using folder = scratch();
    const bin = join(folder.path, basename(join(program, '..')));
    cpSync(join(program, '..'), bin, { recursive: true, filter: (path) => !path.includes('.compile-cache') });
    cpSync(inProject('package.json'), join(folder.path, 'package.json'));
    for (const words of [['--version'], ['check', folder.path]])
      try {
        execFileSync(process.execPath, [join(bin, 'main.js'), ...words], { stdio: 'ignore' });
      } catch (error) {
        assert.equal((error as { status?: number }).status, 3); // no root file system
      }
    const [release = ''] = readdirSync(join(bin, '.compile-cache'));
    assert.ok(readdirSync(join(bin, '.compile-cache', release)).length > 0);
  });
});
