import assert from 'node:assert/strict';
import type { Check, CheckContext, Needs } from '../../checks/lib/check.js';
import type { Example } from '../../checks/lib/example.js';
import {
  type Fixer,
  type FixerContext,
  type PropertyChange,
  type Repair,
  isChange,
} from '../../fixers/lib/fixer.js';
import { gatherAll, runCheck } from '../../checks/lib/result.js';
import type { Installer } from '../../fixers/lib/installer.js';
import { factsOf } from '../../images/guest/fact.js';
import type { Change, Image } from '../../images/image/image.js';
import { overlay } from '../../images/image/overlay.js';
import { exampleContext, exampleImage } from './example-tester.js';
import { gatherFrom } from './rule-tester.js';

export interface Planned {
  readonly changes: readonly Change[];
  readonly properties: readonly PropertyChange[];
  /** The image with the changes laid over it. */
  readonly after: Image;
}

/** What a fixer describes for an image, given these facts. */
export async function planFor(
  fixer: Fixer,
  image: Image,
  facts: Readonly<Record<string, unknown>>,
  context: Partial<CheckContext & Pick<FixerContext<Needs>, 'changes' | 'installer'>> = {},
): Promise<Planned> {
  const repairs: Repair[] = [];
  const gathered = await gatherAll(fixer.needs, gatherFrom(fixer, facts));
  const given = {
    target: 'nova-agent',
    family: 'Linux',
    metadata: undefined,
    today: '2026-01-15',
    findings: [],
    changes: [],
    ...context,
  } as const;
  for await (const repair of fixer.plan({ ...given, image, facts: gathered })) repairs.push(repair);
  const changes = repairs.filter(isChange);
  return {
    changes,
    properties: repairs.filter((repair) => repair.kind === 'property'),
    after: await overlay(image, changes),
  };
}

/**
 * Shows that a fixer repairs the bad example of its check, on real facts: the check passes on what the fixer leaves, and
 * the fixer then plans nothing.
 * @param installer - of a repair that installs: the pipeline does not ask it again once its check passes
 */
export function testRepair(fixer: Fixer, check: Check, example: Example, installer?: Installer): void {
  it('repairs the bad example of its check, and then plans nothing', async () => {
    assert.equal(fixer.meta.id, check.meta.id);
    const context = exampleContext(check, example, example.bad);
    const image = exampleImage(example, example.bad);
    const before = await runCheck(check, factsOf(image), context);
    assert.equal(before.outcome, 'fail', before.reason);
    const changes = await planned(fixer, image, { ...context, findings: before.findings, installer });
    assert.ok(changes.length > 0, 'the fixer plans nothing for the bad example');
    const after = await overlay(image, changes);
    const { outcome, findings, reason } = await runCheck(check, factsOf(after), context);
    assert.deepEqual(findings, []);
    assert.equal(outcome, 'pass', reason);
    if (!installer) assert.deepEqual(inShort(await planned(fixer, after, { ...context, findings: [] })), []);
  });
}

async function planned(
  fixer: Fixer,
  image: Image,
  given: CheckContext & Pick<FixerContext<Needs>, 'findings' | 'installer'>,
): Promise<Change[]> {
  const facts = await gatherAll(fixer.needs, factsOf(image));
  const changes: Change[] = [];
  for await (const repair of fixer.plan({ ...given, image, facts, changes: [] }))
    if (isChange(repair)) changes.push(repair);
  return changes;
}

/** Changes in short: "write /a", "link /b -> /c", "remove /d". */
export function inShort(changes: readonly Change[]): string[] {
  return changes.map(
    (change) => `${change.kind} ${change.path}${change.kind === 'link' ? ` -> ${change.target}` : ''}`,
  );
}
