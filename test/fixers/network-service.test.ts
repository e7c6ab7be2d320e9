import assert from 'node:assert/strict';
import { example, networkService as check } from '../../checks/network-service.js';
import { networkServiceFixer } from '../../fixers/network-service.js';
import { runCheck } from '../../checks/lib/result.js';
import { factsOf } from '../../images/guest/fact.js';
import { networkAtBoot } from '../../images/guest/network/at-boot.js';
import { services } from '../../images/guest/init/services.js';
import { memoryImage } from '../../images/image/memory.js';
import { exampleGuestFiles } from '../guests/example-guests.js';
import { planFor, testRepair } from '../support/fixer-tester.js';

describe('fixer network-service', () => {
  testRepair(networkServiceFixer, check, example);

  it('lifts a mask', async () => {
    const image = memoryImage({
      ...exampleGuestFiles['debian-12'],
      '/etc/systemd/system/networking.service': { link: '/dev/null' },
    });
    const get = factsOf(image);
    const facts = { networkAtBoot: await get(networkAtBoot), services: await get(services) };
    const { after } = await planFor(networkServiceFixer, image, facts);
    const context = {
      target: 'nova-agent',
      family: 'Linux',
      metadata: undefined,
      today: '2026-01-15',
    } as const;
    assert.equal((await runCheck(check, get, context)).findings[0]?.messageId, 'masked');
    assert.equal((await runCheck(check, factsOf(after), context)).outcome, 'pass');
  });
});
