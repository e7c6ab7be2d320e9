import { writeFileSync } from 'node:fs';
import { checks } from '../checks/index.js';
import { snapshotChecks } from '../checks/snapshot.js';
import { fixers } from '../fixers/index.js';
import { errorsPage } from '../pipeline/report/errors-page.js';
import { rulesPage } from '../pipeline/report/rules-page.js';

/** `npm run docs`: writes the pages that are generated. A test fails when one is stale. */
writeFileSync('checks/README.md', rulesPage(checks, fixers, snapshotChecks));
writeFileSync('docs/errors.md', errorsPage());
