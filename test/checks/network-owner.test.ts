import { networkOwner, example } from '../../checks/network-owner.js';
import { aCloudInit, aService, agent2, installed, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const stanza = { path: '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg', line: 1 } as const;
const quiet = aCloudInit({ network: { enabled: false, evidence: stanza } });
const idle = installed(agent2(), [aService({ state: 'disabled' })]);
const link = '/etc/systemd/system/multi-user.target.wants/nova-agent.service';

testRule(networkOwner, {
  example,
  pass: [
    {
      name: 'the agent, cloud-init told to leave it',
      facts: { cloudInit: quiet, agentStarters: [], installedAgents: [installed()] },
    },
    {
      name: 'the agent, no cloud-init',
      facts: { cloudInit: noCloudInit, agentStarters: [], installedAgents: [installed()] },
    },
    {
      name: 'the agent, cloud-init off altogether',
      facts: { cloudInit: aCloudInit({ enabled: false }), agentStarters: [], installedAgents: [installed()] },
    },
    {
      name: 'the agent, by rc.local',
      facts: {
        agentStarters: [{ by: 'rc.local', path: '/etc/rc.local', line: 3, last: 3 }],
        cloudInit: quiet,
        installedAgents: [idle],
      },
    },
    {
      name: 'cloud-init, no agent',
      facts: { cloudInit: aCloudInit(), agentStarters: [], installedAgents: [] },
      context: { target: 'cloud-init' },
    },
    {
      name: 'cloud-init, the agent not started',
      facts: { cloudInit: aCloudInit(), agentStarters: [], installedAgents: [idle] },
      context: { target: 'cloud-init' },
    },
  ],
  fail: [
    {
      name: 'both',
      facts: { cloudInit: aCloudInit(), agentStarters: [], installedAgents: [installed()] },
      findings: [{ message: 'both', severity: 'error', path: link, text: 'only nova-agent should' }],
    },
    {
      name: 'both, for cloud-init',
      facts: { cloudInit: aCloudInit(), agentStarters: [], installedAgents: [installed()] },
      context: { target: 'cloud-init' },
      findings: [{ message: 'both', text: 'only cloud-init should' }],
    },
    {
      name: 'neither, because cloud-init was told to leave it',
      facts: { cloudInit: quiet, agentStarters: [], installedAgents: [idle] },
      context: { target: 'cloud-init' },
      findings: [{ message: 'neither', severity: 'error', path: stanza.path, line: 1 }],
    },
    {
      name: 'cloud-init, for nova-agent',
      facts: { cloudInit: aCloudInit(), agentStarters: [], installedAgents: [idle] },
      findings: [{ message: 'other', text: 'cloud-init configures the network, not nova-agent' }],
    },
    {
      name: 'the agent, for cloud-init',
      facts: { cloudInit: quiet, agentStarters: [], installedAgents: [installed()] },
      context: { target: 'cloud-init' },
      findings: [{ message: 'other', path: link, text: 'nova-agent configures the network, not cloud-init' }],
    },
  ],
  notApplicable: [
    {
      name: 'nothing is installed',
      facts: { agentStarters: [], cloudInit: noCloudInit, installedAgents: [] },
      reason: 'neither nova-agent nor cloud-init is installed',
    },
  ],
});
