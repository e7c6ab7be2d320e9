import { agentUnit } from '../guests.js';
import { rowsOf } from '../row.js';

/** What the init passes over: nothing of it keeps an image from being judged. */
export const unread = rowsOf('unread', [
  {
    id: 'unit-linked-to-itself',
    on: ['debian11', 'debian12', 'debian13', 'debian12-ci'],
    what: 'a unit is a link that leads to itself',
    put: (root) => root.link('/etc/systemd/system/backup.service', '/etc/systemd/system/backup.service'),
    is: 'works',
    guards: ['agent-enabled', 'cloud-init-enabled'],
  },
  {
    id: 'two-links-in-a-circle',
    on: 'debian12',
    what: 'two units are links that lead to each other',
    put: (root) =>
      root
        .link('/etc/systemd/system/a.service', 'b.service')
        .link('/etc/systemd/system/b.service', 'a.service')
        .want('a.service'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'drop-in-a-folder',
    on: ['debian12', 'debian13'],
    what: 'a folder among the drop-ins of the agent is called x.conf',
    put: (root) => root.folder(`/etc/systemd/system/${agentUnit}.d/x.conf`),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'drop-in-linked-to-itself',
    on: 'debian12',
    what: 'a drop-in of the agent is a link that leads to itself',
    put: (root) => root.link(`/etc/systemd/system/${agentUnit}.d/x.conf`, 'x.conf'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'drop-in-of-a-file',
    on: 'debian12',
    what: 'what would be the folder of drop-ins of a unit is a file',
    put: (root) => root.put('/etc/systemd/system/ssh.service.d', ''),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'unit-a-folder',
    on: 'debian13',
    what: 'a unit is a folder',
    put: (root) => root.folder('/etc/systemd/system/backup.service'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'unit-a-pipe',
    on: 'debian12',
    what: 'a unit is a named pipe',
    put: (root) => root.run('mkfifo', '/etc/systemd/system/backup.service'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'unit-not-utf8',
    on: 'debian12',
    what: 'a unit is not UTF-8',
    put: (root) =>
      root.put(
        '/etc/systemd/system/backup.service',
        Buffer.from('[Unit]\nDescription=caf\xe9\n[Service]\nExecStart=/bin/true\n', 'latin1'),
      ),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'wants-a-file',
    on: 'debian12',
    what: 'a file, not a link, lies in multi-user.target.wants',
    put: (root) => root.put('/etc/systemd/system/multi-user.target.wants/backup.service', ''),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'script-linked-to-itself',
    on: ['debian12-sysv', 'debian12'],
    what: 'a script of init.d is a link that leads to itself',
    put: (root) => root.link('/etc/init.d/backup', 'backup'),
    is: 'works',
    guards: ['agent-enabled', 'lsb-headers'],
  },
  {
    id: 'script-a-folder',
    on: 'debian12-sysv',
    what: 'a script of init.d is a folder',
    put: (root) => root.folder('/etc/init.d/backup'),
    is: 'works',
    guards: ['agent-enabled', 'lsb-headers'],
  },
  {
    id: 'runlevel-link-nowhere',
    on: 'debian12-sysv',
    what: 'a link of the runlevel leads nowhere',
    put: (root) => root.link('/etc/rc2.d/S01backup', '../init.d/backup'),
    is: 'works',
    guards: ['agent-enabled', 'lsb-headers'],
  },
  {
    id: 'cfg-linked-to-itself',
    on: 'debian12-ci',
    what: 'a file of cloud.cfg.d is a link that leads nowhere',
    put: (root) => root.link('/etc/cloud/cloud.cfg.d/99-local.cfg', '/srv/local.cfg'),
    is: 'works',
    guards: ['cloud-init-installed', 'cloud-init-enabled'],
    may: ['cloud-init-installed', 'cloud-init-enabled'],
  },
  {
    id: 'interfaces-d-folder',
    on: ['debian12', 'debian12-ci'],
    what: 'a folder lies in interfaces.d',
    put: (root) => root.folder('/etc/network/interfaces.d/old'),
    is: 'works',
    guards: ['cloud-init-network', 'network-leftovers'],
  },
  {
    id: 'cron-a-pipe',
    on: 'debian12-sysv',
    what: 'a file of cron.d is a named pipe',
    put: (root) => root.run('mkfifo', '/etc/cron.d/backup'),
    is: 'works',
    guards: 'agent-enabled',
  },
]);
