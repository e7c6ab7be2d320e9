import { agents } from '../images/guest/agents/agents.js';
import { runningSystem } from '../images/live/running-system.js';
import { tunnels } from '../images/live/tunnels.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, allAbout, article } from './lib/references.js';
import { diesOfTunnels, firstWithoutTunnelCrash } from './lib/tunnel-crash.js';

export const tunnelsPresent = defineCheck({
  meta: {
    id: 'tunnels-present',
    title: 'no tunnel is up',
    failureTitle: 'a tunnel is up',
    category: 'vpn',
    severity: 'info',
    targets: ['nova-agent'],
    families: ['Linux'],
    scope: 'snapshot',
    live: true,
    messages: {
      'kills-agent':
        '{{name}} ({{kind}}) is up and has no hardware address: the next resetnetwork kills nova-agent {{version}}',
      present: '{{name}} ({{kind}}) is up',
    },
    docs: {
      why: `A snapshot contains the disk, not what runs: a tunnel that is up here does not go into it, and vpn-autostart checks what would start it again at boot. But while the tunnel is up, the next resetnetwork kills a 1.x agent before ${firstWithoutTunnelCrash}, and every change of the server’s networks triggers a resetnetwork. A tunnel that you brought up by hand does not come back at the next boot.`,
      remedy:
        'If you want the tunnel, do nothing: Hallmark leaves it alone. `hallmark snapshot prepare --stop-vpn` stops tunnels that a service, NetworkManager, ifupdown or systemd-networkd brought up, and `hallmark snapshot restore` starts them again; a tunnel that you made by hand stays up.',
      references: [
        article(allAbout, 'Problem: nova-agent seems to crash on a “resetnetwork” command'),
        article(agentArticle, 'Are there any known bugs?'),
      ],
    },
  },
  needs: { agents, runningSystem, tunnels },
  appliesTo: ({ runningSystem }) => runningSystem,
  *run({ agents, tunnels }) {
    const victim = agents.find(diesOfTunnels);
    for (const { name, kind, hasAddress } of tunnels) {
      const evidence = { path: `/sys/class/net/${name}` } as const;
      if (victim && !hasAddress) {
        const version = victim.version ?? '1.x (of unknown version)';
        yield { message: 'kills-agent', severity: 'warning', data: { name, kind, version }, evidence };
      } else yield { message: 'present', data: { name, kind }, evidence };
    }
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    running: { tunnels: [{ name: 'tun0', kind: 'tun', hasAddress: false }] },
    says: ['tun0 (tun) is up'],
  },
  good: { running: { tunnels: [] } },
};
