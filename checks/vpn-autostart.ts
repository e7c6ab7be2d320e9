import { agents } from '../images/guest/agents/agents.js';
import { vpns } from '../images/guest/vpn/vpns.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
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
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      'kills-agent':
        '{{product}} {{name}} starts {{when}} ({{how}}) and creates a tunnel, which kills nova-agent {{version}} at resetnetwork',
      starts: '{{product}} {{name}} starts {{when}} ({{how}})',
    },
    docs: {
      why: `nova-agent cannot handle network interfaces that it does not expect. A segmentation fault kills a 1.x agent before ${firstWithoutTunnelCrash} when it lists the interfaces and finds one without a hardware address (tun, WireGuard, PPP). A new server gets its addresses by resetnetwork during its first boot, so a server built from an image that starts a VPN has no network. Later agents survive, but every server built from the image opens the same VPN with the same keys, and the agent may overwrite the VPN’s interfaces.`,
      remedy:
        'Disable the VPN while the image is taken, and enable it again afterwards: `systemctl disable openvpn@NAME`, `AUTOSTART="none"` in /etc/default/openvpn, `systemctl disable wg-quick@NAME`, `chkconfig openvpn off`, and so on. A VPN can also be started by something else: take the command out of the script or hook that the finding names, disable the timer, or comment the tunnel out of netplan’s file. Hallmark does this for every start that it can take back, but leaves a service alone that does other things besides. Hallmark records what it disables in /var/lib/hallmark/vpn-autostart.json in the image, so that it can be enabled again. For a 1.x agent, 1.39.1 fixes the crash.',
      references: [
        article(agentArticle, 'Are there any known bugs?'),
        article(allAbout, 'Problem: nova-agent seems to crash on a “resetnetwork” command'),
      ],
    },
  },
  needs: { agents, vpns },
  *run({ agents, vpns }) {
    const victim = agents.find(diesOfTunnels);
    for (const { product, name, how, tunnelLink, isLater, evidence } of vpns) {
      const data = { product, name, how, when: isLater ? 'by itself' : 'at boot' };
      if (victim && tunnelLink) {
        const version = victim.version ?? '1.x (of unknown version)';
        yield { message: 'kills-agent', severity: 'error', data: { ...data, version }, evidence };
      } else yield { message: 'starts', data, evidence };
    }
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: {
      '/etc/wireguard/wg0.conf': '[Interface]\nAddress = 192.0.2.2/24\n',
      '/etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service': {
        link: '/lib/systemd/system/wg-quick@.service',
      },
    },
    says: ['wireguard wg0 starts at boot (wg-quick@wg0.service is wanted by multi-user.target)'],
  },
  good: {
    files: {
      '/etc/wireguard/wg0.conf': '[Interface]\nAddress = 192.0.2.2/24\n',
      '/etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service': false,
    },
  },
};
