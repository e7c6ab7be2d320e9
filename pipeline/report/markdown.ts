import type { CheckResult } from '../../checks/lib/result.js';
import type { Report, ReportedChange } from './report.js';
import {
  entitiesFor,
  markdown as prose,
  markdownRule,
  markdownBlock,
  markdownCellCode,
  markdownCode,
} from './escape.js';
import { visible } from '../../images/base/visible.js';
import { installationInWords, listed, unlistedInWords } from './installed.js';
import { rehearsalBlocks, rehearsalTables } from './markdown-rehearsal.js';
import { changeInWords, notShownInWords } from './change-words.js';
import { type FixerGroup, byFixer } from './changes-by-fixer.js';
import { count } from './english.js';
import { nextSteps } from './next-steps.js';
import { reachesThreshold, headline, placeOf, resultsWith, ruleOf, worstFirst } from './result-words.js';
import { imageInWords, checksInWords, verdictSentence, verdictWords } from './verdict-words.js';

/** GitHub refuses a comment beyond 65,536 characters; the diffs are what grows. */
const budget = 60_000;

/** A comment for a pull request: verdict, a table of what remains, the rehearsal, and the changes folded away. */
export function markdown(report: Report): string {
  const blocks = [
    `## Hallmark: ${verdictWords[report.verdict]}`,
    prose(verdictSentence(report)) + (report.error ? '' : ` ${prose(checksInWords(report))}.`),
    subject(report),
    remainingTable(report),
    ...worstFirst(report).map((result) => details(report, result)),
    aside('Repaired', resultsWith(report, 'fixed')),
    aside('Waived', resultsWith(report, 'waived')),
    ...report.unverified.map(
      ({ fixer, reason }) =>
        `**Left out**: the repair ${markdownCode(fixer)} failed verification: ${prose(reason)}`,
    ),
    ...(report.rehearsal ? rehearsalBlocks(report.rehearsal) : []),
    ...nextSteps(report).map(
      ({ say, run }) => prose(say) + (run.length === 0 ? '' : `\n\n${markdownBlock('sh', run.join('\n'))}`),
    ),
  ].filter((block) => block !== '');
  const used = blocks.reduce((sum, block) => sum + block.length + 2, 0);
  const told = rehearsalFold(report, budget - used);
  return `${[...blocks, ...told, ...changes(report, budget - used - told.join().length)].join('\n\n')}\n`;
}

function subject(report: Report): string {
  const { image, target } = report;
  const guest = report.error ? '' : `: ${prose(imageInWords(report))}`;
  const asked = target ? ` Target: ${target.chosen}, ${prose(target.reason)}.` : '';
  return image.source === '' ? '' : `${markdownCode(image.source)}${guest}.${asked}`;
}

function remainingTable(report: Report): string {
  const rows = worstFirst(report).map((result) => {
    const places = result.findings.map(placeOf).filter((place) => place !== undefined);
    const where =
      places.slice(0, 3).map(markdownCellCode).join('<br>') +
      (places.length > 3 ? ` and ${count(places.length - 3, 'more place')}` : '');
    const level = result.outcome === 'error' ? 'not judged' : result.severity;
    return `| ${level}${result.outcome === 'error' || reachesThreshold(report, result) ? '' : ' (below the threshold)'} | ${markdownCellCode(result.id)} | ${prose(headline(result))} | ${where} |`;
  });
  return rows.length === 0
    ? ''
    : ['| severity | check | what | where |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function details(report: Report, result: CheckResult): string {
  const rule = ruleOf(report, result.id);
  const found = result.findings.map((finding) => {
    const place = placeOf(finding);
    return `- ${place === undefined ? '' : `${markdownCode(place)}: `}${prose(finding.message)}`;
  });
  const lines = [
    ...(result.reason === undefined ? [] : [prose(result.reason)]),
    ...(found.length > 0 ? [found.join('\n')] : []),
    ...(rule ? [`**Why** ${markdownRule(rule.why)}`, `**What to do** ${markdownRule(rule.remedy)}`] : []),
    ...(rule?.repair ? [`**Repair** (${rule.repair.risk}) ${prose(rule.repair.title)}`] : []),
  ];
  return fold(`${headline(result)} (${result.id})`, lines);
}

function aside(label: string, results: readonly CheckResult[]): string {
  if (results.length === 0) return '';
  const lines = results.map(
    ({ id, title, reason }) =>
      `- ${markdownCode(id)} ${prose(title)}${reason === undefined ? '' : `: ${prose(reason)}`}`,
  );
  return `**${label}**\n\n${lines.join('\n')}`;
}

/** The rehearsal in full, folded, if there is room. */
function rehearsalFold({ rehearsal }: Report, room: number): string[] {
  const tables = rehearsal ? rehearsalTables(rehearsal) : [];
  if (tables.length === 0) return [];
  const folded = fold('The rehearsal: passed claims and timeline', tables);
  return folded.length + 200 <= room
    ? [folded]
    : ['The timeline of the rehearsal did not fit here; the JSON and HTML reports have it.'];
}

/** The changes, folded, as far as there is room; what is left out is counted. */
function changes(report: Report, room: number): string[] {
  const blocks: string[] = [];
  let left = room;
  let omitted = 0;
  for (const group of byFixer(report)) {
    const rest = unlistedInWords(group.changes);
    const lines = [
      ...group.installations.map(installationInWords),
      ...(rest === undefined ? [] : [rest]),
    ].map(prose);
    left -= lines.join().length;
    for (const change of listed(group.changes)) {
      const block = changeBlock(change);
      if (block.length + 200 > left) {
        omitted += 1;
        continue;
      }
      left -= block.length + 2;
      lines.push(block);
    }
    if (lines.length > 0) blocks.push(fold(`${group.title}: ${amountOf(group)}`, lines));
  }
  if (omitted > 0)
    blocks.push(
      `${count(omitted, 'more path')} did not fit here; the JSON and HTML reports have all of them.`,
    );
  return blocks;
}

/** "2 paths and 1 image property" */
function amountOf({ changes: paths, properties }: FixerGroup): string {
  const properly = count(properties.length, 'image property', 'image properties');
  const words = [
    ...(paths.length > 0 ? [count(paths.length, 'path')] : []),
    ...(properties.length > 0 ? [properly] : []),
  ];
  return words.join(' and ');
}

function changeBlock(change: ReportedChange): string {
  const hidden = notShownInWords(change);
  const head = `${markdownCode(change.path)} ${prose(changeInWords(change))}${hidden === undefined ? '' : `; ${prose(hidden)}`}`;
  return change.diff === undefined ? head : `${head}\n\n${markdownBlock('diff', change.diff)}`;
}

/** The line of the summary is HTML, in which Markdown's escapes mean nothing. */
function fold(summary: string, lines: readonly string[]): string {
  return `<details><summary>${entitiesFor(visible(summary))}</summary>\n\n${lines.join('\n\n')}\n\n</details>`;
}
