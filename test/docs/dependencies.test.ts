import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { build } from 'esbuild';
import { inProject } from '../support/project.js';

interface Package {
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const packageAt = (path: string): Package => JSON.parse(readFileSync(inProject(path), 'utf8')) as Package;

/** The packages that a table of the page has, each with the licence that stands beside it. */
function rowsUnder(page: string, heading: string): (readonly [string, string])[] {
  const [, section = ''] = page.split(new RegExp(`^## ${heading}.*$`, 'm'));
  const [table = ''] = section.split(/^## /m);
  return [...table.matchAll(/^\| `([^`]+)` \| ([^|]+) \| .{10,} \|$/gm)].map(
    ([, name = '', licence = '']) => [name, licence] as const,
  );
}

/** The packages that modules load and a bundler leaves alone. */
async function packagesOf(entryPoints: readonly string[]): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: entryPoints.map(inProject),
    absWorkingDir: inProject('.'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: inProject('dist/unwritten'),
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const paths = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external }) => external)
    .map(({ path }) => path);
  const names = paths
    .filter((path) => !path.startsWith('node:') && !path.startsWith('.') && !builtinModules.includes(path))
    .map((path) => /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path);
  return [...new Set(names)].sort();
}

describe('docs/dependencies.md', () => {
  const page = readFileSync(inProject('docs/dependencies.md'), 'utf8');
  const { dependencies, devDependencies } = packageAt('package.json');
  for (const [heading, packages] of [
    ['What runs', dependencies],
    ['What builds and tests', devDependencies],
  ] as const) {
    it(`has a line for each package, and no other, under "${heading}"`, () => {
      const rows = rowsUnder(page, heading);
      assert.deepEqual(
        rows.map(([name]) => name),
        Object.keys(packages),
      );
      for (const [name, licence] of rows)
        assert.equal(licence, packageAt(`node_modules/${name}/package.json`).license, name);
    });
  }

  it('is right that dependencies are what the library and the command load when they run', async () => {
    const library = await packagesOf(['dist/pipeline/index.js']);
    const bundles = readdirSync(inProject('dist/bin')).filter((name) => /\.c?js$/.test(name));
    const command = await packagesOf(bundles.map((name) => `dist/bin/${name}`));
    assert.deepEqual([...new Set([...library, ...command])].sort(), Object.keys(dependencies));
  });
});
