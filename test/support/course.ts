import assert from 'node:assert/strict';
import type { CheckResult } from '../../checks/lib/result.js';
import type { Report } from '../../pipeline/report/report.js';
import type { Fault } from '../guests/faults.js';
import { hallmark, report } from './command.js';
import { survey } from './real-roots.js';

/** The result of one check. */
function resultOf({ results }: Report, id: string): CheckResult {
  const result = results.find((one) => one.id === id);
  assert.ok(result, `no result for ${id}`);
  return result;
}

/**
 * The life of faults that were put into a root, through the command: each is found where it is, planned without
 * anything being written, repaired as planned and for good, and taken back to what `survey` saw before.
 * @param state - an empty folder for the journal
 */
export function takeTheirCourse(
  root: string,
  faults: readonly Fault[],
  { state, target }: { state: string; target: readonly string[] },
): void {
  const untouched = survey(root);
  const found = report(['check', root, ...target]);
  for (const fault of faults) assertFound(found, fault);
  const plan = report(['plan', root, ...target]);
  assert.deepEqual(survey(root), untouched, 'neither check nor plan writes');

  const prepared = report(['prepare', root, '--yes', ...target], { state });
  assert.deepEqual(prepared.changes, plan.changes);
  const after = report(['check', root, ...target]);
  for (const { check, repaired } of faults) {
    assert.equal(resultOf(prepared, check).outcome, repaired ? 'fixed' : 'fail', check);
    const { outcome } = resultOf(after, check);
    assert.ok((repaired ? ['pass', 'not-applicable'] : ['fail']).includes(outcome), `${check}: ${outcome}`);
  }
  assert.deepEqual(report(['plan', root, ...target]).changes, []);
  if (plan.changes.length === 0) {
    assert.ok(faults.every(({ repaired }) => !repaired));
    assert.deepEqual(survey(root), untouched);
    return;
  }
  const { status, stderr } = hallmark(['undo', root, '--yes'], { state });
  assert.equal(status, 0, stderr);
  assert.deepEqual(survey(root), untouched);
}

function assertFound(found: Report, { check, path, line, pathOfDisabled }: Fault): void {
  const { outcome, findings } = resultOf(found, check);
  assert.equal(outcome, 'fail', check);
  const there = findings.some(
    (finding) =>
      (path === '' || finding.path === path || finding.path === pathOfDisabled) &&
      (line === undefined || finding.line === line),
  );
  assert.ok(there, `${check} does not point at ${path}:${line ?? ''} but at ${JSON.stringify(findings)}`);
}
