import { xeEnabled, example } from '../../checks/xe-enabled.js';
import { aService, agent1, agent2, anOs, anXe, someServices, xeService } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const started = { agents: [agent2()], os: anOs(), xe: anXe(), services: someServices() };
const stopped = (state: 'disabled' | 'masked' | 'static') =>
  someServices({ all: [aService(), xeService({ state })] });

testRule(xeEnabled, {
  example,
  pass: [
    { name: 'under its old name', facts: started },
    {
      name: 'under its new name, the old one disabled beside it',
      facts: {
        ...started,
        services: someServices({ all: [xeService({ state: 'disabled' }), aService({ name: 'xe-daemon' })] }),
      },
    },
  ],
  fail: [
    {
      name: 'disabled, 2.x with the device',
      facts: { ...started, services: stopped('disabled') },
      findings: [{ message: 'disabled', severity: 'warning', text: 'xe-linux-distribution.service' }],
    },
    {
      name: 'disabled, 1.x',
      facts: { ...started, agents: [agent1()], services: stopped('disabled') },
      findings: [{ message: 'disabled', severity: 'error' }],
    },
    { name: 'masked', facts: { ...started, services: stopped('masked') }, findings: [{ message: 'masked' }] },
    {
      name: 'withheld by where the boot leads',
      facts: {
        ...started,
        services: someServices({
          all: [
            xeService({
              state: 'disabled',
              withheldBy: {
                certain: true,
                evidence: { path: '/etc/systemd/system/default.target' },
                because: 'default.target is rescue.target, which does not start multi-user.target',
              },
            }),
          ],
        }),
      },
      findings: [{ message: 'withheld', path: '/etc/systemd/system/default.target', text: /rescue\.target/ }],
    },
    { name: 'static', facts: { ...started, services: stopped('static') }, findings: [{ message: 'static' }] },
    {
      name: 'no service',
      facts: { ...started, services: someServices({ all: [aService()] }) },
      findings: [{ message: 'no-service', text: 'called xe-linux-distribution, xe-daemon' }],
    },
  ],
  notApplicable: [
    {
      name: 'not installed',
      facts: { ...started, xe: undefined },
      reason: 'no XenServer guest utilities are installed',
    },
  ],
});
