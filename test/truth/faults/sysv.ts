import { treeOfOne } from '../layouts.js';
import type { Root } from '../root.js';
import { rowsOf } from '../row.js';

const on = 'debian12-sysv';
const script = '/etc/init.d/nova-agent';
const case1 = 'case "$1" in';

const takeLinks = (root: Root, levels: readonly number[]): Root => {
  for (const level of levels)
    for (let number = 0; number < 100; number++) {
      const path = `/etc/rc${level}.d/S${String(number).padStart(2, '0')}nova-agent`;
      if (root.has(path)) root.take(path);
    }
  return root;
};

/** A switch as Debian's scripts have it. */
const putSwitch = (root: Root, text: string): Root =>
  root
    .edit(
      script,
      case1,
      `ENABLED=yes\n[ -r /etc/default/nova-agent ] && . /etc/default/nova-agent\n[ "$ENABLED" = yes ] || exit 0\n${case1}`,
    )
    .put('/etc/default/nova-agent', text);

export const sysv = rowsOf('sysv', [
  {
    id: 'not-executable',
    on,
    what: "the agent's script may not be executed",
    put: (root) => root.mode(script, 0o644),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-installed', 'agent-runnable'],
  },
  {
    id: 'gone',
    on,
    what: "the agent's script is gone, and its links are left",
    put: (root) => root.take(script),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-installed'],
  },
  {
    id: 'not-in-the-runlevel',
    on,
    what: 'the agent starts in the runlevels 3 to 5, and the boot enters 2',
    put: (root) => takeLinks(root, [2]),
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'runlevel-three',
    on,
    what: 'inittab has the boot enter runlevel 3',
    put: (root) => root.edit('/etc/inittab', 'id:2:initdefault:', 'id:3:initdefault:'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'runlevel-single',
    on,
    what: 'inittab has the boot enter runlevel S',
    put: (root) => root.edit('/etc/inittab', 'id:2:initdefault:', 'id:S:initdefault:'),
    is: 'broken',
    speaks: ['boot-target', 'agent-enabled'],
  },
  {
    id: 'daemon-elsewhere',
    on,
    what: 'DAEMON of the script is a program that is not there',
    put: (root) => root.edit(script, 'DAEMON=/usr/bin/nova-agent', 'DAEMON=/usr/local/bin/nova-agent'),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-runnable'],
    says: /\/usr\/local\/bin\/nova-agent/,
  },
  {
    id: 'exit-at-once',
    on,
    what: 'the script ends before it does anything',
    put: (root) => root.edit(script, case1, `exit 0\n${case1}`),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-runnable'],
    says: /exit/,
  },
  {
    id: 'exit-unless-program',
    on,
    what: 'the script ends unless its program is there, which it is',
    put: (root) => root.edit(script, case1, `[ -x "$DAEMON" ] || exit 0\n${case1}`),
    is: 'works',
    guards: ['agent-enabled', 'agent-runnable'],
  },
  {
    id: 'exit-unless-absent',
    on,
    what: 'the script ends unless a file is there, which it is not',
    put: (root) => root.edit(script, case1, `[ -f /etc/nova-agent.conf ] || exit 0\n${case1}`),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-runnable'],
    says: /nova-agent\.conf/,
  },
  {
    id: 'switched-off',
    on,
    what: 'the script asks /etc/default/nova-agent, which says no',
    put: (root) => putSwitch(root, 'ENABLED=no\n'),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-runnable'],
    says: /ENABLED/,
  },
  {
    id: 'switched-on',
    on,
    what: 'the script asks /etc/default/nova-agent, which says yes',
    put: (root) => putSwitch(root, '# ENABLED=no\nENABLED="yes"\n'),
    is: 'works',
    guards: ['agent-enabled', 'agent-runnable'],
  },
  {
    id: 'no-lsb-functions',
    on,
    what: 'the script reads /lib/lsb/init-functions, which is gone',
    put: (root) => {
      root.edit(script, case1, `. /lib/lsb/init-functions\n${case1}`);
      root.take('/usr/lib/lsb/init-functions');
    },
    is: 'broken',
    speaks: ['agent-enabled', 'agent-runnable'],
    says: /init-functions/,
  },
  {
    id: 'lsb-functions',
    on,
    what: 'the script reads /lib/lsb/init-functions, which is there',
    put: (root) => root.edit(script, case1, `. /lib/lsb/init-functions\n${case1}`),
    is: 'works',
    guards: ['agent-enabled', 'agent-runnable'],
  },
  {
    id: 'carriage-return',
    on,
    what: 'the first line of the script ends in a carriage return',
    put: (root) => root.edit(script, '#!/bin/sh\n', '#!/bin/sh\r\n'),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-runnable'],
  },
  {
    id: 'interpreter-gone',
    on,
    what: 'the first line of the script names a shell that is not there',
    put: (root) => root.edit(script, '#!/bin/sh\n', '#!/bin/ksh\n'),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-runnable'],
    says: /interpreter/,
  },
  {
    id: 'policy-rc-d',
    on,
    what: 'policy-rc.d forbids to start services, which only packages ask',
    put: (root) => root.script('/usr/sbin/policy-rc.d', 'exit 101'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'unit-masked',
    on,
    what: 'a unit of systemd of the same name is masked, and the guest boots with SysV',
    put: (root) => root.mask('nova-agent.service'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'header-gone',
    on,
    what: 'the script has no LSB header, and insserv is run',
    put: (root) => {
      root.edit(script, /### BEGIN INIT INFO[\s\S]*### END INIT INFO\n/, '');
      takeLinks(root, [2, 3, 4, 5]);
      try {
        root.run('insserv', 'nova-agent');
      } catch {
        return; // it says why, and makes no link
      }
    },
    is: 'broken',
    speaks: 'lsb-headers',
  },
  {
    id: 'requires-absent',
    on,
    what: 'the script requires a facility that no script provides, and insserv is run',
    put: (root) => {
      root.run('insserv', '--remove', 'nova-agent');
      takeLinks(root, [2, 3, 4, 5]);
      root.edit(script, /xe-linux-distribution/g, 'xenstore-tools');
      try {
        root.run('insserv', 'nova-agent');
      } catch {
        return; // FATAL: service xenstore-tools has to be enabled to use service nova-agent
      }
    },
    is: 'broken',
    speaks: 'lsb-headers',
  },
  {
    id: 'requires-nothing',
    on,
    what: 'the script requires $remote_fs alone, and insserv is run',
    put: (root) => {
      root.edit(script, /^(# Required-St(?:art|op):).*$/gm, '$1 $remote_fs');
      root.run('insserv', 'nova-agent');
    },
    is: 'works',
    guards: ['lsb-headers', 'xe-ordering'],
    may: ['lsb-headers', 'xe-ordering'],
  },
  {
    id: 'link-of-another-number',
    on,
    what: 'the links of the agent have a later number',
    put: (root) => {
      takeLinks(root, [2, 3, 4, 5]);
      for (const level of [2, 3, 4, 5]) root.link(`/etc/rc${level}.d/S90nova-agent`, '../init.d/nova-agent');
    },
    is: 'works',
    guards: ['agent-enabled', 'xe-ordering'],
  },
  {
    id: 'prepared',
    on,
    what: 'the agent starts in no runlevel, and prepare is run',
    put: (root) => takeLinks(root, [2, 3, 4, 5]),
    prepared: true,
    is: 'works',
  },
  {
    id: 'cloud-of-old',
    on: 'debian12-agent1',
    what: 'the program of 1.x is gone from its tree',
    put: (root) => root.take(`${treeOfOne}/sbin/nova-agent`),
    is: 'broken',
    speaks: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'tree-of-another-version',
    on: 'debian12-agent1',
    what: 'the tree of 1.x has been renamed, and the links have not',
    put: (root) => root.run('mv', treeOfOne, '/usr/share/nova-agent/1.39.0'),
    is: 'broken',
    speaks: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'configuration-gone',
    on: 'debian12-agent1',
    what: 'the link to nova-agent.py of 1.x leads nowhere',
    put: (root) => root.take(`${treeOfOne}/nova-agent.py`),
    is: 'broken',
    speaks: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'no-python',
    on: 'debian12-agent1',
    what: 'there is no program python, for which the script of 1.x only asks',
    is: 'works',
    by: { source: 'openstack-guest-agents-unix, scripts/generic/nova-agent.in: if which python' },
    guards: 'agent-runnable',
  },
  {
    id: 'script-not-executable',
    on: 'debian12-agent1',
    what: 'the script of 1.x may not be executed',
    put: (root) => root.mode(`${treeOfOne}/etc/generic/nova-agent`, 0o644),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-installed', 'agent-runnable'],
  },
]);
