import type { Check } from '../../checks/lib/check.js';
import type { Fixer } from '../../fixers/lib/fixer.js';
import { markdown as prose, markdownCode, markdownRule } from './escape.js';
import type { ReportedRule } from './report.js';
import { describeRules } from './rules.js';

/**
 * checks/README.md, from what the rules say of themselves.
 * @param ofSnapshots - the rules that only `hallmark snapshot` asks
 */
export function rulesPage(
  checks: readonly Check[],
  fixers: readonly Fixer[],
  ofSnapshots: readonly Check[] = [],
): string {
  const rules = describeRules([...checks, ...ofSnapshots], fixers);
  const messages = new Map([...checks, ...ofSnapshots].map(({ meta }) => [meta.id, meta.messages]));
  const blocks = [
    '# Checks',
    'Generated from the metadata of the checks and fixers by `npm run docs`: edit those, not this page.',
    [
      'Severity is that of a finding which does not say otherwise. A repair is *safe* when it changes only what starts',
      'when, and *reviewed* when it changes behaviour that a person may have wanted: look at its diff.',
    ].join('\n'),
    table(describeRules(checks, fixers)),
    ...(ofSnapshots.length > 0
      ? [
          'Besides, of a server of which a snapshot is taken (`hallmark snapshot`):',
          table(describeRules(ofSnapshots, fixers)),
        ]
      : []),
    ...rules.map((rule) => section(rule, messages.get(rule.id) ?? {})),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function table(rules: readonly ReportedRule[]): string {
  const rows = rules.map(
    ({ id, severity, title, repair }) =>
      `| [${id}](#${id}) | ${severity} | ${repair?.risk ?? 'by hand'} | ${prose(title)} |`,
  );
  return ['| check | severity | repair | passes when |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function section(rule: ReportedRule, messages: Readonly<Record<string, string>>): string {
  const blocks = [
    `## ${rule.id}`,
    `${prose(rule.failureTitle)}. Severity: ${rule.severity}. Category: ${rule.category}. Targets: ${rule.targets.join(', ')}.`,
    `**Why** ${paragraphs(rule.why)}`,
    `**What to do** ${paragraphs(rule.remedy)}`,
    rule.repair
      ? `**Repair** (${rule.repair.risk}) ${prose(rule.repair.title)}. ${paragraphs(rule.repair.docs)}`
      : '**Repair** None: this one needs a person.',
    `**Messages**\n\n${Object.entries(messages)
      .map(([id, text]) => `- ${markdownCode(id)} ${prose(text)}`)
      .join('\n')}`,
  ];
  if (rule.references.length > 0) {
    blocks.push(
      `**References**\n\n${rule.references.map(({ title, where }) => `- ${prose(title)}, ${prose(where)}`).join('\n')}`,
    );
  }
  return blocks.join('\n\n');
}

function paragraphs(text: string): string {
  return text
    .trim()
    .split(/\n[ \t]*\n/)
    .map((paragraph) => markdownRule(paragraph.replace(/\s+/g, ' ')))
    .join('\n\n');
}
