/**
 * The rows of nmcli's terse output: fields with colons between them, in which a backslash stands before every colon and
 * backslash of a value (nmcli(1), --escape).
 */
export function parseTerse(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(fieldsOf);
}

function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  let field = '';
  for (const [part] of line.matchAll(/\\.|[^\\]/g)) {
    if (part !== ':') {
      field += part.replace(/^\\(?=.)/, '');
      continue;
    }
    fields.push(field);
    field = '';
  }
  return [...fields, field];
}
