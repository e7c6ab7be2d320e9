import { rmSync, writeFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { createRequire, isBuiltin } from 'node:module';
import process from 'node:process';
import { build } from 'esbuild';
import { licencesOfPackages, packageFolders } from './licences.config.js';

/**
 * Joins the compiled modules that the command loads into a few files, since node takes about a millisecond to find,
 * read and link each module: two hundred of them took longer than judging an image. And since its parser, too, has
 * to look at all of a file, what only some runs need is kept apart.
 *
 * - `main.js` runs the script that reads the command line; a help text needs no more.
 * - `judge-image.js` runs the script that judges a directory: all that it needs for that is in this one file.
 * - `errors.js` is what all have in common: what one throws, another tells apart by its class.
 * - Whatever else is imported lazily becomes a file of its own, and shares chunks with its like. It holds copies of
 *   some small modules of the first two, none of which has state or a class that anybody asks for.
 */
const judgeImage = resolve('dist/pipeline/cli/commands/judge-image.js');
const errors = resolve('dist/images/base/errors.js');
/** Imported lazily, but by nearly every run that judges an image. */
const always = [
  'js-yaml',
  'yauzl',
  resolve('dist/pipeline/report/index.js'),
  resolve('dist/pipeline/report/text.js'),
];
/** Native code, and what few runs need: these stay packages. */
const apart = ['@napi-rs/xattr', '@snyk/rpm-parser', 'ajv'];

const { dependencies } = createRequire(import.meta.url)('./package.json');
for (const name of apart) if (!(name in dependencies)) throw new Error(`${name} is no dependency`);

/** What was left to files of their own, found on the way: by file name. */
const lazy = new Map();

/** Leaves what is imported lazily to files of their own. */
const leaveLazy = {
  name: 'leave-lazy',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ path, kind, resolveDir }) => {
      const module = path.startsWith('.') ? resolve(resolveDir, path) : path;
      const stays = always.includes(module) || apart.includes(module) || isBuiltin(module);
      if (kind !== 'dynamic-import' || stays) return undefined;
      if (module === judgeImage) return { path: `./${basename(module)}`, external: true };
      // Two modules of one name stand in two folders. A package has its own.
      const place = path.startsWith('.') ? relative('dist', module).replace(/\.js$/, '') : module;
      const name = place.replaceAll('/', '-');
      lazy.set(name, module);
      return { path: `./${name}.js`, external: true };
    });
  },
};

/**
 * Asks node for its own modules, and each of their parts, when it is first used. An `import` would give all that they
 * export a place of its own, and so load what stands behind each lazy property: for node:fs the streams, readline and
 * the watchers.
 */
const started = new Set(['node:fs', 'node:path', 'node:process', 'node:url', 'node:buffer']);
const builtins = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind }) =>
      isBuiltin(path) && kind !== 'dynamic-import'
        ? { path: path.replace(/^(?:node:)?/, 'node:'), namespace: 'builtin' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => {
      const builtin = `process.getBuiltinModule('${path}')`;
      // Some are there already when a program starts, and some are a function themselves.
      if (started.has(path) || typeof process.getBuiltinModule(path) !== 'object')
        return { contents: `module.exports = ${builtin};` };
      const parts = Object.getOwnPropertyNames(process.getBuiltinModule(path)).map((name) => {
        const quoted = JSON.stringify(name);
        return `get ${quoted}(){return(own??=${builtin})[${quoted}]}`;
      });
      return { contents: `let own;module.exports={${parts.join()}};` };
    });
  },
};

/** commander can run other programs as commands of its own, and loads what that takes. Hallmark has no such command. */
const noPrograms = {
  name: 'no-programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /\/node_modules\/commander\//.test(importer) ? { path: 'none', namespace: 'no-programs' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'no-programs' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Leaves a module that has a file of its own to that. */
const leave = (module) => ({
  name: `leave-${basename(module, '.js')}`,
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`/${basename(module, '.js')}\\.js$`) }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === module ? { path: `./${basename(module)}`, external: true } : undefined,
    );
  },
});

/** @type {import('esbuild').BuildOptions} */
const common = {
  outdir: 'dist/bin',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: apart,
  // yaml offers node only CommonJS; this is its ES module form.
  alias: { yaml: './node_modules/yaml/browser/dist/index.js' },
  // For dependencies that are CommonJS, and ask for node's own modules.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
  logLevel: 'warning',
};

/**
 * A script is bundled as CommonJS, and is one function, for pipeline/cli/script.ts to run with what was compiled
 * before. Its name tells its contents, and a module of its plain name offers what it exports.
 */
const script = {
  ...common,
  format: 'cjs',
  entryNames: '[name]-[hash]',
  outExtension: { '.js': '.cjs' },
  banner: { js: '(function(module,exports,require,importModule,scriptUrl){' },
  footer: { js: '})' },
  define: { 'import.meta.url': 'scriptUrl' },
  plugins: [noPrograms, builtins, leave(errors), leaveLazy],
  write: false,
};

/** @param names - what it exports */
async function buildScript(entryPoint, names = []) {
  const built = await build({ ...script, entryPoints: [entryPoint] });
  const [output] = built.outputFiles;
  const [{ imports }] = Object.values(built.metafile.outputs);
  // A script that is run like this cannot import by itself.
  let text = output.text;
  const lazily = imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path);
  for (const path of new Set(lazily)) {
    const [before, ...after] = text.split(`import(${JSON.stringify(path)})`);
    if (after.length === 0) throw new Error(`${entryPoint}: its import of ${path} was not found`);
    text = [before, ...after].join(`importModule(${JSON.stringify(path)})`);
  }
  writeFileSync(output.path, text);
  const name = JSON.stringify(basename(output.path));
  const exported = names.length === 0 ? '' : `export const{${names.join()}}=`;
  const lines = [
    '#!/usr/bin/env node',
    'import{runScript}from"./script.js";',
    `${exported}runScript(import.meta.dirname,${name});`,
  ];
  writeFileSync(`dist/bin/${basename(entryPoint)}`, `${lines.join('\n')}\n`, { mode: 0o755 });
  return built;
}

rmSync('dist/bin', { recursive: true, force: true });
const bundles = [
  await build({ ...common, entryPoints: [errors], banner: {} }),
  await build({
    ...common,
    entryPoints: [resolve('dist/pipeline/cli/script.js')],
    plugins: [builtins, leave(errors)],
    banner: {},
  }),
  await buildScript(resolve('dist/pipeline/cli/main.js')),
  await buildScript(judgeImage, ['judgeImage', 'judgeSource']),
  // After the others, which have found what is lazy.
  await build({
    ...common,
    entryPoints: Object.fromEntries(lazy),
    plugins: [builtins, leave(errors), leave(judgeImage)],
    splitting: true,
  }),
];

/** What others wrote and the bundles hold, with the licences that have to go with it. */
const inputs = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs));
const others = packageFolders(inputs).filter((folder) => folder !== '.');
writeFileSync('dist/bin/LICENSES', licencesOfPackages(others).join('\n\n'));
// For the test that holds the one against the other.
writeFileSync('dist/bin.inputs.json', JSON.stringify([...new Set(inputs)].sort(), null, 1));
