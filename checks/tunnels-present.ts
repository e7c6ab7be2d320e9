import { agents } from '../images/guest/agents/agents.js';
import { runningSystem } from '../images/live/running-system.js';
import { tunnels } from '../images/live/tunnels.js';
import { defineCheck } from './lib/check.js';
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
    live: true,
    messages: {
      'kills-agent':
        '{{name}} ({{kind}}) is up and has no hardware address, which kills nova-agent {{version}} at the next resetnetwork',
      present: '{{name}} ({{kind}}) is up',
    },
    docs: {
      why: `A snapshot holds the disk, not what runs: a tunnel that is up here does not go into it, and what would start it again at boot is the business of vpn-autostart. But as long as it is up, a 1.x agent before ${firstWithoutTunnelCrash} is killed by the next resetnetwork, which every change of the server’s networks brings; and a server whose tunnel was brought up by hand has one that no boot brings back.`,
      remedy:
        'Nothing, if the tunnel is wanted: it is left alone. `hallmark snapshot prepare --stop-vpn` stops what a service, NetworkManager, ifupdown or systemd-networkd has brought up while the snapshot is taken, and `hallmark snapshot restore` brings it up again; a tunnel that was made by hand stays.',
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
