import { cloudInitNetworkCheck, example } from '../../checks/cloud-init-network.js';
import { aCloudInit, aNetwork, anOs, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const installed = { cloudInit: aCloudInit(), os: anOs() };

testRule(cloudInitNetworkCheck, {
  example,
  pass: [{ name: 'ifupdown, complete', facts: { ...installed, cloudInitNetwork: aNetwork() } }],
  fail: [
    {
      name: 'nothing to configure',
      facts: {
        ...installed,
        cloudInitNetwork: aNetwork({
          renderer: undefined,
          order: ['netplan', 'eni'],
          orderFrom: { path: '/etc/cloud/cloud.cfg', line: 90 },
          started: false,
          lacksRoute: false,
        }),
      },
      findings: [{ message: 'no-renderer', path: '/etc/cloud/cloud.cfg', line: 90, text: 'netplan, eni' }],
    },
    {
      name: 'a service that is not enabled, and one that is not there',
      facts: {
        ...installed,
        cloudInitNetwork: aNetwork({ renderer: 'networkd', starter: 'systemd-networkd', started: false }),
      },
      findings: [{ message: 'not-started', severity: 'error', text: 'systemd-networkd is not enabled' }],
    },
    {
      name: 'a service that is not there',
      facts: {
        ...installed,
        cloudInitNetwork: aNetwork({ starters: ['a', 'b'], starter: undefined, started: false }),
      },
      findings: [{ message: 'not-started', text: 'a or b is not there' }],
    },
    {
      name: 'no route(8), and a file that nothing takes in',
      facts: {
        ...installed,
        cloudInitNetwork: aNetwork({
          lacksRoute: true,
          notTakenIn: '/etc/network/interfaces.d/50-cloud-init',
        }),
      },
      findings: [
        { message: 'no-route', text: 'no default route' },
        { message: 'not-taken-in', path: '/etc/network/interfaces', text: '50-cloud-init' },
      ],
    },
    {
      name: 'enabled, and not started',
      facts: {
        cloudInit: aCloudInit(),
        os: anOs(),
        cloudInitNetwork: aNetwork({
          obstacles: [
            {
              service: 'networking.service',
              found: [true, false].map((certain, line) => ({
                certain,
                evidence: { path: '/lib/systemd/system/networking.service', line: line + 1 },
                because: 'ConditionPathExists=/x does not hold',
              })),
            },
          ],
        }),
      },
      findings: [
        { message: 'start-refused', severity: 'error', line: 1, text: 'networking.service is enabled' },
        { message: 'start-undecided', severity: 'warning', line: 2 },
      ],
    },
  ],
  notApplicable: [
    {
      name: 'not installed',
      facts: { cloudInit: noCloudInit, os: anOs(), cloudInitNetwork: aNetwork() },
      reason: 'cloud-init is not installed',
    },
    {
      name: 'a distribution that cloud-init knows its own way for',
      facts: { ...installed, cloudInitNetwork: aNetwork({ known: false, renderer: undefined }) },
      reason: /how cloud-init configures the network of Debian .* is not known/,
    },
  ],
});
