import { type Severity, atLeast } from '../../checks/lib/check.js';
import type { Report, Verdict } from './report.js';
import { count, sentence } from './english.js';
import { rehearsalInWords } from './rehearsal-words.js';

/** What every format says alike of a report as a whole. Nothing here is escaped yet: that is for the format. */

export const verdictWords: Readonly<Record<Verdict, string>> = {
  golden: 'GOLDEN',
  'not-golden': 'NOT GOLDEN',
  incomplete: 'INCOMPLETE',
};

/** The verdict in one sentence. */
export function verdictSentence(report: Report): string {
  const { failOn, error } = report;
  if (error) {
    const what =
      error.code === 'unfinished' ? sentence([error.message]) : `The run failed: ${error.message}.`;
    return `${what} The image has no verdict.`;
  }
  const grave = findingsInWords(report, (severity) => atLeast(severity, failOn));
  const light = findingsInWords(report, (severity) => !atLeast(severity, failOn));
  const below = light === '' ? '' : `${light} below the threshold "${failOn}"`;
  const rehearsed = report.rehearsal ? rehearsalInWords(report.rehearsal) : '';
  switch (report.verdict) {
    case 'incomplete': {
      const { error: unjudged } = report.counts.outcomes;
      const unknown = [
        unjudged === 0 ? '' : `${count(unjudged, 'check')} could not be judged`,
        report.rehearsal?.outcome === 'impossible' ? rehearsed : '',
      ];
      const reasons = sentence(unknown, ' and ', ', so this image cannot be called golden.');
      return reasons || 'No check applies to this image, so nothing was judged.';
    }
    case 'not-golden':
      return sentence([rehearsed, grave === '' ? '' : `${grave} to resolve`, below]);
    case 'golden':
      return sentence([rehearsed, below || 'no findings to resolve']);
  }
}

/** "3 findings (2 errors, 1 warning)": the remaining findings of some severities; without any the empty string. */
function findingsInWords({ counts: { findings } }: Report, which: (severity: Severity) => boolean): string {
  const words: readonly (readonly [Severity, string])[] = [
    ['error', count(findings.error, 'error')],
    ['warning', count(findings.warning, 'warning')],
    ['info', `${findings.info} info`],
  ];
  const left = words.filter(([severity]) => findings[severity] > 0 && which(severity));
  const total = left.reduce((sum, [severity]) => sum + findings[severity], 0);
  return total === 0 ? '' : `${count(total, 'finding')} (${left.map(([, word]) => word).join(', ')})`;
}

/** "18 checks: 2 with findings, 1 repaired, 12 passed, 3 not applicable": every check that was asked, once. */
export function checksInWords({ counts: { outcomes } }: Report): string {
  const words: readonly (readonly [number, string])[] = [
    [outcomes.error, 'not judged'],
    [outcomes.fail, 'with findings'],
    [outcomes.fixed, 'repaired'],
    [outcomes.waived, 'waived'],
    [outcomes.pass, 'passed'],
    [outcomes['not-applicable'], 'not applicable'],
  ];
  const total = words.reduce((sum, [number]) => sum + number, 0);
  const parts = words.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return total === 0 ? '0 checks' : `${count(total, 'check')}: ${parts.join(', ')}`;
}

/** "Debian GNU/Linux 6.0.1, sysv init, nova-agent 1.39.0, xe-guest-utilities 6.2.0" */
export function imageInWords({ image }: Report): string {
  const agents = image.agents?.map(({ generation, version }) => `nova-agent ${version ?? `${generation}.x`}`);
  const words = [
    image.os ? [image.os.name, image.os.version].filter(Boolean).join(' ') : 'unknown system',
    `${image.init ?? 'unknown'} init`,
    ...(agents?.length === 0 ? ['no nova-agent'] : (agents ?? [])),
    ...(image.xe ? [[image.xe.name, image.xe.version].filter(Boolean).join(' ')] : []),
  ];
  return words.join(', ');
}
