import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { errorCodes } from '../../../images/base/error-codes.js';
import { errorsPage } from '../../../pipeline/report/errors-page.js';
import { inProject } from '../../support/project.js';

describe('errorsPage', () => {
  const page = errorsPage();

  it('has a row for each code', () => {
    const rows = page.match(/^\| `[a-z-]+` \| [2-4](?:, [2-4])* \| .+\. \|$/gm) ?? [];
    assert.equal(rows.length, Object.keys(errorCodes).length);
    assert.ok(page.includes('| `locked` | 4 | Another run is working on the same image. Wait'));
  });

  it('is docs/errors.md (run "npm run generate" when it is not)', () => {
    assert.equal(readFileSync(inProject('docs/errors.md'), 'utf8'), page);
  });
});
