import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inProject, project } from '../support/project.js';
import { type Page, anchorsOf, isGenerated, pageOf, pages, resolveLink } from './pages.js';

/** Every source, by its path in the project; a page can name one by the end of it. */
const sources = ['images', 'checks', 'fixers', 'pipeline', 'docs', 'test'].flatMap((folder) =>
  readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

describe('the pages of the documentation', () => {
  const all = pages();
  const byHand = all.filter((page) => !isGenerated(page));

  it('link only to what is there, headings included', () => {
    assert.deepEqual(all.flatMap(brokenLinks), []);
  });

  it('name only files of the project that are there', () => {
    assert.deepEqual(byHand.filter(({ path }) => path !== 'CHANGELOG.md').flatMap(missingFiles), []);
  });

  it('notice a link and a file that is not there', () => {
    const page = pageOf(
      'docs/sample.md',
      '# One\n[a](images.md#tarballs) [b](nowhere.md) [c](#one) [d](#two) [e](https://example.org/)\n`images/no-such.ts` `no-such.ts`',
    );
    assert.deepEqual(brokenLinks(page), ['docs/sample.md:2: nowhere.md', 'docs/sample.md:2: #two']);
    assert.deepEqual(missingFiles(page), [
      'docs/sample.md:3: images/no-such.ts',
      'docs/sample.md:3: no-such.ts',
    ]);
  });

  it('are all in the index, docs/README.md', () => {
    const index = all.find(({ path }) => path === 'docs/README.md');
    assert(index);
    const linked = linksOf(index).map(({ target }) => resolveLink(index, target).path);
    const unlisted = byHand
      .map(({ path }) => path)
      .filter((path) => path.startsWith('docs/') && path !== 'docs/README.md' && !linked.includes(path));
    assert.deepEqual(unlisted, []);
  });

  it('wrap their prose at 120 columns', () => {
    const long = byHand.flatMap(({ path, prose }) =>
      prose
        .filter(({ text }) => text.length > 120 && !text.startsWith('|') && !/^\S+$/.test(text))
        .map(({ number }) => `${path}:${number}`),
    );
    assert.deepEqual(long, []);
  });

  it('leave the README short', () => {
    assert(readFileSync(inProject('README.md'), 'utf8').split('\n').length <= 251);
  });
});

describe('the comments of the sources', () => {
  it('cite only headings of pages that are there', () => {
    const cited = sources.flatMap((path) =>
      [...readFileSync(inProject(path), 'utf8').matchAll(/(?<![\w/])(docs\/[\w-]+\.md)#([\w-]+)/g)].map(
        ([, page = '', anchor = '']) => ({ path, page, anchor }),
      ),
    );
    const broken = cited.filter(
      ({ page, anchor }) =>
        !existsSync(inProject(page)) ||
        !anchorsOf(pageOf(page, readFileSync(inProject(page), 'utf8'))).has(anchor),
    );
    assert.deepEqual(broken, []);
    assert(cited.length > 0);
  });
});

interface Link {
  readonly target: string;
  readonly number: number;
}

function linksOf({ prose }: Page): Link[] {
  return prose.flatMap(({ text, number }) =>
    [...text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({
      target,
      number,
    })),
  );
}

function brokenLinks(page: Page): string[] {
  return linksOf(page)
    .filter(({ target }) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target))
    .map(({ target, number }) => `${page.path}:${number}: ${target}`);
}

function leadsSomewhere(page: Page, target: string): boolean {
  const { path, anchor } = resolveLink(page, target);
  if (path === page.path) return anchorsOf(page).has(anchor);
  if (!existsSync(inProject(path))) return false;
  if (anchor === '' || statSync(inProject(path)).isDirectory()) return anchor === '';
  return anchorsOf(pageOf(path, readFileSync(inProject(path), 'utf8'))).has(anchor);
}

/** Code in a sentence that looks like a path of the project, and is none. Capitals stand for something else. */
function missingFiles({ path, prose }: Page): string[] {
  return prose.flatMap(({ text, number }) =>
    [
      ...text.matchAll(
        /`((?:images|checks|fixers|pipeline|docs|test|\.ci)\/[a-z0-9./_-]*|[a-z0-9./-]+\.ts)`/g,
      ),
    ]
      .map(([, name = '']) => name)
      .filter(
        (name) => !existsSync(inProject(name)) && !sources.some((source) => source.endsWith(`/${name}`)),
      )
      .map((name) => `${path}:${number}: ${name}`),
  );
}
