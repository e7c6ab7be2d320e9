import assert from 'node:assert/strict';
import { xeInstalled as check, example } from '../../checks/xe-installed.js';
import { xeInstalled } from '../../fixers/xe-installed.js';
import type { InstallOrder, Installer } from '../../fixers/lib/installer.js';
import { write } from '../../images/image/change.js';
import { xeUnitV7 } from '../guests/parts.js';
import { memoryImage } from '../../images/image/memory.js';
import { planFor, testRepair } from '../support/fixer-tester.js';

const file: InstallOrder = { offline: false, source: { kind: 'file', path: '/xe.deb', format: 'deb' } };

function installerOf(xe: InstallOrder | undefined, asked: unknown[] = []): Installer {
  return {
    agent: undefined,
    xe,
    cloudInit: undefined,
    remove: () => Promise.reject(new Error('nothing is removed here')),
    install: async (order, { names }, view) => {
      asked.push(order, names);
      return write(view, '/lib/systemd/system/xe-linux-distribution.service', xeUnitV7);
    },
  };
}

describe('fixer xe-installed', () => {
  testRepair(xeInstalled, check, example, installerOf(file));

  it('installs the file that was given, under the package’s name', async () => {
    const asked: unknown[] = [];
    await planFor(xeInstalled, memoryImage({}), {}, { installer: installerOf(file, asked) });
    assert.deepEqual(asked, [file, ['xe-guest-utilities']]);
  });

  it('plans nothing unless it was asked for', async () => {
    for (const installer of [undefined, installerOf(undefined)])
      assert.deepEqual((await planFor(xeInstalled, memoryImage({}), {}, { installer })).changes, []);
  });
});
