import assert from 'node:assert/strict';
import { cloudInitInstalled } from '../../fixers/cloud-init-installed.js';
import { memoryImage } from '../../images/image/memory.js';
import { agentAndCloudInit } from '../guests/agent-and-cloud-init.js';
import { installerOf, order } from '../support/installer.js';
import { inShort, planFor } from '../support/fixer-tester.js';

const image = memoryImage(agentAndCloudInit);

describe('fixer cloud-init-installed', () => {
  it('installs what was ordered, and nothing without an order', async () => {
    const asked: unknown[] = [];
    const { changes } = await planFor(
      cloudInitInstalled,
      image,
      {},
      { installer: installerOf(order, asked) },
    );
    assert.deepEqual(inShort(changes).slice(-1), ['write /usr/share/cloud-init']);
    assert.deepEqual(asked, [['cloud-init']]);
    for (const context of [{}, { installer: installerOf(undefined) }])
      assert.deepEqual((await planFor(cloudInitInstalled, image, {}, context)).changes, []);
  });
});
