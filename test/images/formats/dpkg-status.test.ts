import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isInstalled, parseDpkgStatus } from '../../../images/formats/dpkg-status.js';
import { cpuTime } from '../../support/cpu-time.js';

const status = `Package: adduser
Status: install ok installed
Architecture: all
Version: 3.134
Description: add and remove users
 Package: no-field
 .
 Version: 9

package:old
STATUS:  deinstall ok config-files
Version: 1:2.0-1\r


X-Other: only
`;

describe('dpkg status', () => {
  it('reads paragraphs', () => {
    const [adduser, old, ...more] = parseDpkgStatus(status);
    assert.deepEqual(adduser, {
      package: 'adduser',
      version: '3.134',
      architecture: 'all',
      status: 'install ok installed',
    });
    assert.deepEqual(old, {
      package: 'old',
      version: '1:2.0-1',
      architecture: undefined,
      status: 'deinstall ok config-files',
    });
    assert.deepEqual(more, []);
  });

  it('knows what counts as installed', () => {
    for (const state of [
      'install ok installed',
      'hold ok installed',
      'install ok triggers-pending',
      'install ok triggers-awaited',
    ]) {
      assert.ok(isInstalled(state), state);
    }
    for (const state of [
      '',
      'installed',
      'deinstall ok config-files',
      'install ok half-installed',
      'install ok unpacked',
      'install ok half-configured',
    ]) {
      assert.ok(!isInstalled(state), state);
    }
  });

  it('reads 1.5 MB in well under a tenth of a second', async () => {
    const large = status.repeat(Math.ceil(1_500_000 / status.length));
    assert.ok(parseDpkgStatus(large).length > 10_000);
    assert.ok((await cpuTime(() => parseDpkgStatus(large))) < 100);
  });

  it('never throws', () => {
    const line = fc.constantFrom(
      'Package: a\n',
      'Version: 1\n',
      'Version',
      ':',
      '\n',
      ' x\n',
      'Status: a b installed\n',
      '\0',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(line).map((lines) => lines.join('')),
        ),
        (text) => void parseDpkgStatus(text),
      ),
    );
  });
});
