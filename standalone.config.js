import { execFileSync } from 'node:child_process';
import console from 'node:console';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { inject } from 'postject';
import { licenceIn, licencesOfPackages, packageFolders, section } from './licences.config.js';
import { fetchNode, nodes } from './nodes.config.js';

/**
 * Makes dist/standalone/hallmark of what tsc compiled: one executable, for a system without Node.js. It is Node.js 24 of
 * nodes.config.js, whichever release runs this script, without its symbols, and in it, by Node.js's "single executable applications", the command in one
 * script with all its packages and, as assets, the files that are otherwise read from beside it. What
 * pipeline/standalone holds takes the place of the modules that read those.
 */
const folder = 'dist/standalone';
const unfinished = 'dist/standalone.unfinished';
/** Node.js looks in its own executable for this, and for a note of the name NODE_SEA_BLOB. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Of the releases with long-term support, the one that starts the fastest: in about six tenths of the time of 20. */
const release = 24;

const problem = whyNotHere();
if (problem !== undefined) {
  console.error(`standalone: ${problem}`);
  process.exit(1);
}

/** By what the executable calls them: files of the package, and what only the executable needs as a file. */
const assets = Object.fromEntries(
  [
    'package.json',
    'pipeline/report/report.schema.json',
    'pipeline/rehearse/scenario.schema.json',
    'pipeline/rehearse/scenario.yaml',
  ].map((path) => [path, resolve(path)]),
);
const { resolve: inPackage } = createRequire(import.meta.url);
assets['xattr.node'] = inPackage('@napi-rs/xattr-linux-x64-gnu/xattr.linux-x64-gnu.node');

const standIns = new Map([
  [resolve('dist/images/base/package-file.js'), resolve('dist/pipeline/cli/standalone/package-file.js')],
  ['@napi-rs/xattr', resolve('dist/pipeline/cli/standalone/xattr.js')],
]);

/** Puts the stand-ins in their places, and has the package sql.js take its WebAssembly from an asset. */
const fromAssets = {
  name: 'from-assets',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, resolveDir }) => {
      const standIn = standIns.get(path.startsWith('.') ? resolve(resolveDir, path) : path);
      return standIn === undefined ? undefined : { path: standIn };
    });
    onLoad({ filter: /\/sql-wasm\.js$/ }, ({ path }) => {
      assets['sql.wasm'] = path.replace(/js$/, 'wasm');
      return {
        contents: `${readFileSync(path, 'utf8')}
          module.exports.default = () => initSqlJs({ wasmBinary: require('node:sea').getRawAsset('sql.wasm') });`,
      };
    });
  },
};

const nodeFolder = fetchNode(release);
const node = join(nodeFolder, 'bin/node');
if (!readFileSync(node).includes(fuse)) throw new Error(`${node} cannot carry a script`);

rmSync(unfinished, { recursive: true, force: true });
mkdirSync(unfinished);
try {
  const at = (name) => join(unfinished, name);
  const { warnings, metafile } = await build({
    entryPoints: ['dist/pipeline/cli/main.js'],
    outfile: at('hallmark.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: `node${release}`,
    // A script in an executable can require what Node.js has, and import nothing.
    supported: { 'dynamic-import': false },
    plugins: [fromAssets],
    metafile: true,
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'warning',
  });
  if (warnings.length > 0) throw new Error('what the bundler warns of would be a fault of the executable');

  // Names without folders: the script's own is in it, and in every stack trace.
  const sea = {
    main: 'hallmark.cjs',
    output: 'blob',
    assets,
    useCodeCache: true,
    disableExperimentalSEAWarning: true,
  };
  writeFileSync(at('sea.json'), JSON.stringify(sea));
  // The compiled code has hashes in it, which are salted: with one seed, the same source gives the same bytes.
  const making = ['--random-seed=1', '--experimental-sea-config', 'sea.json'];
  execFileSync(node, making, { cwd: unfinished, stdio: 'pipe' });

  // Of the notes that the compiler left, hundreds, the injector would make a section each.
  const stripping = ['--strip-all', '--remove-section=.gnu.build.attributes'];
  execFileSync('strip', [...stripping, '-o', at('hallmark'), node]);
  // It warns of a section's name, which nothing asks for.
  await inject(at('hallmark'), 'NODE_SEA_BLOB', readFileSync(at('blob')), { sentinelFuse: fuse });

  writeFileSync(at('LICENSES'), licences(Object.keys(metafile.inputs)));
  for (const name of ['hallmark.cjs', 'sea.json', 'blob']) rmSync(at(name));
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
} finally {
  rmSync(unfinished, { recursive: true, force: true });
}
console.log(`${folder}/hallmark: ${Math.round(statSync(join(folder, 'hallmark')).size / 1e6)} MB`);

function whyNotHere() {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64') return `it can be made on linux-x64 alone, and this is ${platform}`;
  if (process.report.getReport().header.glibcVersionRuntime === undefined)
    return 'it can be made with glibc alone, and this node is linked to another C library';
  try {
    execFileSync('strip', ['--version'], { stdio: 'ignore' });
  } catch {
    return 'the program strip is not installed; it is in the package binutils';
  }
  return undefined;
}

/**
 * The licences of all that is in the executable.
 * @param scripts - what was bundled
 */
function licences(scripts) {
  // The addon is in a package without a text of its own, beside this one.
  const folders = [...new Set([...packageFolders(scripts), 'node_modules/@napi-rs/xattr'])].sort();
  const node = section(`Node.js v${nodes.get(release)?.version}`, licenceIn(nodeFolder));
  return [...licencesOfPackages(folders), node].join('\n\n');
}
