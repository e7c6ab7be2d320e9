import type { Check } from '../../checks/lib/check.js';
import type { Fixer } from '../../fixers/lib/fixer.js';
import type { ReportedRule } from './report.js';

/** What checks and their fixers say of themselves, sorted by id. A fixer goes by the id of the check it repairs. */
export function describeRules(checks: readonly Check[], fixers: readonly Fixer[]): ReportedRule[] {
  const repairs = new Map(fixers.map(({ meta }) => [meta.id, meta]));
  return checks
    .map(({ meta }) => {
      const { id, title, failureTitle, category, severity, targets, docs } = meta;
      const repair = repairs.get(id);
      return {
        id,
        title,
        failureTitle,
        category,
        severity,
        targets,
        why: docs.why,
        remedy: docs.remedy,
        references: docs.references,
        ...(repair ? { repair: { title: repair.title, risk: repair.risk, docs: repair.docs } } : {}),
      };
    })
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
