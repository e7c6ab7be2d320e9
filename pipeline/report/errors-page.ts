import { errorCodes } from '../../images/base/error-codes.js';
import { markdown as prose, markdownCode } from './escape.js';

/** docs/errors.md, from the table of error codes. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { exits, meaning }]) => `| ${markdownCode(code)} | ${exits.join(', ')} | ${prose(meaning)} |`,
  );
  return `${[
    '# Error codes',
    'Generated from `images/base/error-codes.ts` by `npm run generate`: edit that, not this page.',
    [
      'Programs that use the library find the code in `error.code`; the command prints the message and the hint instead.',
      'The exit code depends on what Hallmark was doing: 2 when nothing was opened, 3 when the image could not be judged,',
      '4 when a repair failed. A code that is listed with 3 can end in 4 when it interrupts the writing.',
    ].join('\n'),
    ['| code | exit | meaning |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n')}\n`;
}
