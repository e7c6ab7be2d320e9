import { runningSystem } from '../images/live/running-system.js';
import { xenstoreDoors } from '../images/live/xenstore.js';
import { defineCheck } from './lib/check.js';
import { agentArticle, allAbout, article } from './lib/references.js';

export const xenstoreReachable = defineCheck({
  meta: {
    id: 'xenstore-reachable',
    title: 'XenStore answers',
    failureTitle: 'XenStore does not answer',
    category: 'xe',
    severity: 'error',
    targets: ['nova-agent'],
    live: true,
    messages: {
      missing:
        'there is no way to XenStore: neither /dev/xen/xenbus, nor /proc/xen/xenbus, nor a socket of xenstored',
      refused: '{{path}} cannot be opened ({{detail}})',
      silent: '{{path}} does not answer',
      strange: '{{path}} is no way to XenStore: it {{detail}}',
    },
    docs: {
      why: 'Everything that the cloud has to say to a server (its addresses, its name, its password) reaches nova-agent through XenStore. An agent that finds no way to it ends with "Couldn\'t open connection to the xenstore", or does nothing for ever.',
      remedy:
        'On kernels from 3.3 on, the kernel itself makes /dev/xen/xenbus when it runs under Xen (of a server with hardware virtualisation, with the Xen platform device). On older ones the guest utilities mount xenfs on /proc/xen: start their service, or `mount -t xenfs xenfs /proc/xen`. A server that does not run under Xen has no XenStore: let cloud-init own it (`--target cloud-init`).',
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
