import { installedAgents } from '../images/guest/agents/agent-services.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { nameService, resolvConf } from '../images/guest/network/name-service.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { man } from './lib/references.js';

export const networkDns = defineCheck({
  meta: {
    id: 'network-dns',
    title: 'the name servers of the new server take effect',
    failureTitle: 'the name servers of the new server have no effect',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      unheard:
        'nothing hands the name servers that {{owner}} writes to the resolver (no resolvconf, no systemd-resolved), and /etc/resolv.conf names none: a new server resolves no names',
      fixed:
        'nothing hands the name servers that {{owner}} writes to the resolver (no resolvconf, no systemd-resolved): a new server keeps those in /etc/resolv.conf',
      dangling: 'this is a link to {{target}}, and nothing that starts at boot makes that file',
    },
    docs: {
      why: 'On Debian, nova-agent and cloud-init write `dns-nameservers` into the configuration of ifupdown. ifupdown itself ignores that line; a hook of resolvconf, openresolv or systemd-resolved puts the servers into /etc/resolv.conf. netplan and systemd-networkd hand theirs to systemd-resolved. Without any of them, the server uses what /etc/resolv.conf says in the image. A link to a file of a service that does not run leads nowhere, and no name can be resolved.',
      remedy:
        'Install resolvconf (`apt-get install resolvconf`) or enable systemd-resolved, or keep name servers that every new server can reach in /etc/resolv.conf, as a plain file.',
      references: [
        man('resolvconf(8)', 'interfaces: dns-nameservers'),
        man('systemd-resolved.service(8)', '/ETC/RESOLV.CONF'),
        man('resolv.conf(5)', 'nameserver'),
      ],
    },
  },
  needs: { cloudInit, installedAgents, nameService },
  appliesTo: ({ cloudInit, installedAgents }, { target }) => {
    if (target === 'nova-agent') return installedAgents.length > 0 || 'no nova-agent is installed';
    if (!cloudInit.installed) return 'cloud-init is not installed';
    return cloudInit.network.enabled || 'cloud-init does not configure the network';
  },
  *run({ nameService: { unheard, fixed, missing, dangling } }, { target: owner }): Iterable<Finding> {
    const evidence = { path: resolvConf };
    if (unheard.includes(owner))
      yield fixed
        ? { message: 'fixed', severity: 'info', data: { owner }, evidence }
        : { message: 'unheard', severity: missing ? 'warning' : 'error', data: { owner }, evidence };
    // Something that is not known may make the file.
    else if (dangling !== undefined)
      yield { message: 'dangling', severity: 'warning', data: { target: dangling }, evidence };
  },
});

export const example: Example = {
  guest: 'cloud-init',
  bad: {
    files: { '/etc/resolv.conf': { link: '/run/systemd/resolve/stub-resolv.conf' } },
    says: [
      'this is a link to /run/systemd/resolve/stub-resolv.conf, and nothing that starts at boot makes that file',
    ],
  },
  good: { files: { '/etc/resolv.conf': 'nameserver 192.0.2.53\n' } },
};
