import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { agentTree, agentTreeScript } from '../guests/parts.js';
import { plant } from '../support/trees.js';
import type { Root } from './root.js';

const standIn = '/opt/stand-in/nova-agent';
export const treeOfOne = '/usr/share/nova-agent/1.39.1';

/**
 * Lays nova-agent 1.39.1 as its installer leaves it (scripts/installer.sh.in of openstack-guest-agents-unix) over a guest
 * that has the stand-in. It can be booted: its program runs the stand-in.
 */
export function putAgentOne(root: Root): void {
  root.run('update-rc.d', 'nova-agent', 'remove');
  mkdirSync(join(root.path, '/opt/stand-in'), { recursive: true });
  cpSync(join(root.path, 'usr/bin/nova-agent'), join(root.path, standIn));
  root.run('dpkg', '--purge', 'python3-nova-agent');
  rmSync(join(root.path, 'etc/init.d/nova-agent'), { force: true });
  const header = [
    '### BEGIN INIT INFO',
    '# Provides: Nova-Agent',
    '# Required-Start: $remote_fs $syslog xe-linux-distribution',
    '# Required-Stop: $remote_fs $syslog',
    '# Default-Start: 2 3 4 5',
    '# Default-Stop: 0 1 6',
    '### END INIT INFO',
  ];
  plant(root.path, agentTree('1.39.1', agentTreeScript('1.39.1', header)));
  // The real program is a daemon with a Python inside, which runs the file that it is given. So does this one.
  const python = realpathSync(join(root.path, 'usr/bin/python3'));
  root.put(
    `${treeOfOne}/sbin/nova-agent`,
    Buffer.concat([readFileSync(python), Buffer.from('Agent 1.39.1 started\0')]),
    0o755,
  );
  root.put(
    `${treeOfOne}/nova-agent.py`,
    [
      'import os',
      "os.environ.pop('LD_LIBRARY_PATH', None)",
      "os.environ['STAND_IN_POLL'] = '1'",
      'if os.fork():',
      '    os._exit(0)',
      'os.setsid()',
      "null = os.open('/dev/null', os.O_RDWR)",
      'for each in (0, 1, 2): os.dup2(null, each)',
      `os.execv('${standIn}', ['nova-agent', '--no-fork=True', '-o', '/var/log/nova-agent.log'])`,
      '',
    ].join('\n'),
  );
  root.run('insserv', 'nova-agent');
}
