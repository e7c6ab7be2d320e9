import { agents } from '../images/guest/agents/agents.js';
import { vpns } from '../images/guest/vpn/vpns.js';
import { defineCheck } from './lib/check.js';
import { agentArticle, allAbout, article } from './lib/references.js';
import { diesOfTunnels, firstWithoutTunnelCrash } from './lib/tunnel-crash.js';

export const vpnAutostart = defineCheck({
  meta: {
    id: 'vpn-autostart',
    title: 'no VPN starts at boot',
    failureTitle: 'a VPN starts at boot',
    category: 'vpn',
    severity: 'warning',
    targets: ['nova-agent'],
    messages: {
      'kills-agent':
        '{{product}} {{name}} starts at boot ({{how}}) and makes a tunnel, which kills nova-agent {{version}} at resetnetwork',
      starts: '{{product}} {{name}} starts at boot ({{how}})',
    },
    docs: {
      why: `nova-agent does not deal with network interfaces that it does not expect. A 1.x agent before ${firstWithoutTunnelCrash} is killed by a segmentation fault when it lists the interfaces and there is one without a hardware address (tun, WireGuard, PPP). A new server gets its addresses by resetnetwork during its first boot, so an image in which a VPN starts gives a server without a network. Later agents survive, but every server built from the image opens the same VPN with the same keys, and the agent may overwrite the interfaces that belong to it.`,
      remedy:
        'Keep the VPN from starting at boot while the image is taken, and switch it on again afterwards: `systemctl disable openvpn@NAME`, `AUTOSTART="none"` in /etc/default/openvpn, `systemctl disable wg-quick@NAME`, `chkconfig openvpn off`, and so on. What Hallmark switches off it records in /var/lib/hallmark/vpn-autostart.json in the image, so that it can be put back. With a 1.x agent, 1.39.1 removes the crash.',
      references: [
        article(agentArticle, 'Are there any known bugs?'),
        article(allAbout, 'Problem: nova-agent seems to crash on a “resetnetwork” command'),
      ],
    },
  },
  needs: { agents, vpns },
  *run({ agents, vpns }) {
    const victim = agents.find(diesOfTunnels);
    for (const { product, name, how, tunnelLink, evidence } of vpns) {
      const data = { product, name, how };
      if (victim && tunnelLink) {
        const version = victim.version ?? '1.x (of unknown version)';
        yield { message: 'kills-agent', severity: 'error', data: { ...data, version }, evidence };
      } else yield { message: 'starts', data, evidence };
    }
  },
});
