import { example, firstBootPresets } from '../../checks/first-boot-presets.js';
import type { FirstBoot } from '../../images/guest/first-boot.js';
import type { Vpn } from '../../images/guest/vpn/vpn.js';
import { aService, agent2, anOs, anXe, installed, someServices, xeService } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const evidence = { path: '/etc/machine-id' } as const;
const because = '/etc/machine-id is missing';
const vendor = { path: '/usr/lib/systemd/system-preset/99.preset', line: 1 } as const;
const off = { action: 'disable', pattern: '*', instances: [], ...vendor } as const;
const on = { ...off, action: 'enable', pattern: 'n*' } as const;
type Outcome = FirstBoot['outcomes'][number];
const outcome = (change: Partial<Outcome>): Outcome => ({
  mode: 'full',
  likelihood: 'usual',
  stopped: [],
  started: [],
  vpns: [],
  ...change,
});
const booting = (outcomes: readonly Outcome[], doubt?: string): FirstBoot => ({
  evidence,
  because,
  isStated: true,
  doubt,
  outcomes,
});
const network = aService({ id: 'networking.service', name: 'networking' });
const manager = aService({ id: 'NetworkManager.service', name: 'NetworkManager', state: 'disabled' });
const stage = aService({ id: 'cloud-final.service', name: 'cloud-final' });
const vpn: Vpn = {
  product: 'tailscale',
  name: 'tailscaled',
  evidence: { path: '/etc/systemd/system/multi-user.target.wants/tailscaled.service' },
  how: '',
  tunnelLink: true,
  disable: async () => [],
};
const facts = {
  agents: [agent2()],
  firstBoot: booting([outcome({})]),
  installedAgents: [installed()],
  os: anOs(),
  services: someServices({ all: [aService(), xeService(), network, manager, stage] }),
  xe: anXe(),
};
const stopped = (...services: readonly ReturnType<typeof aService>[]): Outcome =>
  outcome({ stopped: services.map((service) => ({ service, rule: off })) });
const cloud = { target: 'cloud-init' } as const;

testRule(firstBootPresets, {
  example,
  pass: [
    { name: 'nothing changes', facts },
    {
      name: 'what nobody asked for goes, and comes',
      facts: {
        ...facts,
        firstBoot: booting([
          outcome({
            stopped: [{ service: aService({ id: 'cups.service', name: 'cups' }), rule: off }],
            started: [{ service: aService({ id: 'exim.service', name: 'exim' }), rule: undefined }],
          }),
        ]),
      },
    },
    {
      name: 'cloud-init goes where the agent configures',
      facts: { ...facts, firstBoot: booting([stopped(stage)]) },
    },
    {
      name: 'the agent goes where cloud-init configures',
      facts: { ...facts, firstBoot: booting([stopped(aService())]) },
      context: cloud,
    },
  ],
  fail: [
    {
      name: 'agent, guest utilities and network go',
      facts: { ...facts, firstBoot: booting([stopped(aService(), xeService(), network)]) },
      findings: [
        { message: 'switched-off', severity: 'error', text: 'networking.service' },
        {
          message: 'switched-off',
          severity: 'error',
          ...vendor,
          text: /nova-agent\.service off: .*"disable \*" in .* applies/,
        },
        { message: 'switched-off', severity: 'warning', text: 'xe-linux-distribution' },
      ],
    },
    {
      name: 'cloud-init goes',
      facts: { ...facts, firstBoot: booting([stopped(stage)]) },
      context: cloud,
      findings: [{ message: 'switched-off', severity: 'error', text: 'cloud-final.service' }],
    },
    {
      name: 'the agent comes back where cloud-init configures',
      facts: { ...facts, firstBoot: booting([outcome({ started: [{ service: aService(), rule: on }] })]) },
      context: cloud,
      findings: [{ message: 'switched-on', severity: 'error', ...vendor, text: /"enable n\*"/ }],
    },
    {
      name: 'a VPN comes back in either mode',
      facts: {
        ...facts,
        firstBoot: booting(
          ['full', 'enable-only'].map((mode) => outcome({ mode: mode as Outcome['mode'], vpns: [vpn] })),
        ),
      },
      findings: [
        {
          message: 'switched-on',
          severity: 'error',
          path: '/etc/machine-id',
          text: /no preset file says otherwise/,
        },
      ],
    },
    {
      name: 'NetworkManager comes back',
      facts: {
        ...facts,
        firstBoot: booting([outcome({ started: [{ service: manager, rule: undefined }] })]),
      },
      findings: [{ message: 'switched-on', severity: 'warning', text: 'NetworkManager' }],
    },
    {
      name: 'in one of two modes only',
      facts: {
        ...facts,
        firstBoot: booting([
          outcome({ mode: 'enable-only', likelihood: 'possible' }),
          { ...stopped(aService()), likelihood: 'possible' },
        ]),
      },
      findings: [
        {
          message: 'perhaps-off',
          severity: 'warning',
          text: /when it was built, and is not in the image\.$/,
        },
      ],
    },
    {
      name: 'only where systemd is built otherwise',
      facts: {
        ...facts,
        firstBoot: booting([
          outcome({ mode: 'enable-only' }),
          { ...stopped(aService()), likelihood: 'unusual' },
        ]),
      },
      findings: [{ message: 'perhaps-off', severity: 'info', text: /systemctl preset-all/ }],
    },
    {
      name: 'a VPN comes back where cloud-init configures',
      facts: { ...facts, firstBoot: booting([outcome({ vpns: [vpn] })]) },
      context: cloud,
      findings: [{ message: 'switched-on', severity: 'warning' }],
    },
    {
      name: 'where the root file system may be read-only',
      facts: { ...facts, firstBoot: booting([outcome({ vpns: [vpn] })], 'It is read-only.') },
      findings: [{ message: 'perhaps-on', severity: 'warning', text: /otherwise\. It is read-only\.$/ }],
    },
  ],
  notApplicable: [
    { name: 'no first boot', facts: { ...facts, firstBoot: undefined }, reason: 'not a first boot' },
  ],
});
