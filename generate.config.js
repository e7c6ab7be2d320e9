import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import console from 'node:console';
import process from 'node:process';

/**
 * `npm run generate`: writes the indexes, lists and pages of the rules. `npm run new -- check NAME` makes the files of a
 * new rule first. Both run the sources as they stand, without the compiler's verdict: what they write, the indexes,
 * is part of what it compiles.
 */
const [command, ...words] = process.argv.slice(2);
try {
  if (command === 'new') {
    const { newRule, nextSteps } = await sources('docs/new-rule.js');
    newRule(words, console.log);
    await generateAll();
    console.log(nextSteps(words));
  } else await generateAll();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function generateAll() {
  const { generate } = await sources('docs/generate.js');
  await generate(console.log);
}

/** Transpiles the sources, and loads one of them. */
async function sources(module) {
  const outdir = 'dist/sources';
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: ['images', 'checks', 'fixers', 'pipeline', 'docs'].map((room) => `${room}/**/*.ts`),
    outbase: '.',
    outdir,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'error',
  });
  return import(pathToFileURL(resolve(outdir, module)).href);
}
