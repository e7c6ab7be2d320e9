import type { styleText } from 'node:util';
import type { Severity } from '../../checks/lib/check.js';
import type { Verdict } from './report.js';

export type Style = Parameters<typeof styleText>[0];

/** Gives a text a style, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

/**
 * @param color - decided by the caller (a terminal, `--no-color`, `NO_COLOR`): a report must not depend on where it
 *   is rendered
 */
export function painter(color: boolean): Paint {
  if (!color) return (_, text) => text;
  // Imported, node:util would have every run load what its rarest parts need.
  const util = process.getBuiltinModule('node:util');
  return (style, text) => util.styleText(style, text, { validateStream: false });
}

export const severityStyles: Readonly<Record<Severity, Style>> = {
  error: 'red',
  warning: 'yellow',
  info: 'cyan',
};

export const verdictStyles: Readonly<Record<Verdict, Style>> = {
  golden: ['bold', 'green'],
  'not-golden': ['bold', 'red'],
  incomplete: ['bold', 'magenta'],
};
