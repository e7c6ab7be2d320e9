import { checks as imageChecks } from '../../checks/index.js';
import { snapshotChecks } from '../../checks/snapshot.js';
import { fixers } from '../../fixers/index.js';
import { explainText, listText } from '../explain.js';
import { describeRules } from '../rules.js';
import type { Terminal } from '../terminal.js';

const checks = [...imageChecks, ...snapshotChecks];

/** `hallmark list`. @returns the exit code */
export async function list(json: boolean, { out, color }: Terminal): Promise<number> {
  const rules = describeRules(checks, fixers);
  out(json ? `${JSON.stringify(rules, null, 2)}\n` : listText(rules, { color }));
  return 0;
}

/** `hallmark explain ID`. @returns the exit code. @throws {UsageError} when there is no such check */
export async function explain(id: string, { out, color }: Terminal): Promise<number> {
  out(explainText(id, describeRules(checks, fixers), { color }));
  return 0;
}
