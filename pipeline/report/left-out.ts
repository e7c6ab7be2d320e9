import type { Report } from './report.js';
import { visible } from '../../images/base/visible.js';
import type { Paint } from './paint.js';
import { wrap } from './wrap.js';

/** The repairs that are no part of a plan, each with the reason; nothing when there are none. */
export function leftOut({ unverified }: Report, paint: Paint, margin: number): string[] {
  if (unverified.length === 0) return [];
  const lines = unverified.map(({ fixer, reason }) => {
    const said = `${fixer}: the repair did not prove itself and was left out: ${visible(reason)}`;
    return wrap(said, 'left out'.padEnd(margin)).replace('left out', paint('red', 'left out'));
  });
  return [lines.join('\n')];
}
