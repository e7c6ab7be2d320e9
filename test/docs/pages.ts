import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { project } from '../support/project.js';

/** A fenced block of a page. */
export interface Block {
  /** What it is written in: `console`, `sh`, `yaml`; the empty string where the page does not say. */
  readonly language: string;
  /** The second word after the fence: the block is a file of that name, for the commands of its page. */
  readonly file: string | undefined;
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

/** A line of prose, with its number from 1. */
interface Line {
  readonly number: number;
  readonly text: string;
}

export interface Page {
  /** From the folder of the project: `docs/images.md`. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Everything outside of blocks. */
  readonly prose: readonly Line[];
}

/** Pages that are generated from the rules, the errors or a measurement; their generators have tests of their own. */
const generated = /^(?:docs\/checks\/|docs\/errors\.md$|checks\/README\.md$|test\/bench\/README\.md$)/;

export const isGenerated = ({ path }: Page): boolean => generated.test(path);

/** Every page of the project, sorted by path. */
export function pages(): Page[] {
  const below = (folder: string): string[] =>
    readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    );
  const top = readdirSync(project);
  return [...top, ...below('docs'), 'checks/README.md', 'test/bench/README.md']
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map((path) => pageOf(path, readFileSync(join(project, path), 'utf8')));
}

export function pageOf(path: string, text: string): Page {
  const blocks: Block[] = [];
  const prose: Line[] = [];
  let open: { language: string; file: string | undefined; line: number; lines: string[] } | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    const fence = /^\s*```(\S*)\s*(\S*)/.exec(line);
    if (open && fence) {
      const { lines, ...rest } = open;
      blocks.push({ ...rest, text: lines.map((each) => `${each}\n`).join('') });
      open = undefined;
    } else if (fence) {
      const [, language = '', file = ''] = fence;
      open = { language, file: file === '' ? undefined : file, line: at + 2, lines: [] };
    } else if (open) open.lines.push(line);
    else prose.push({ number: at + 1, text: line });
  }
  if (open) throw new Error(`${path}:${open.line}: this block has no end`);
  return { path, text, blocks, prose };
}

/** The anchors of a page's headings, as GitHub makes them, and those that it sets itself. */
export function anchorsOf({ prose }: Page): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { text } of prose) {
    const [, heading] = /^#{1,6} (.+)$/.exec(text) ?? [];
    if (heading !== undefined) {
      const slug = slugOf(heading);
      let unique = slug;
      for (let again = 1; anchors.has(unique); again += 1) unique = `${slug}-${again}`;
      anchors.add(unique);
    }
    for (const [, id = ''] of text.matchAll(/<a id="([^"]+)">/g)) anchors.add(id);
  }
  return anchors;
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Where a link of a page leads: a path from the folder of the project, and an anchor. */
export function resolveLink(page: Page, target: string): { readonly path: string; readonly anchor: string } {
  const [to = '', anchor = ''] = target.split('#');
  return { path: to === '' ? page.path : join(dirname(page.path), to), anchor };
}
