import { travellers } from '../images/guest/travels.js';
import { type Severity, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article, man } from './lib/references.js';

/** What nobody else can use weighs less than what identifies a server or grants access to it. */
const lesser = new Set(['leftover', 'logs']);

export const snapshotContents = defineCheck({
  meta: {
    id: 'snapshot-contents',
    title: 'the snapshot would contain nothing that belongs to this server alone',
    failureTitle: 'the snapshot would contain things that belong to this server alone',
    category: 'os',
    severity: 'warning',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'snapshot',
    messages: {
      'host-key': 'the key that proves this server’s identity ({{size}} bytes)',
      'machine-id': 'the ID of this installation ({{size}} bytes)',
      history: 'a command history, which often contains passwords ({{size}} bytes)',
      'authorized-keys': 'keys whose owners can log in ({{size}} bytes)',
      'private-key': 'a private key ({{size}} bytes)',
      'instance-data': 'what cloud-init stored about this server ({{files}} files, {{size}} bytes)',
      leftover: 'left behind by the agent ({{size}} bytes)',
      logs: '{{files}} files, {{size}} bytes',
    },
    docs: {
      why: 'A snapshot is a copy of the disk, so every server built from it contains everything that is on this one. Two servers with the same host key can impersonate each other, two with the same machine-id get each other’s leases and journals, and whoever can log in here can log in there. In a backup of this server you want all of that; in an image for other servers you do not. The findings give only names and sizes, never contents.',
      remedy:
        'For a backup, do nothing. For a golden image, remove these from the server before the snapshot, or from the image: `rm /etc/ssh/ssh_host_*` (the first boot must then create new ones, as cloud-init or a unit of your own does), `truncate -s 0 /etc/machine-id`, `cloud-init clean --logs`, histories and keys of people with `rm`, logs with `truncate -s 0`.',
      references: [
        man('machine-id(5)', 'FIRST BOOT SEMANTICS'),
        man('ssh-keygen(1)', '-A'),
        article(agentArticle, 'What does nova-agent require?'),
      ],
    },
  },
  needs: { travellers },
  *run({ travellers }) {
    for (const { kind, path, size, files } of travellers) {
      const severity: Severity = lesser.has(kind) ? 'info' : 'warning';
      yield {
        message: kind,
        severity,
        data: { size, ...(files === undefined ? {} : { files }) },
        evidence: { path },
      };
    }
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: { '/etc/machine-id': '4c1bd1ad73d94ef2a1bc0fd9f9c0f4a1\n' },
    says: ['the ID of this installation (33 bytes)'],
  },
  good: { files: { '/etc/machine-id': '' } },
};
