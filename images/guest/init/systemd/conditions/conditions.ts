import type { Evidence } from '../../../evidence.js';
import type { Obstacle } from '../../obstacle.js';
import { expand } from '../names.js';
import type { PlacedSetting, Unit } from '../unit.js';
import type { Answer, Machine } from './answer.js';
import { isPathKind, kinds } from './kinds.js';

/** A Condition…= or Assert…= of a unit, taken apart as config_parse_unit_condition_string() does (systemd, core/load-fragment.c). */
interface Condition {
  readonly kind: string;
  /** undefined: it holds a specifier that only the running machine knows. */
  readonly parameter: string | undefined;
  readonly negated: boolean;
  /** `|`: of those it is enough that one holds. */
  readonly triggering: boolean;
  /** "ConditionPathExists=!/etc/x", as it is written. */
  readonly text: string;
  readonly evidence: Evidence;
}

/**
 * What a unit's conditions keep it from, or may keep it from: systemd passes over a unit one of whose conditions does
 * not hold, and fails one whose assertion does not (systemd.unit(5), "Conditions and Asserts").
 */
export async function unmetConditions(
  unit: Unit,
  group: 'Condition' | 'Assert',
  machine: Machine,
): Promise<readonly Obstacle[]> {
  const all = conditionsOf(unit, group);
  if (all.length === 0) return [];
  const judged: { condition: Condition; answer: Answer }[] = [];
  for (const condition of all) judged.push({ condition, answer: await answerTo(condition, machine) });
  const obstacles: Obstacle[] = [];
  for (const { condition, answer } of judged) {
    if (!condition.triggering && answer.holds !== true) obstacles.push(obstacleOf([condition], answer));
  }
  const triggering = judged.filter(({ condition }) => condition.triggering);
  if (triggering.length > 0 && !triggering.some(({ answer }) => answer.holds === true)) {
    const open = triggering.find(({ answer }) => answer.holds === undefined) ?? triggering[0];
    if (open)
      obstacles.push(
        obstacleOf(
          triggering.map(({ condition }) => condition),
          open.answer,
        ),
      );
  }
  return obstacles;
}

/** An empty assignment forgets the conditions of every kind that came before it (booted). */
function conditionsOf(unit: Unit, group: 'Condition' | 'Assert'): readonly Condition[] {
  let all: Condition[] = [];
  for (const setting of unit.settings) {
    if (setting.section !== 'Unit' || !setting.key.startsWith(group)) continue;
    const kind = setting.key.slice(group.length);
    // A key that systemd does not know it ignores.
    if (!Object.hasOwn(kinds, kind)) continue;
    if (setting.value === '') all = [];
    else all.push(...conditionOf(unit, kind, setting));
  }
  return all;
}

function conditionOf(unit: Unit, kind: string, { key, value, path, line }: PlacedSetting): Condition[] {
  const [, trigger = '', negation = '', rest = ''] = /^(\|?)(!?)(.*)$/s.exec(value) ?? [];
  const parameter = expand(rest, unit.name);
  // The whole rest is the path, quotes and blanks included; one that is not absolute is ignored (booted).
  if (isPathKind(kind) && parameter !== undefined && !parameter.startsWith('/')) return [];
  return [
    {
      kind,
      parameter,
      negated: negation !== '',
      triggering: trigger !== '',
      text: `${key}=${value}`,
      evidence: { path, line },
    },
  ];
}

async function answerTo({ kind, parameter, negated }: Condition, machine: Machine): Promise<Answer> {
  const ask = kinds[kind];
  if (parameter === undefined || !ask)
    return { holds: undefined, why: 'it depends on a specifier that only the running server fills in' };
  const answer = await ask(parameter, machine);
  // What cannot be parsed does not hold, negated or not (condition_test() gives an error; booted).
  if (answer.invalid) return answer;
  const holds = answer.holds ?? (negated ? answer.presumed : undefined);
  return holds === undefined ? answer : { ...answer, holds: holds !== negated };
}

function obstacleOf(conditions: readonly Condition[], { holds, why }: Answer): Obstacle {
  const [first] = conditions;
  const texts = conditions.map(({ text }) => text).join(' and ');
  const several = conditions.length > 1;
  const verb =
    holds === false
      ? `${several ? 'none of them holds' : 'does not hold'}: ${why}`
      : `${several ? 'one of them has to hold, and' : 'has to hold, and'} ${why}`;
  return {
    certain: holds === false,
    evidence: first?.evidence ?? { path: '/' },
    because: several ? `of ${texts} ${verb}` : `${texts} ${verb}`,
  };
}
