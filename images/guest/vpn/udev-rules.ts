import { splitLines } from '../../formats/lines.js';

/** `KEY{attribute}=="value"` of a rule. */
export interface RulePart {
  readonly key: string;
  readonly attribute: string | undefined;
  readonly operator: string;
  readonly value: string;
}

/** A rule of udev(7), with the lines that it takes up. */
export interface Rule {
  readonly line: number;
  readonly last: number;
  readonly parts: readonly RulePart[];
}

/**
 * The rules of a file, as systemd-udevd reads them (udev-rules.c): one a line, and a line that ends in a backslash goes
 * on in the next. What is not made of keys and values is passed over as a whole.
 */
export function parseRules(text: string): Rule[] {
  const rules: Rule[] = [];
  const lines = splitLines(text);
  for (let at = 0; at < lines.length; at++) {
    const first = at;
    let written = lines[at]?.text.trimStart() ?? '';
    if (written === '' || written.startsWith('#')) continue;
    const parts = [];
    while (written.endsWith('\\') && at + 1 < lines.length) {
      parts.push(written.slice(0, -1));
      at += 1;
      written = lines[at]?.text ?? '';
    }
    const found = partsOf([...parts, written].join(''));
    if (found) rules.push({ line: first + 1, last: at + 1, parts: found });
  }
  return rules;
}

const part = /[\s,]*([A-Z_]+)(?:\{([^}"]*)\})?\s*(==|!=|\+=|-=|:=|=)\s*[ei]?"((?:[^"\\]|\\.)*)"/y;

function partsOf(rule: string): RulePart[] | undefined {
  const parts: RulePart[] = [];
  part.lastIndex = 0;
  for (;;) {
    const from = part.lastIndex;
    const [, key, attribute, operator, value] = part.exec(rule) ?? [];
    if (key === undefined || operator === undefined || value === undefined)
      return /^[\s,]*$/.test(rule.slice(from)) ? parts : undefined;
    parts.push({ key, attribute, operator, value: value.replaceAll('\\"', '"') });
  }
}
