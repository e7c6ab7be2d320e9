import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { packageText } from '../../../images/base/package-file.js';
import { version } from '../../../pipeline/report/version.js';

describe('a file that comes with the package', () => {
  it('is read from the root of the package', () => {
    for (const path of ['package.json', 'pipeline/rehearse/scenario.yaml'])
      assert.equal(packageText(path), readFileSync(path, 'utf8'));
    assert.equal(version, (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version);
  });

  it('is an error when it is not there', () => {
    assert.throws(() => packageText('no-such-file'), { code: 'ENOENT' });
  });
});
