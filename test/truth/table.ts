import type { Shown } from './boot/shown.js';
import type { Evidence, Row } from './row.js';
import { type Standing, type Verdict, extra } from './verdict.js';

/** A row, with all that was found. */
export interface Result {
  readonly row: Row;
  readonly verdict: Verdict;
  /** Of the guest without the fault. */
  readonly own: Verdict;
  readonly shown: Shown | undefined;
  readonly stands: Standing;
}

const order: readonly Standing[] = [
  'false golden',
  'false alarm',
  'unjudged',
  'unlike',
  'wrong cause',
  'noise',
  'undecided',
  'agrees',
];

/** A line for each row that does not agree, with what would make it. */
export function table(results: readonly Result[]): string {
  return results
    .filter(({ stands }) => stands !== 'agrees')
    .toSorted((a, b) => order.indexOf(a.stands) - order.indexOf(b.stands))
    .map(
      (result) =>
        `${result.stands.padEnd(13)} ${result.row.id}: ${result.row.what}\n${' '.repeat(14)}${reason(result)}`,
    )
    .join('\n');
}

function reason({ row, verdict, own, shown, stands }: Result): string {
  const is = `${row.is} (${evidenceInWords(row.by)}), judged ${verdict.word}`;
  const spoke = [...verdict.spoke.keys()].filter((id) => !own.spoke.has(id)).join(', ') || 'no check';
  switch (stands) {
    case 'unlike':
      return `the row says ${row.is}, the boot: ${shown?.why ?? ''} ${shown?.tunnels.join(', ') ?? ''}`;
    case 'noise':
      return `${is}; ${extra(row, verdict, own)
        .map((id) => `${id}: ${firstLine(verdict.spoke.get(id))}`)
        .join('; ')}`;
    case 'false alarm':
    case 'unjudged':
      return `${is}; ${[...verdict.spoke]
        .filter(([id]) => own.word !== 'golden' || !own.spoke.has(id))
        .map(([id, text]) => `${id}: ${firstLine(text)}`)
        .join('; ')}`;
    case 'agrees':
    case 'undecided':
    case 'wrong cause':
    case 'false golden':
      return `${is}; ${spoke} spoke${saidBy(row, verdict)}, wanted ${row.speaks.join(' or ')}${row.says ? ` saying ${String(row.says)}` : ''}`;
  }
}

/** What the right check said, where it was to say something else. */
function saidBy(row: Row, verdict: Verdict): string {
  const said = row.speaks.flatMap((id) => verdict.spoke.get(id) ?? []);
  return said.length === 0 ? '' : ` ("${firstLine(said.join(' '))}")`;
}

const firstLine = (text = ''): string => text.trim().split('\n').slice(0, 2).join(' / ');

function evidenceInWords(by: Evidence): string {
  if (by === 'booted') return 'booted';
  return 'source' in by ? `source: ${by.source}` : `manual: ${by.manual}`;
}

/** How many rows stand how. */
export function countsOf(results: readonly Result[]): string {
  const count = (of: Standing): number => results.filter(({ stands }) => stands === of).length;
  const guards = results.filter(({ row }) => row.guards.length > 0).length;
  const booted = results.filter(({ shown }) => shown).length;
  return `${results.length} rows (${guards} guards, ${booted} booted): ${order
    .toReversed()
    .map((one) => `${count(one)} ${one}`)
    .join(', ')}`;
}

/** The page test/truth/README.md: the same for the same images and checks. */
export function page(results: readonly Result[], guests: readonly (readonly [string, string])[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const line = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [
    '# Verdict and reality',
    '',
    'What `hallmark check` says of an image, held against what comes of a server that is made of it. A row is a guest and',
    'one thing done to it. Most are booted twice: the cloud asks the first boot for all that it asks of a new server, and',
    'all of it must still be there after the second. What a container cannot show is taken from the source or the manual.',
    '',
    '`npm run truth` makes this page with `--record`: all rows take about an hour. `--no-boot` takes a minute: it holds the',
    'verdict against what is recorded. `--only PATTERN` chooses rows.',
    '',
    countsOf(results),
    '',
    '## Guests',
    '',
    '| guest | what it is |',
    '| --- | --- |',
    ...guests.map(([name, what]) => line(name, what)),
    '',
    '## Rows',
    '',
    '| row | what is done | reality | established | verdict | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...results.map(({ row, verdict, stands }) =>
      line(`\`${row.id}\``, row.what, row.is, evidenceInWords(row.by), verdict.word, stands),
    ),
    '',
  ].join('\n');
}
