import fc from 'fast-check';

const piece = fc.constantFrom(
  'network',
  'config',
  ': ',
  'disabled',
  '\n',
  '  ',
  '{',
  '}',
  '- ',
  '&a ',
  '*a',
  '"',
  '#',
  '? ',
  '|',
  '<<: ',
);

/** Any text, and such as looks like YAML. */
export const yamlText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.array(piece).map((pieces) => pieces.join('')),
);
