import type { Example } from '../../checks/lib/example.js';
import { UsageError } from '../../images/base/errors.js';
import { examplePlaces, exampleScene } from './example.js';
import type { ReportedRule } from './report.js';
import { type Paint, painter, severityStyles } from './paint.js';
import { wrap } from './wrap.js';

/** A table of every check: id, severity, whether there is a repair, and what is true when it passes. */
export function listText(rules: readonly ReportedRule[], { color = false } = {}): string {
  const paint = painter(color);
  const idWidth = Math.max(5, ...rules.map(({ id }) => id.length));
  const row = (id: string, severity: string, repair: string): string =>
    `${id.padEnd(idWidth)}  ${severity.padEnd(8)}  ${repair.padEnd(8)}  `;
  const lines = rules.map(({ id, title, severity, repair }) =>
    wrap(title, row(id, severity, repair?.risk ?? '-')).replace(
      severity.padEnd(8),
      paint(severityStyles[severity], severity.padEnd(8)),
    ),
  );
  return `${[`${row('check', 'severity', 'repair')}passes when`, ...lines].join('\n')}\n`;
}

/**
 * Everything a check says of itself, for a terminal of 80 columns.
 * @param examples - by check id; a check without one is explained without
 * @throws {UsageError} code `unknown-check`, naming the nearest ids
 */
export function explainText(
  id: string,
  rules: readonly ReportedRule[],
  { color = false, examples = {} }: { color?: boolean; examples?: Readonly<Record<string, Example>> } = {},
): string {
  const rule = rules.find((one) => one.id === id);
  if (!rule) throw unknownCheck(id, rules);
  const paint = painter(color);
  const section = (title: string, text: string): string => `${paint('bold', title)}\n${wrap(text, '  ')}`;
  const facts = `${rule.severity}, ${rule.category}, asked for ${rule.targets.join(' and ')}`;
  const blocks = [
    `${paint('bold', rule.id)}: ${facts}`,
    section('Passes when', rule.title),
    section('Fails when', rule.failureTitle),
    section('Why', rule.why),
    ...exampleBlocks(examples[id], paint),
    section('What to do', rule.remedy),
    rule.repair
      ? section(`Repair (${rule.repair.risk})`, `${rule.repair.title}\n\n${rule.repair.docs}`)
      : section('Repair', 'None: you repair it by hand.'),
  ];
  if (rule.references.length > 0) {
    const lines = rule.references.map(({ title, where }) => wrap(`${title}, ${where}`, '  - '));
    blocks.push(`${paint('bold', 'References')}\n${lines.join('\n')}`);
  }
  return `${blocks.join('\n\n')}\n`;
}

/** The example: its lines are not wrapped, so that a file can be copied as it is. */
function exampleBlocks(example: Example | undefined, paint: Paint): string[] {
  if (!example) return [];
  const state = (title: string, places: ReturnType<typeof examplePlaces>): string =>
    [
      paint('bold', title),
      ...places.flatMap(({ title: place, content }) => [
        wrap(place, '  '),
        ...(content === undefined
          ? []
          : content
              .trimEnd()
              .split('\n')
              .map((line) => `    ${line}`.trimEnd())),
      ]),
    ].join('\n');
  return [
    `${paint('bold', 'Example')}\n${wrap(exampleScene(example), '  ')}`,
    [
      state('Bad', examplePlaces(example.bad)),
      ...example.bad.says.map((text) => wrap(text, '  Finding: ', '    ')),
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
