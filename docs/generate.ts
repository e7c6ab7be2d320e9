import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorsPage } from '../pipeline/report/errors-page.js';
import { rulePage, rulesPage } from '../pipeline/report/rules-page.js';
import { checksIndex, examplesIndex, fixersIndex, snapshotIndex } from './indexes.js';
import { checkFiles, fixerFiles } from './rules.js';

const pages = 'docs/checks';

/**
 * What is generated: indexes and pages, by path.
 * @throws {Error} for a file in checks/ or fixers/ that is not a rule
 */
export async function generatedTexts(): Promise<Map<string, string>> {
  const checks = await checkFiles();
  const fixers = await fixerFiles();
  const of = (scope: 'image' | 'snapshot') =>
    checks.filter(({ rule }) => rule.meta.scope === scope).map(({ rule }) => rule);
  const repairs = fixers.map(({ rule }) => rule);
  return new Map([
    ['checks/index.ts', checksIndex(checks)],
    ['checks/snapshot.ts', snapshotIndex(checks)],
    ['checks/examples.ts', examplesIndex(checks)],
    ['fixers/index.ts', fixersIndex(fixers)],
    ['docs/errors.md', errorsPage()],
    ['checks/README.md', rulesPage(of('image'), repairs, of('snapshot'))],
    ...checks.map(({ id, rule, example }): [string, string] => [
      `${pages}/${id}.md`,
      rulePage(
        rule,
        repairs.find(({ meta }) => meta.id === id),
        example,
      ),
    ]),
  ]);
}

/** What differs on disk: paths that are missing or stale, and pages of checks that there are no more. */
export async function staleFiles(): Promise<string[]> {
  const texts = await generatedTexts();
  const stale = [...texts].filter(([path, text]) => textAt(path) !== text).map(([path]) => path);
  return [...stale, ...leftovers(texts)];
}

/** Writes what is stale, and says so. */
export async function generate(say: (line: string) => void): Promise<void> {
  const texts = await generatedTexts();
  for (const [path, text] of texts) {
    if (textAt(path) === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    say(`wrote ${path}`);
  }
  for (const path of leftovers(texts)) {
    rmSync(path);
    say(`removed ${path}`);
  }
}

function leftovers(texts: ReadonlyMap<string, string>): string[] {
  const there = readdirSync('docs', { withFileTypes: true }).some(({ name }) => name === 'checks');
  return (there ? readdirSync(pages).sort() : [])
    .map((name) => `${pages}/${name}`)
    .filter((path) => !texts.has(path));
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
