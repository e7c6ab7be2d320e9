import { writeFileSync } from 'node:fs';
import { checks } from '../checks/index.js';
import { snapshotChecks } from '../checks/snapshot.js';
import { fixers } from '../fixers/index.js';
import { rulesPage } from '../pipeline/report/rules-page.js';

/** `npm run docs`: writes checks/README.md from what the rules say of themselves. A test fails when it is stale. */
writeFileSync('checks/README.md', rulesPage(checks, fixers, snapshotChecks));
