import type { Example } from '../../checks/lib/example.js';
import { UsageError } from '../../images/base/errors.js';
import { examplePlaces, exampleScene } from './example.js';
import type { ReportedRule } from './report.js';
import { type Paint, painter, severityStyles } from './paint.js';
import { fill, plainColumns, widthOf } from './fill.js';
import type { RenderOptions } from './page.js';

/** Columns that the last cell of a table needs; with fewer it goes below the others. */
const leastText = 20;

interface ExplainOptions extends RenderOptions {
  /** By check id; a check without one is explained without. */
  readonly examples?: Readonly<Record<string, Example>> | undefined;
}

/** A table of every check: id, severity, whether there is a repair, and what is true when it passes. */
export function listText(
  rules: readonly ReportedRule[],
  { color = false, columns = plainColumns }: RenderOptions = {},
): string {
  const paint = painter(color);
  const idWidth = Math.max(5, ...rules.map(({ id }) => id.length));
  const row = (id: string, severity: string, repair: string): string =>
    `${id.padEnd(idWidth)}  ${severity.padEnd(8)}  ${repair.padEnd(8)}  `;
  const entry = (cells: string, text: string): string =>
    widthOf(cells) + leastText <= columns
      ? fill(text, columns, cells)
      : `${fill(cells, columns)}\n${fill(text, columns, '  ')}`;
  const lines = rules.map(({ id, title, severity, repair }) =>
    entry(row(id, severity, repair?.risk ?? '-'), title).replace(` ${severity}`, (cell) =>
      paint(severityStyles[severity], cell),
    ),
  );
  return `${[entry(row('check', 'severity', 'repair'), 'passes when'), ...lines].join('\n')}\n`;
}

/**
 * Everything a check says of itself.
 * @throws {UsageError} code `unknown-check`, naming the nearest ids
 */
export function explainText(
  id: string,
  rules: readonly ReportedRule[],
  { color = false, columns = plainColumns, examples = {} }: ExplainOptions = {},
): string {
  const rule = rules.find((one) => one.id === id);
  if (!rule) throw unknownCheck(id, rules);
  const paint = painter(color);
  const section = (title: string, text: string): string =>
    `${paint('bold', title)}\n${fill(text, columns, '  ')}`;
  const facts = `${rule.severity}, ${rule.category}, asked for ${rule.targets.join(' and ')}`;
  const blocks = [
    fill(`${rule.id}: ${facts}`, columns).replace(rule.id, paint('bold', rule.id)),
    section('Passes when', rule.title),
    section('Fails when', rule.failureTitle),
    section('Why', rule.why),
    ...exampleBlocks(examples[id], paint, columns),
    section('What to do', rule.remedy),
    rule.repair
      ? section(`Repair (${rule.repair.risk})`, `${rule.repair.title}\n\n${rule.repair.docs}`)
      : section('Repair', 'None: you repair it by hand.'),
  ];
  if (rule.references.length > 0) {
    const lines = rule.references.map(({ title, where }) => fill(`${title}, ${where}`, columns, '  - '));
    blocks.push(`${paint('bold', 'References')}\n${lines.join('\n')}`);
  }
  return `${blocks.join('\n\n')}\n`;
}

/** The example: its lines are not wrapped, so that a file can be copied as it is. */
function exampleBlocks(example: Example | undefined, paint: Paint, columns: number): string[] {
  if (!example) return [];
  const state = (title: string, places: ReturnType<typeof examplePlaces>): string =>
    [
      paint('bold', title),
      ...places.flatMap(({ title: place, content }) => [
        fill(place, columns, '  '),
        ...(content === undefined
          ? []
          : content
              .trimEnd()
              .split('\n')
              .map((line) => `    ${line}`.trimEnd())),
      ]),
    ].join('\n');
  return [
    `${paint('bold', 'Example')}\n${fill(exampleScene(example), columns, '  ')}`,
    [
      state('Bad', examplePlaces(example.bad)),
      ...example.bad.says.map((text) => fill(text, columns, '  Finding: ', '    ')),
    ].join('\n'),
    state('Good', examplePlaces(example.good)),
  ];
}

/** The error for an id that no check has; also for `--only` and `--skip`. */
export function unknownCheck(id: string, rules: readonly { readonly id: string }[]): UsageError {
  const near = nearest(
    id,
    rules.map((rule) => rule.id),
  );
  const hint =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'See "hallmark list" for all of them.';
  return new UsageError('unknown-check', `there is no check ${JSON.stringify(id)}`, { hint });
}

/** At most three names that one could have meant: few typing errors away, or containing the word. */
function nearest(word: string, names: readonly string[]): string[] {
  const lower = word.toLowerCase().slice(0, 64);
  return names
    .map((name) => ({ name, slips: name.includes(lower) && lower.length > 1 ? 1 : distance(lower, name) }))
    .filter(({ name, slips }) => slips <= Math.max(2, Math.floor(name.length / 3)))
    .sort((a, b) => a.slips - b.slips || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
