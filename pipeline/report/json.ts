import type { Report } from './report.js';

/** What JSON.stringify leaves as it is, but a terminal or an editor would obey. */
const unseen = /[\u007f-\u009f]|[\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * The report itself. Equal reports give equal bytes: the order of keys is that of the interface. Characters that
 * cannot be seen are escaped as JSON allows, so a program reads the true names and a terminal obeys none of them.
 */
export function json(report: Report): string {
  const text = JSON.stringify(report, null, 2);
  return `${text.replace(unseen, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )}\n`;
}
