import { runningSystem } from '../images/live/running-system.js';
import { xenstoreDoors } from '../images/live/xenstore.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, allAbout, article } from './lib/references.js';

export const xenstoreReachable = defineCheck({
  meta: {
    id: 'xenstore-reachable',
    title: 'XenStore answers',
    failureTitle: 'XenStore does not answer',
    category: 'xe',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux'],
    scope: 'snapshot',
    live: true,
    messages: {
      missing:
        'XenStore cannot be reached: there is no /dev/xen/xenbus, no /proc/xen/xenbus and no socket of xenstored',
      refused: '{{path}} cannot be opened ({{detail}})',
      silent: '{{path}} does not answer',
      strange: 'XenStore cannot be reached through {{path}}: it {{detail}}',
    },
    docs: {
      why: 'Everything that the cloud tells a server (its addresses, its name, its password) reaches nova-agent through XenStore. An agent that cannot reach XenStore exits with "Couldn\'t open connection to the xenstore", or never does anything.',
      remedy:
        'From 3.3 on, the kernel itself creates /dev/xen/xenbus when it runs under Xen (with hardware virtualisation, when there is a Xen platform device). On older kernels the guest utilities mount xenfs on /proc/xen: start their service, or run `mount -t xenfs xenfs /proc/xen`. A server that does not run under Xen has no XenStore: use cloud-init (`--target cloud-init`).',
      references: [
        article(agentArticle, 'What does nova-agent require?'),
        article(allAbout, 'xe-linux-distribution'),
      ],
    },
  },
  needs: { runningSystem, xenstoreDoors },
  appliesTo: ({ runningSystem }) => runningSystem,
  *run({ xenstoreDoors }) {
    if (xenstoreDoors.some(({ state }) => state === 'open')) return;
    if (xenstoreDoors.length === 0) yield { message: 'missing' };
    for (const { path, state, detail } of xenstoreDoors) {
      yield { message: state, data: { path, detail }, evidence: { path } };
    }
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    running: {
      xenstoreDoors: [{ path: '/dev/xen/xenbus', state: 'refused', detail: 'EACCES' }],
    },
    says: ['/dev/xen/xenbus cannot be opened (EACCES)'],
  },
  good: {
    running: { xenstoreDoors: [{ path: '/dev/xen/xenbus', state: 'open', detail: '' }] },
  },
};
