import type { Report, ReportedChange, ReportedInstallation } from './report.js';
import { ruleOf } from './result-words.js';

/** What a person can ask for besides the repairs. */
const wishes: Readonly<Record<string, string>> = {
  'root-password': 'Set the password of root',
};

export interface FixerGroup {
  readonly fixer: string;
  readonly title: string;
  readonly risk: 'safe' | 'reviewed' | undefined;
  readonly changes: readonly ReportedChange[];
  readonly properties: Report['properties']['changes'];
  readonly installations: readonly ReportedInstallation[];
}

/** Changes under the fixer that asked first, in the order of the fixers' ids. */
export function byFixer(report: Report): FixerGroup[] {
  const ids = new Set([...report.changes, ...report.properties.changes].map(({ fixers }) => fixers[0] ?? ''));
  return [...ids].sort().map((fixer) => {
    const repair = ruleOf(report, fixer)?.repair;
    return {
      fixer,
      title: repair?.title ?? wishes[fixer] ?? 'Changes that serve several repairs',
      risk: repair?.risk,
      changes: report.changes.filter(({ fixers }) => (fixers[0] ?? '') === fixer),
      properties: report.properties.changes.filter(({ fixers }) => (fixers[0] ?? '') === fixer),
      installations: (report.installations ?? []).filter((each) => each.fixer === fixer),
    };
  });
}
