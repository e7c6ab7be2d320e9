import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inProject, project } from './support/project.js';
import { scratch } from './support/scratch.js';

/** The text from the heading of a package to the next one. */
function sectionOf(licences: string, heading: string): string | undefined {
  const start = licences.indexOf(`${heading} (`);
  if (start < 0 || (start > 0 && licences[start - 1] !== '\n')) return undefined;
  const text = licences.slice(licences.indexOf('\n', start));
  const end = text.search(/^\S.* \d[^\n]* \([^\n]*\)\n=+$/m);
  return end < 0 ? text : text.slice(0, end);
}

/** The folder of the package that a file belongs to; the empty string when it is ours. */
function packageFolder(file: string): string {
  const parts = file.split('/');
  const at = parts.lastIndexOf('node_modules');
  if (at < 0) return '';
  return parts.slice(0, at + (parts[at + 1]?.startsWith('@') ? 3 : 2)).join('/');
}

describe('dist/bin/LICENSES', () => {
  const licences = readFileSync(inProject('dist/bin/LICENSES'), 'utf8');
  const inputs = JSON.parse(readFileSync(inProject('dist/bin.inputs.json'), 'utf8')) as string[];
  const bundled = [...new Set(inputs.map(packageFolder))].filter((folder) => folder !== '');

  it('has the text of the licence of each package that is bundled', () => {
    assert.ok(bundled.includes('node_modules/commander') && bundled.length > 20, String(bundled));
    for (const folder of bundled) {
      const { name, version } = JSON.parse(readFileSync(inProject(`${folder}/package.json`), 'utf8')) as {
        name: string;
        version: string;
      };
      const section = sectionOf(licences, `${name} ${version}`);
      assert.ok(section, `${name} ${version} has no licence there`);
      assert.match(section, /permi(?:t|ssion)|license/i, name);
      assert.ok(section.length > 400, section);
    }
  });

  it('is part of the npm package, and so is the licence of Hallmark itself', () => {
    using here = scratch();
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
      cwd: project,
      encoding: 'utf8',
      // Whoever runs this need not have a home to keep a cache in.
      env: { ...process.env, npm_config_cache: here.path },
    });
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    for (const path of ['LICENSE', 'dist/bin/LICENSES', 'dist/bin/main.js', 'dist/pipeline/index.js'])
      assert.ok(paths.includes(path), path);
    // The command is in the bundle; what it is compiled from needs packages that nobody installs.
    assert.deepEqual(
      paths.filter((path) => path.startsWith('dist/pipeline/cli/') || path === 'dist/bin.inputs.json'),
      [],
    );
  });
});
