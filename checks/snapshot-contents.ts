import { travellers } from '../images/guest/travels.js';
import { type Severity, defineCheck } from './lib/check.js';
import { agentArticle, article, man } from './lib/references.js';

/** What is of use to nobody else weighs less than what identifies a server or lets somebody in. */
const lesser = new Set(['leftover', 'logs']);

export const snapshotContents = defineCheck({
  meta: {
    id: 'snapshot-contents',
    title: 'nothing of this one server would travel inside the snapshot',
    failureTitle: 'things of this one server would travel inside the snapshot',
    category: 'os',
    severity: 'warning',
    targets: ['nova-agent', 'cloud-init'],
    messages: {
      'host-key': 'the key by which this server proves who it is ({{size}} bytes)',
      'machine-id': 'the identity of this installation ({{size}} bytes)',
      history: 'a history of commands, which often holds passwords ({{size}} bytes)',
      'authorized-keys': 'keys that let their owners in ({{size}} bytes)',
      'private-key': 'a private key ({{size}} bytes)',
      'instance-data': 'what cloud-init keeps of this server ({{files}} files, {{size}} bytes)',
      leftover: 'left behind by the agent ({{size}} bytes)',
      logs: '{{files}} files, {{size}} bytes',
    },
    docs: {
      why: 'A snapshot is a copy of the disk: every server built from it, whoever gets it, has all that is on this one. Two servers with one host key can stand in for each other, two with one machine-id get each other’s leases and journals, and who may log in here may log in there. For a backup of this server all of it is wanted; for an image that others are built from, it is not. Only names and sizes are told here, never contents.',
      remedy:
        'For a backup, nothing. For a golden image remove it from the server before the snapshot, or from the image: `rm /etc/ssh/ssh_host_*` (the first boot must then make new ones, as cloud-init or a unit of your own does), `truncate -s 0 /etc/machine-id`, `cloud-init clean --logs`, histories and keys of people with `rm`, logs with `truncate -s 0`.',
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
