import type { CheckContext, Needs } from '../../checks/lib/check.js';
import {
  type Fixer,
  type FixerContext,
  type PropertyChange,
  type Repair,
  isChange,
} from '../../fixers/lib/fixer.js';
import { gatherAll } from '../../checks/lib/result.js';
import type { Change, Image } from '../../images/image/image.js';
import { overlay } from '../../images/image/overlay.js';
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
  context: Partial<CheckContext & Pick<FixerContext<Needs>, 'changes' | 'imageDay' | 'installer'>> = {},
): Promise<Planned> {
  const repairs: Repair[] = [];
  const gathered = await gatherAll(fixer.needs, gatherFrom(fixer, facts));
  const given = {
    target: 'nova-agent',
    metadata: undefined,
    today: '2026-01-15',
    findings: [],
    imageDay: '2026-01-15',
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

/** Changes in short: "write /a", "link /b -> /c", "remove /d". */
export function inShort(changes: readonly Change[]): string[] {
  return changes.map(
    (change) => `${change.kind} ${change.path}${change.kind === 'link' ? ` -> ${change.target}` : ''}`,
  );
}
