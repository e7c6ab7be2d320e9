import { compareRpmVersions } from '../../../../formats/version.js';

type Order = (order: number) => boolean;

/** The longer ones first. */
const operators: readonly (readonly [string, Order])[] = [
  ['<=', (order) => order <= 0],
  ['<>', (order) => order !== 0],
  ['<', (order) => order < 0],
  ['>=', (order) => order >= 0],
  ['>', (order) => order > 0],
  ['==', (order) => order === 0],
  ['=', (order) => order === 0],
  ['!=', (order) => order !== 0],
];

/** The operator that a text begins with, and what follows it; undefined when it begins with none. */
export function operatorIn(text: string): { sign: string; rest: string } | undefined {
  const found = operators.find(([sign]) => text.startsWith(sign));
  return found && { sign: found[0], rest: text.slice(found[0].length) };
}

/**
 * Whether a version stands to another as the operator says. strverscmp_improved() of systemd orders versions by the
 * rules of RPM.
 */
export function versionsCompare(actual: string, sign: string, against: string): boolean {
  const order = operators.find(([one]) => one === sign)?.[1];
  return order?.(compareRpmVersions(actual, against)) ?? false;
}
