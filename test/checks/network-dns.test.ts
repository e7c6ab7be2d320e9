import { example, networkDns } from '../../checks/network-dns.js';
import type { NameService } from '../../images/guest/network/name-service.js';
import { aCloudInit, installed, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const facts = (change: Partial<NameService> = {}): Record<string, unknown> => ({
  cloudInit: aCloudInit(),
  installedAgents: [installed()],
  nameService: { unheard: [], fixed: false, missing: false, dangling: undefined, ...change },
});

testRule(networkDns, {
  example,
  pass: [
    { name: 'handed on', facts: facts() },
    { name: 'of another owner', facts: facts({ unheard: ['cloud-init'] }) },
  ],
  fail: [
    {
      name: 'nobody hears them',
      facts: facts({ unheard: ['nova-agent'] }),
      findings: [
        { message: 'unheard', severity: 'error', path: '/etc/resolv.conf', text: 'nova-agent writes' },
      ],
    },
    {
      name: 'nobody hears them, and there is no file yet',
      facts: facts({ unheard: ['nova-agent'], missing: true }),
      findings: [{ message: 'unheard', severity: 'warning' }],
    },
    {
      name: 'the image names its own',
      facts: facts({ unheard: ['nova-agent'], fixed: true }),
      findings: [{ message: 'fixed', severity: 'info' }],
    },
    {
      name: 'nobody hears them, and the link leads nowhere',
      facts: facts({ unheard: ['nova-agent'], dangling: '../run/x' }),
      findings: [{ message: 'unheard', severity: 'error' }],
    },
    {
      name: 'a link that leads nowhere',
      facts: facts({ dangling: '../run/x' }),
      findings: [{ message: 'dangling', severity: 'warning', text: '../run/x' }],
    },
  ],
  notApplicable: [
    {
      name: 'no agent',
      facts: { ...facts(), installedAgents: [] },
      reason: 'no nova-agent is installed',
    },
    {
      name: 'no cloud-init',
      facts: { ...facts(), cloudInit: noCloudInit },
      context: { target: 'cloud-init' },
      reason: 'cloud-init is not installed',
    },
    {
      name: 'cloud-init leaves the network alone',
      facts: { ...facts(), cloudInit: aCloudInit({ network: { enabled: false, evidence: undefined } }) },
      context: { target: 'cloud-init' },
      reason: 'does not configure the network',
    },
  ],
});
