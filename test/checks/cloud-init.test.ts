import { cloudInitDatasource } from '../../checks/cloud-init-datasource.js';
import { cloudInitEnabled } from '../../checks/cloud-init-enabled.js';
import { cloudInitInstalled } from '../../checks/cloud-init-installed.js';
import { cloudInitNetworkCheck } from '../../checks/cloud-init-network.js';
import { networkLeftoversCheck } from '../../checks/network-leftovers.js';
import { aCloudInit, aNetwork, anOs, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

testRule(cloudInitEnabled, {
  pass: [{ name: 'enabled', facts: { cloudInit: aCloudInit() } }],
  fail: [
    {
      name: 'switched off twice',
      facts: {
        cloudInit: aCloudInit({
          enabled: false,
          disabledBy: [
            { path: '/etc/cloud/cloud-init.disabled', how: 'this file disables it' },
            { path: '/boot/grub/grub.cfg', line: 91, how: 'cloud-init=disabled on the kernel command line' },
          ],
        }),
      },
      findings: [
        { message: 'disabled', path: '/boot/grub/grub.cfg', line: 91 },
        { message: 'disabled', path: '/etc/cloud/cloud-init.disabled', text: 'this file disables it' },
      ],
    },
    {
      name: 'off for no reason that is known',
      facts: { cloudInit: aCloudInit({ enabled: false }) },
      findings: [{ message: 'disabled-unexplained' }],
    },
  ],
  notApplicable: [
    {
      name: 'for nova-agent',
      facts: { cloudInit: noCloudInit },
      context: { target: 'nova-agent' },
      reason: 'not asked for the target nova-agent',
    },
    { name: 'not installed', facts: { cloudInit: noCloudInit }, reason: 'cloud-init is not installed' },
  ],
});

const listed = (...list: string[]) =>
  aCloudInit({
    datasources: { list, evidence: { path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg', line: 2 }, probed: false },
  });

testRule(cloudInitDatasource, {
  pass: [
    { name: 'ConfigDrive, None', facts: { cloudInit: listed('ConfigDrive', 'None') } },
    { name: 'among others', facts: { cloudInit: listed('NoCloud', 'ConfigDrive', 'OpenStack') } },
    { name: 'the built-in list', facts: { cloudInit: aCloudInit({ datasources: undefined }) } },
  ],
  fail: [
    {
      name: 'not in the list',
      facts: { cloudInit: listed('Ec2', 'None') },
      findings: [{ message: 'not-listed', severity: 'error', line: 2, text: '[Ec2, None]' }],
    },
    {
      name: 'behind None',
      facts: { cloudInit: listed('None', 'ConfigDrive') },
      findings: [{ message: 'after-none', path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg' }],
    },
    {
      name: 'a file that cannot be read as YAML',
      facts: {
        cloudInit: aCloudInit({
          ignored: [{ path: '/etc/cloud/cloud.cfg.d/50.cfg', line: 3, reason: 'no valid YAML' }],
        }),
      },
      findings: [{ message: 'ignored', severity: 'warning', line: 3, text: 'no valid YAML' }],
    },
  ],
  notApplicable: [
    { name: 'not installed', facts: { cloudInit: noCloudInit }, reason: 'cloud-init is not installed' },
  ],
});

testRule(cloudInitInstalled, {
  pass: [{ name: 'installed', facts: { cloudInit: aCloudInit(), os: anOs() } }],
  fail: [
    {
      name: 'on a family that has a package of it',
      facts: { cloudInit: noCloudInit, os: anOs() },
      findings: [{ message: 'missing', severity: 'error', text: 'apt-get install cloud-init' }],
    },
    {
      name: 'on another',
      facts: { cloudInit: noCloudInit, os: anOs({ family: 'other', name: 'Plan 9' }) },
      findings: [{ message: 'missing-by-hand', text: 'Plan 9 has no package' }],
    },
  ],
  notApplicable: [
    {
      name: 'for nova-agent',
      facts: { cloudInit: noCloudInit, os: anOs() },
      context: { target: 'nova-agent' },
      reason: 'not asked for the target nova-agent',
    },
  ],
});

const installed = { cloudInit: aCloudInit(), os: anOs() };

testRule(cloudInitNetworkCheck, {
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

const eth0 = { path: '/etc/network/interfaces', line: 6, device: 'eth0', by: 'ifupdown' } as const;

testRule(networkLeftoversCheck, {
  pass: [{ name: 'nothing left', facts: { cloudInit: aCloudInit(), networkLeftovers: [] } }],
  fail: [
    {
      name: 'an address, and a DHCP client',
      facts: {
        cloudInit: aCloudInit(),
        networkLeftovers: [
          { ...eth0, gives: 'address' },
          { ...eth0, line: 9, gives: 'dhcp' },
        ],
      },
      findings: [
        { message: 'address', severity: 'error', line: 6, text: 'ifupdown gives eth0' },
        { message: 'dhcp', severity: 'warning', line: 9 },
      ],
    },
  ],
  notApplicable: [
    {
      name: 'not installed',
      facts: { cloudInit: noCloudInit, networkLeftovers: [] },
      reason: 'cloud-init is not installed',
    },
    {
      name: 'the network is another’s',
      facts: {
        cloudInit: aCloudInit({ network: { enabled: false, evidence: undefined } }),
        networkLeftovers: [{ ...eth0, gives: 'address' }],
      },
      reason: 'cloud-init does not configure the network',
    },
  ],
});
