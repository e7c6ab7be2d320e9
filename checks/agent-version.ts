import { agents } from '../images/guest/agents/agents.js';
import type { Agent } from '../images/guest/agents/agent.js';
import { type Os, os } from '../images/guest/os.js';
import { packages } from '../images/guest/packages.js';
import { vpns } from '../images/guest/vpn/vpns.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, allAbout, article } from './lib/references.js';
import { diesOfTunnels, firstWithoutTunnelCrash } from './lib/tunnel-crash.js';
import { majorOf, olderThan } from './lib/versions.js';

/** The first 2.x release that can do each of these; from the project's tags. */
const firstWithNetplan = '2.1.13';
const firstWithReadiness = '2.1.14';
const firstWithNetworkManager = '2.1.25';

export const agentVersion = defineCheck({
  meta: {
    id: 'agent-version',
    title: 'this version of nova-agent has no known fault that matters here',
    failureTitle: 'this version of nova-agent has a known fault',
    category: 'agent',
    severity: 'warning',
    targets: ['nova-agent'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      'tunnel-crash':
        'nova-agent {{version}} crashes (segmentation fault) at resetnetwork when the server has a tunnel; {{fixed}} does not',
      unknown: 'nothing in the image tells the version of nova-agent {{program}}',
      netplan:
        'nova-agent {{version}} writes /etc/network/interfaces, which a guest with netplan does not read; {{fixed}} writes netplan’s file',
      'network-manager':
        'nova-agent {{version}} cannot configure NetworkManager, which runs the network on {{os}}; {{fixed}} can',
      readiness:
        'nova-agent {{version}} does not tell systemd when it is ready, so nothing can wait for it; {{fixed}} does',
    },
    docs: {
      why: 'Before 1.39.1, the 1.x agent assumes that every network interface has an address structure. A link without a hardware address (tun, WireGuard, PPP) has none, so a segmentation fault kills the agent during resetnetwork. If a VPN starts in the image, that happens during the first boot of every new server. Early 2.x releases know neither netplan nor NetworkManager, so the guest does not use what they configure. The two generations are separate products. Changing from 1.x to 2.x is difficult and gains nothing, so update only within a generation.',
      remedy:
        'Update within the generation: 2.x with the package manager (`apt-get install python3-nova-agent`, `yum update nova-agent`), 1.x to 1.39.1 with the installer from https://github.com/rackerlabs/openstack-guest-agents-unix. Do not replace 1.x by 2.x for this. Where 1.x cannot be updated, keep VPNs from starting at boot (see vpn-autostart).',
      references: [
        article(agentArticle, 'Are there any known bugs?'),
        article(agentArticle, 'FreeBSD and Linux only: Nova-agent 2.x branch vs 1.x branch'),
        article(allAbout, 'Problem: nova-agent seems to crash on a “resetnetwork” command'),
      ],
    },
  },
  needs: { agents, os, packages, vpns },
  appliesTo: ({ agents }) => agents.length > 0 || 'no nova-agent is installed',
  *run({ agents, os, packages, vpns }) {
    const tunnel = vpns.some(({ tunnelLink }) => tunnelLink);
    const netplan = ['netplan.io', 'nplan'].some((name) => packages.installed.has(name));
    for (const agent of agents) {
      if (agent.version === undefined) {
        yield { message: 'unknown', data: { program: agent.program }, evidence: { path: agent.program } };
      } else if (agent.generation === 1) {
        if (!diesOfTunnels(agent)) continue;
        const severity = tunnel ? 'error' : 'warning';
        yield { ...about(agent, 'tunnel-crash', firstWithoutTunnelCrash), severity };
      } else {
        if (netplan && olderThan(agent.version, firstWithNetplan))
          yield about(agent, 'netplan', firstWithNetplan);
        if (runsNetworkManager(os) && olderThan(agent.version, firstWithNetworkManager)) {
          yield about(agent, 'network-manager', firstWithNetworkManager, { os: os.name });
        }
        if (olderThan(agent.version, firstWithReadiness)) {
          yield { ...about(agent, 'readiness', firstWithReadiness), severity: 'info' };
        }
      }
    }
  },
});

function about(agent: Agent, message: string, fixed: string, more: Record<string, string> = {}): Finding {
  const evidence = agent.versionFrom ?? { path: agent.program };
  return { message, data: { version: agent.version ?? '', fixed, ...more }, evidence };
}

/** Enterprise Linux since 8 and Fedora since 29 have nothing but NetworkManager. */
function runsNetworkManager({ family, id, version }: Os): boolean {
  return family === 'redhat' && (majorOf(version) ?? 0) >= (id === 'fedora' ? 29 : 8);
}

export const example: Example = {
  guest: 'debian-6',
  bad: {
    files: {
      '/usr/sbin/nova-agent': { link: '/usr/share/nova-agent/1.39.0/sbin/nova-agent' },
      '/usr/share/nova-agent/1.39.0/sbin/nova-agent': 'Agent 1.39.0 started',
    },
    says: [
      'nova-agent 1.39.0 crashes (segmentation fault) at resetnetwork when the server has a tunnel; 1.39.1 does not',
    ],
  },
  good: {
    files: {
      '/usr/sbin/nova-agent': { link: '/usr/share/nova-agent/1.39.1/sbin/nova-agent' },
      '/usr/share/nova-agent/1.39.0/sbin/nova-agent': false,
    },
  },
};
