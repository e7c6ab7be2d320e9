import { agentRunning } from '../../checks/agent-running.js';
import { snapshotContents } from '../../checks/snapshot-contents.js';
import { tunnelsPresent } from '../../checks/tunnels-present.js';
import { xeRunning } from '../../checks/xe-running.js';
import { xenstoreReachable } from '../../checks/xenstore-reachable.js';
import type { Process } from '../../images/live/processes.js';
import { agent1, agent2, anOs, anXe, installed } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const elsewhere = { name: 'a root that is not the running one', reason: '/mnt/x is not the running system' };
const notRunning = { runningSystem: '/mnt/x is not the running system' };
const runs = (...programs: string[]): Process[] =>
  programs.map((program, at) => ({ pid: 100 + at, program, args: [] }));

const agent = { installedAgents: [installed()], processes: runs('/usr/bin/nova-agent'), runningSystem: true };
testRule(agentRunning, {
  pass: [
    { name: '2.x', facts: agent },
    {
      name: '1.x, by its own tree',
      facts: {
        ...agent,
        installedAgents: [installed(agent1())],
        processes: runs('/usr/share/nova-agent/1.39.1/sbin/nova-agent'),
      },
    },
  ],
  fail: [
    {
      name: 'only its init script, and a look at its log',
      facts: { ...agent, processes: runs('/etc/init.d/nova-agent', '/usr/bin/tail') },
      findings: [{ message: 'not-running', path: '/usr/bin/nova-agent', text: 'nova-agent 2.1.25' }],
    },
  ],
  notApplicable: [
    { ...elsewhere, facts: { ...agent, ...notRunning, processes: [] } },
    { name: 'no agent', facts: { ...agent, installedAgents: [] }, reason: 'no nova-agent is installed' },
  ],
});

const xe = {
  agents: [agent2()],
  os: anOs(),
  processes: runs('/usr/sbin/xe-daemon'),
  runningSystem: true,
  xe: anXe(),
};
testRule(xeRunning, {
  pass: [
    { name: 'xe-daemon', facts: xe },
    { name: 'its successor', facts: { ...xe, processes: runs('/usr/sbin/xen-guest-agent') } },
  ],
  fail: [
    {
      name: 'not running, where a 2.x agent has the kernel’s device',
      facts: { ...xe, processes: runs('/usr/sbin/xe-linux-distribution') },
      findings: [{ message: 'not-running', severity: 'warning', path: '/usr/sbin/xe-daemon' }],
    },
    {
      name: 'not running, under a 1.x agent',
      facts: { ...xe, agents: [agent1()], processes: [] },
      findings: [{ message: 'not-running', severity: 'error' }],
    },
  ],
  notApplicable: [
    { ...elsewhere, facts: { ...xe, ...notRunning, processes: [] } },
    { name: 'none installed', facts: { ...xe, xe: undefined }, reason: 'no XenServer guest utilities' },
  ],
});

const door = (state: string, path = '/dev/xen/xenbus', detail = 'x') => ({ path, state, detail });
testRule(xenstoreReachable, {
  pass: [
    { name: 'the device answers', facts: { runningSystem: true, xenstoreDoors: [door('open')] } },
    {
      name: 'the second way answers',
      facts: { runningSystem: true, xenstoreDoors: [door('refused'), door('open', '/proc/xen/xenbus')] },
    },
  ],
  fail: [
    { name: 'no way', facts: { runningSystem: true, xenstoreDoors: [] }, findings: [{ message: 'missing' }] },
    {
      name: 'ways that lead nowhere, each with its reason',
      facts: {
        runningSystem: true,
        xenstoreDoors: [
          door('refused', '/dev/xen/xenbus', 'EACCES'),
          door('silent', '/proc/xen/xenbus'),
          door('strange', '/run/xenstored/socket', 'is not a socket'),
        ],
      },
      findings: [
        { message: 'refused', path: '/dev/xen/xenbus', text: '(EACCES)' },
        { message: 'silent', path: '/proc/xen/xenbus' },
        { message: 'strange', text: 'it is not a socket' },
      ],
    },
  ],
  notApplicable: [{ ...elsewhere, facts: { ...notRunning, xenstoreDoors: [] } }],
});

const tun = { name: 'tun0', kind: 'tun', hasAddress: false };
testRule(tunnelsPresent, {
  pass: [
    { name: 'none', facts: { agents: [agent1({ version: '1.39.0' })], runningSystem: true, tunnels: [] } },
  ],
  fail: [
    {
      name: 'under an agent that survives it',
      facts: { agents: [agent2()], runningSystem: true, tunnels: [tun] },
      findings: [{ message: 'present', severity: 'info', path: '/sys/class/net/tun0' }],
    },
    {
      name: 'under one that does not; a tap device does it no harm',
      facts: {
        agents: [agent1({ version: '1.39.0' })],
        runningSystem: true,
        tunnels: [tun, { name: 'tun1', kind: 'tap', hasAddress: true }],
      },
      findings: [
        { message: 'kills-agent', severity: 'warning', text: 'nova-agent 1.39.0' },
        { message: 'present', severity: 'info' },
      ],
    },
  ],
  notApplicable: [{ ...elsewhere, facts: { agents: [], ...notRunning, tunnels: [] } }],
});

const every = ['host-key', 'machine-id', 'history', 'authorized-keys', 'private-key', 'leftover'];
testRule(snapshotContents, {
  pass: [{ name: 'nothing', facts: { travellers: [] } }],
  fail: [
    {
      name: 'each by its size',
      facts: {
        travellers: [
          ...every.map((kind, at) => ({ kind, path: `/${at}`, size: 10 + at })),
          { kind: 'instance-data', path: '/7', size: 99, files: 3 },
          { kind: 'logs', path: '/8', size: 1000, files: 12 },
        ],
      },
      findings: [
        ...every.map((message, at) => ({
          message,
          path: `/${at}`,
          severity: message === 'leftover' ? ('info' as const) : ('warning' as const),
          text: `${10 + at} bytes`,
        })),
        { message: 'instance-data', severity: 'warning', text: '3 files, 99 bytes' },
        { message: 'logs', severity: 'info', text: '12 files, 1000 bytes' },
      ],
    },
  ],
});
