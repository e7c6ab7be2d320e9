import { entitiesFor } from './escape.js';
import { visible } from '../../images/base/visible.js';

/** A piece of HTML, SVG or XML that is well-formed by construction. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | undefined | readonly Part[];

/**
 * Template tag for HTML, SVG and XML: every value put into it is made visible and escaped, unless it is
 * {@link Markup} already; lists are joined, undefined is nothing. There is no other way from text to markup, so
 * nothing from an image can become an element or leave an attribute.
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? '';
  parts.forEach((part, at) => {
    text += render(part) + (strings[at + 1] ?? '');
  });
  return new Markup(text);
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return entitiesFor(visible(part));
  if (typeof part === 'number') return String(part);
  return part.map(render).join('');
}
