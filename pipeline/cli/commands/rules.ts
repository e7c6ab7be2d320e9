import { examples } from '../../../checks/examples.js';
import { checks } from '../../../checks/index.js';
import { snapshotChecks } from '../../../checks/snapshot.js';
import { fixers } from '../../../fixers/index.js';
import { explainText, listText } from '../../report/explain.js';
import { describeRules } from '../../report/rules.js';
import type { Terminal } from '../terminal.js';

/** `hallmark list`. @returns the exit code */
export async function list(json: boolean, { out, color, columns }: Terminal): Promise<number> {
  const all = describeRules([...checks, ...snapshotChecks], fixers);
  const text = (): string =>
    [
      listText(describeRules(checks, fixers), { color, columns }),
      'Additional checks for hallmark snapshot:\n',
      listText(describeRules(snapshotChecks, fixers), { color, columns }),
    ].join('\n');
  out(json ? `${JSON.stringify(all, null, 2)}\n` : text());
  return 0;
}

/** `hallmark explain ID`. @returns the exit code. @throws {UsageError} when there is no such check */
export async function explain(id: string, { out, color, columns }: Terminal): Promise<number> {
  out(explainText(id, describeRules([...checks, ...snapshotChecks], fixers), { color, columns, examples }));
  return 0;
}
