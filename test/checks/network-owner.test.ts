import { networkOwner, example } from '../../checks/network-owner.js';
import type { AgentStart } from '../../images/guest/agents/agent-start.js';
import type { GuestPath } from '../../images/image/image.js';
import { aCloudInit, aService, agent2, installed, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const stanza = { path: '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg', line: 1 } as const;
const quiet = aCloudInit({ network: { enabled: false, evidence: stanza } });
const idle = installed(agent2(), [aService({ state: 'disabled' })]);
const link: GuestPath = '/etc/systemd/system/multi-user.target.wants/nova-agent.service';

const own: AgentStart = { by: 'service', service: aService(), evidence: { path: link } };

testRule(networkOwner, {
  example,
  pass: [
    {
      name: 'the agent, cloud-init told to leave it',
      facts: { cloudInit: quiet, installedAgents: [installed()], agentStart: own },
    },
    {
      name: 'the agent, no cloud-init',
      facts: { cloudInit: noCloudInit, installedAgents: [installed()], agentStart: own },
    },
    {
      name: 'the agent, cloud-init off altogether',
      facts: { cloudInit: aCloudInit({ enabled: false }), installedAgents: [installed()], agentStart: own },
    },
    {
      name: 'the agent, by rc.local',
      facts: {
        agentStart: { by: 'rc.local', evidence: { path: '/etc/rc.local', line: 3 } },
        cloudInit: quiet,
        installedAgents: [idle],
      },
    },
    {
      name: 'cloud-init, no agent',
      facts: { agentStart: undefined, cloudInit: aCloudInit(), installedAgents: [] },
      context: { target: 'cloud-init' },
    },
    {
      name: 'cloud-init, the agent not started',
      facts: { agentStart: undefined, cloudInit: aCloudInit(), installedAgents: [idle] },
      context: { target: 'cloud-init' },
    },
  ],
  fail: [
    {
      name: 'both',
      facts: { cloudInit: aCloudInit(), installedAgents: [installed()], agentStart: own },
      findings: [{ message: 'both', severity: 'error', path: link, text: 'only nova-agent should' }],
    },
    {
      name: 'both, for cloud-init',
      facts: { cloudInit: aCloudInit(), installedAgents: [installed()], agentStart: own },
      context: { target: 'cloud-init' },
      findings: [{ message: 'both', text: 'only cloud-init should' }],
    },
    {
      name: 'neither, because cloud-init was told to leave it',
      facts: { agentStart: undefined, cloudInit: quiet, installedAgents: [idle] },
      context: { target: 'cloud-init' },
      findings: [{ message: 'neither', severity: 'error', path: stanza.path, line: 1 }],
    },
    {
      name: 'cloud-init, for nova-agent',
      facts: { agentStart: undefined, cloudInit: aCloudInit(), installedAgents: [idle] },
      findings: [{ message: 'other', text: 'cloud-init configures the network, not nova-agent' }],
    },
    {
      name: 'the agent, for cloud-init',
      facts: { cloudInit: quiet, installedAgents: [installed()], agentStart: own },
      context: { target: 'cloud-init' },
      findings: [{ message: 'other', path: link, text: 'nova-agent configures the network, not cloud-init' }],
    },
  ],
  notApplicable: [
    {
      name: 'nothing is installed',
      facts: { agentStart: undefined, cloudInit: noCloudInit, installedAgents: [] },
      reason: 'neither nova-agent nor cloud-init is installed',
    },
  ],
});
