import type { Report } from './report.js';
import { visible } from '../../images/base/visible.js';
import type { Paint } from './paint.js';
import type { Page } from './page.js';

/** The repairs that are not part of a plan, each with the reason; empty when there are none. */
export function leftOut({ unverified }: Report, page: Page, paint: Paint): string[] {
  if (unverified.length === 0) return [];
  const lines = unverified.map(({ fixer, reason }) => {
    const said = `${fixer}: the repair failed verification and was left out: ${visible(reason)}`;
    return page.labelled('left out', said).replace('left out', paint('red', 'left out'));
  });
  return [lines.join('\n')];
}
