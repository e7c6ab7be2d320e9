import { orderAfterUtilities, agentUnit, units, wants, xeUnit } from '../guests.js';
import { rowsOf } from '../row.js';
import { xeScriptWithBadProvides } from '../../guests/parts.js';

/**
 * Rules that the documents of the cloud give for an image, of which a container shows nothing: the guest utilities need a
 * hypervisor, and report to it alone.
 */
const documents = (what: string): { readonly source: string } => ({
  source: `"All About Nova-Agent": ${what}`,
});
const first = documents('the guest utilities start before the agent');

export const identity = rowsOf('identity', [
  {
    id: 'agent-purged',
    on: ['debian12', 'debian13', 'debian12-sysv'],
    what: 'the package of the agent is purged',
    put: (root) => root.run('dpkg', '--purge', 'python3-nova-agent'),
    is: 'broken',
    speaks: 'agent-installed',
  },
  {
    id: 'agent-removed-by-hand',
    on: 'debian11',
    what: 'program and unit of the agent are gone, and dpkg does not know',
    put: (root) => root.take('/usr/bin/nova-agent', `${units}/${agentUnit}`),
    is: 'broken',
    speaks: ['agent-installed', 'agent-enabled'],
  },
  {
    id: 'package-unknown',
    on: 'debian12',
    what: 'dpkg does not know of the agent, which is there',
    put: (root) => root.edit('/var/lib/dpkg/status', /Package: python3-nova-agent\n(?:.+\n)+\n/, ''),
    is: 'works',
    guards: 'agent-installed',
  },
  {
    id: 'utilities-early-enough',
    on: ['debian11', 'debian12', 'debian13'],
    what: 'the agent is ordered after the guest utilities, which are early',
    put: orderAfterUtilities,
    is: 'works',
    guards: ['xe-ordering', 'boot-cycles', 'xe-enabled', 'xe-installed'],
  },
  {
    id: 'utilities-late',
    on: 'debian12-both',
    what: 'the agent is ordered after the guest utilities, which wait for basic.target: cloud-init is in the cycle',
    put: (root) => root.take(`/etc/systemd/system/${xeUnit}.d`),
    is: 'broken',
    by: { source: 'systemd, transaction.c: a job of a cycle is deleted, and which is not foreseeable' },
    speaks: 'boot-cycles',
  },
  {
    id: 'utilities-late-prepared',
    on: 'debian12-both',
    what: 'the agent is ordered after the guest utilities, which wait for basic.target, and prepare is run',
    put: (root) => root.take(`/etc/systemd/system/${xeUnit}.d`),
    prepared: true,
    is: 'works',
  },
  {
    id: 'one-before-utilities',
    on: 'debian12-agent1',
    what: '1.x starts before the guest utilities',
    put: (root) => {
      for (const level of [2, 3, 4, 5])
        root.run(
          'sh',
          '-c',
          `cd /etc/rc${level}.d && rm S*xe-linux-distribution && ln -s ../init.d/xe-linux-distribution S99xe-linux-distribution`,
        );
    },
    is: 'broken',
    by: first,
    speaks: 'xe-ordering',
  },
  {
    id: 'one-without-utilities',
    on: 'debian12-agent1',
    what: '1.x, and the guest utilities are purged',
    put: (root) => {
      for (const level of [0, 1, 2, 3, 4, 5, 6])
        root.run('sh', '-c', `rm -f /etc/rc${level}.d/*xe-linux-distribution`);
      root.run('dpkg', '--purge', 'xe-guest-utilities');
    },
    is: 'broken',
    by: {
      source:
        'openstack-guest-agents-unix, lib/libagent.c: it opens the XenStore by /proc/xen/xenbus, which the utilities mount',
    },
    speaks: ['xe-installed', 'lsb-headers'],
  },
  {
    id: 'utilities-disabled-one',
    on: 'debian12-agent1',
    what: '1.x, and the guest utilities are in no runlevel',
    put: (root) => {
      for (const level of [2, 3, 4, 5])
        root.run('sh', '-c', `rm -f /etc/rc${level}.d/S*xe-linux-distribution`);
    },
    is: 'broken',
    by: first,
    speaks: ['xe-enabled', 'lsb-headers'],
  },
  {
    id: 'utilities-provide-three-words',
    on: 'debian12-sysv',
    what: 'the guest utilities provide "XenServer Virtual Machine Tools", and insserv is run for all',
    put: (root) => {
      const { content } = xeScriptWithBadProvides as { readonly content: string };
      root.put('/etc/init.d/xe-linux-distribution', content, 0o755);
      for (const level of [2, 3, 4, 5]) root.run('sh', '-c', `rm -f /etc/rc${level}.d/S*nova-agent`);
      try {
        root.run('insserv', 'nova-agent');
      } catch {
        return; // FATAL: service xe-linux-distribution has to be enabled to use service nova-agent
      }
    },
    is: 'broken',
    speaks: 'lsb-headers',
  },
  {
    id: 'log-of-trouble',
    on: 'debian12',
    what: 'the log says that the XenStore was out of reach, once',
    put: (root) =>
      root.put(
        '/var/log/nova-agent.log',
        "2013-05-26 12:17:28,817 [ERROR] [EXC] PyXenStoreError: Couldn't open connection to the xenstore: No such file or directory\n",
      ),
    is: 'works',
    guards: 'agent-log',
    may: 'agent-log',
  },
  {
    id: 'disabled-utilities-two',
    on: 'debian12',
    what: 'the guest utilities are disabled, and 2.x needs only the device of the kernel',
    put: (root) => root.take(`${wants}/${xeUnit}`),
    is: 'works',
    guards: 'xe-enabled',
    may: ['xe-enabled', 'xe-ordering'],
  },
  {
    id: 'agent-off-beside-cloud-init',
    on: 'debian12-ci',
    what: 'what a purged agent has left of its log, in an image that lives by cloud-init',
    put: (root) =>
      root.put('/var/log/nova-agent.log.1', '2020-01-01 00:00:00,000 [INFO ] Agent is starting up\n'),
    is: 'works',
    guards: ['agent-retired', 'network-owner'],
  },
  {
    id: 'agent-kept-beside-cloud-init',
    on: 'debian12-ci',
    what: 'an agent is enabled in an image that lives by cloud-init',
    put: (root) =>
      root
        .put('/usr/bin/nova-agent', '#!/usr/bin/python3\nimport time\ntime.sleep(1e9)\n', 0o755)
        .unit(
          'nova-agent.service',
          '[Service]',
          'ExecStart=/usr/bin/nova-agent',
          '[Install]',
          'WantedBy=multi-user.target',
        )
        .want('nova-agent.service'),
    is: 'broken',
    by: documents('an image without the agent has cloud-init alone configure network and host name'),
    speaks: ['network-owner', 'agent-retired'],
  },
]);
