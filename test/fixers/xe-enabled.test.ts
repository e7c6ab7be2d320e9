import assert from 'node:assert/strict';
import { xeEnabled as check, example } from '../../checks/xe-enabled.js';
import { xeEnabled } from '../../fixers/xe-enabled.js';
import { aService, anXe, someServices, xeService } from '../support/facts.js';
import { testRepair } from '../support/fixer-tester.js';
import { changes, planServices } from '../support/plan-services.js';

describe('fixer xe-enabled', () => {
  testRepair(xeEnabled, check, example);

  it('enables the first service there is', async () => {
    const all = [
      aService(),
      xeService({ state: 'masked' }),
      aService({ name: 'xe-daemon', state: 'disabled' }),
    ];
    assert.deepEqual(
      await planServices(xeEnabled, { services: someServices({ all, changes }), xe: anXe() }),
      [
        'link /etc/systemd/system/multi-user.target.wants/xe-linux-distribution.service -> /lib/systemd/system/xe-linux-distribution.service',
      ],
    );
  });

  it('plans nothing when any is enabled, or none is installed', async () => {
    const all = [xeService({ state: 'disabled' }), aService({ name: 'xe-daemon' })];
    assert.deepEqual(await planServices(xeEnabled, { services: someServices({ all }), xe: anXe() }), []);
    assert.deepEqual(
      await planServices(xeEnabled, { services: someServices({ all: [aService()] }), xe: anXe() }),
      [],
    );
    assert.deepEqual(await planServices(xeEnabled, { services: someServices({ all }), xe: undefined }), []);
  });
});
