import { xeEnabled, example } from '../../checks/xe-enabled.js';
import { aService, agent1, agent2, anOs, anXe, someServices, xeService } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const started = { agents: [agent2()], os: anOs(), xe: anXe(), services: someServices() };
const stopped = (state: 'disabled' | 'masked' | 'static') =>
  someServices({ all: [aService(), xeService({ state })] });

const kept = (state: 'enabled' | 'disabled', certain: boolean) =>
  someServices({
    all: [aService(), xeService({ state })],
    obstacles: {
      'xe-linux-distribution.service': [
        { certain, evidence: { path: '/x', line: 2 }, because: 'for a reason' },
      ],
    },
  });

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
    {
      name: 'under one of two names, the other kept from starting',
      facts: {
        ...started,
        services: someServices({
          all: [xeService(), aService({ id: 'xe-daemon.service', name: 'xe-daemon' })],
          obstacles: {
            'xe-linux-distribution.service': [
              { certain: true, evidence: { path: '/x' }, because: 'for a reason' },
            ],
          },
        }),
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
      name: 'enabled below a target that no boot reaches',
      facts: { ...started, services: kept('disabled', true) },
      findings: [
        { message: 'enabled-in-vain', severity: 'warning', path: '/x', text: 'in vain: for a reason' },
      ],
    },
    {
      name: 'enabled and not started, 1.x',
      facts: { ...started, agents: [agent1()], services: kept('enabled', true) },
      findings: [{ message: 'not-started', severity: 'error', path: '/x', line: 2, text: 'for a reason' }],
    },
    {
      name: 'enabled and perhaps not started, 1.x',
      facts: { ...started, agents: [agent1()], services: kept('enabled', false) },
      findings: [{ message: 'start-undecided', severity: 'warning', path: '/x' }],
    },
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
