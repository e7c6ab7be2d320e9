import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { checks as imageChecks } from '../../checks/index.js';
import { snapshotChecks } from '../../checks/snapshot.js';
import { staleFiles } from '../../docs/generate.js';
import { idsIn } from '../../docs/rules.js';
import { fixers } from '../../fixers/index.js';
import { formatNames } from '../../pipeline/cli/options.js';
import { formats } from '../../pipeline/report/index.js';

const checks = [...imageChecks, ...snapshotChecks];

describe('the registries', () => {
  it('have every rule of their folders, each once', () => {
    const advice = 'a file in the folder is not in its index, or the other way round: run "npm run generate"';
    assert.deepEqual(checks.map(({ meta }) => meta.id).sort(), idsIn('checks'), advice);
    assert.deepEqual(fixers.map(({ meta }) => meta.id).sort(), idsIn('fixers'), advice);
  });

  it('and the pages of the rules are as the rules are', async () => {
    assert.deepEqual(await staleFiles(), [], 'these files are stale: run "npm run generate"');
  });

  for (const folder of ['checks', 'fixers'] as const) {
    it(`${folder}: every rule has a test of its name, which tests it, and every test has its rule`, () => {
      const ids = idsIn(folder);
      for (const id of ids) {
        const path = `test/${folder}/${id}.test.ts`;
        assert.ok(existsSync(path), `${folder}/${id}.ts has no test: write ${path}`);
        const text = readFileSync(path, 'utf8');
        const tested =
          folder === 'checks' ? /^testRule\(/m.test(text) : /\bplan\w*\(|\btestRepair\(/.test(text);
        assert.ok(
          tested && text.includes(`../../${folder}/${id}.js`),
          `${path} does not test ${folder}/${id}.ts`,
        );
      }
      const strays = readdirSync(`test/${folder}`)
        .filter((name) => name.endsWith('.test.ts') && name !== 'index.test.ts')
        .filter((name) => !ids.includes(name.slice(0, -'.test.ts'.length)));
      assert.deepEqual(strays, [], 'a test has the name of the rule that it tests');
    });
  }

  it('have the formats that the command line takes', () => {
    assert.deepEqual([...formatNames].sort(), [...formats].sort());
  });
});
