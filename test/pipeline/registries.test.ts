import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checks as imageChecks } from '../../checks/index.js';
import { snapshotChecks } from '../../checks/snapshot.js';
import { fixers } from '../../fixers/index.js';
import { formatNames } from '../../pipeline/cli/arguments.js';
import { rulesPage } from '../../pipeline/report/rules-page.js';
import { formats } from '../../pipeline/report/index.js';

const checks = [...imageChecks, ...snapshotChecks];

describe('the registries', () => {
  it('have every check once, sorted, each in a file of its name', () => {
    const ids = checks.map(({ meta }) => meta.id);
    assert.equal(new Set(ids).size, ids.length);
    for (const each of [imageChecks, snapshotChecks]) {
      const own = each.map(({ meta }) => meta.id);
      assert.deepEqual(own, own.toSorted());
    }
    for (const id of ids) assert.match(readFileSync(`checks/${id}.ts`, 'utf8'), new RegExp(`id: '${id}'`));
  });

  it('have a check for every fixer', () => {
    for (const { meta } of fixers) {
      assert.ok(
        checks.some((check) => check.meta.id === meta.id),
        meta.id,
      );
    }
  });

  it('are what checks/README.md says (npm run docs)', () => {
    assert.equal(
      readFileSync('checks/README.md', 'utf8'),
      rulesPage(imageChecks, fixers, snapshotChecks),
      'checks/README.md is out of date: run "npm run docs" and read the diff',
    );
  });

  it('have the formats that the command line takes', () => {
    assert.deepEqual([...formatNames].sort(), [...formats].sort());
  });
});
