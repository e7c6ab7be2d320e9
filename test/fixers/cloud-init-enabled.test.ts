import assert from 'node:assert/strict';
import { cloudInitEnabled as check, example } from '../../checks/cloud-init-enabled.js';
import { cloudInitEnabled } from '../../fixers/cloud-init-enabled.js';
import { memoryImage } from '../../images/image/memory.js';
import { aCloudInit, noCloudInit } from '../support/facts.js';
import { planFor, testRepair } from '../support/fixer-tester.js';

describe('fixer cloud-init-enabled', () => {
  testRepair(cloudInitEnabled, check, example);

  it('does nothing where cloud-init runs, or is not installed', async () => {
    for (const cloudInit of [aCloudInit(), noCloudInit]) {
      assert.deepEqual(
        (
          await planFor(cloudInitEnabled, memoryImage({ '/etc/cloud/cloud.cfg': 'users:\n - default\n' }), {
            cloudInit,
          })
        ).changes,
        [],
      );
    }
  });
});
