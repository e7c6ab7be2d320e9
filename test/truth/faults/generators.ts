import { agentProgram, agentUnit, units, wants } from '../guests.js';
import type { Root } from '../root.js';
import { rowsOf } from '../row.js';

const link = `${wants}/${agentUnit}`;
const sysvGenerator = '/usr/lib/systemd/system-generators/systemd-sysv-generator';

/** The agent started by a script of SysV in the place of its unit, as some packages had it. */
function byScript(root: Root): Root {
  root.take(link, `${units}/${agentUnit}`, `/etc/systemd/system/${agentUnit}.d`);
  root.script(
    '/etc/init.d/nova-agent',
    '### BEGIN INIT INFO',
    '# Provides:          Nova-Agent',
    '# Required-Start:    $remote_fs xe-linux-distribution',
    '# Required-Stop:     $remote_fs',
    '# Default-Start:     2 3 4 5',
    '# Default-Stop:      0 1 6',
    '### END INIT INFO',
    'case "$1" in',
    `start) ${agentProgram} --no-fork=True -o /var/log/nova-agent.log >/dev/null 2>&1 & ;;`,
    'stop) pkill -f nova-agent ;;',
    'esac',
    'exit 0',
  );
  for (const level of [2, 3, 4, 5]) root.link(`/etc/rc${level}.d/S02nova-agent`, '../init.d/nova-agent');
  for (const level of [0, 1, 6]) root.link(`/etc/rc${level}.d/K01nova-agent`, '../init.d/nova-agent');
  return root;
}

const masking = (root: Root, mode: number): Root =>
  root
    .script('/etc/systemd/system-generators/house', `ln -s /dev/null "$2/${agentUnit}"`)
    .mode('/etc/systemd/system-generators/house', mode);

export const generators = rowsOf('generators', [
  {
    id: 'masks-the-agent',
    on: ['debian12', 'debian13'],
    what: 'a generator of the house masks the agent at every boot',
    put: (root) => masking(root, 0o755),
    is: 'broken',
    undecidable: true,
    speaks: 'agent-enabled',
    says: /house/,
  },
  {
    id: 'not-executable',
    on: ['debian12', 'debian13'],
    what: 'a generator that would mask the agent may not be executed',
    put: (root) => masking(root, 0o644),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'masked-itself',
    on: 'debian12',
    what: 'a generator that would mask the agent is masked',
    put: (root) =>
      root
        .script('/usr/lib/systemd/system-generators/house', `ln -s /dev/null "$2/${agentUnit}"`)
        .link('/etc/systemd/system-generators/house', '/dev/null'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'unrelated',
    on: 'debian12',
    what: 'a generator of the house makes a unit of its own',
    put: (root) =>
      root.script(
        '/etc/systemd/system-generators/house',
        'printf "[Service]\\nType=oneshot\\nExecStart=/bin/true\\n" >"$1/house.service"',
      ),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'script',
    on: ['debian11', 'debian12', 'debian13'],
    what: 'a script of SysV starts the agent under systemd',
    put: byScript,
    is: 'works',
    guards: 'agent-enabled',
    may: 'xe-ordering',
  },
  {
    id: 'script-generator-masked',
    on: 'debian12',
    what: 'a script of SysV would start the agent, and the generator for scripts is masked',
    put: (root) => byScript(root).link('/etc/systemd/system-generators/systemd-sysv-generator', '/dev/null'),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /sysv-generator/,
  },
  {
    id: 'script-generator-gone',
    on: ['debian12', 'debian13'],
    what: 'a script of SysV would start the agent, and the generator for scripts is gone',
    put: (root) => byScript(root).take(sysvGenerator),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /sysv-generator/,
  },
  {
    id: 'script-generator-not-executable',
    on: 'debian12',
    what: 'a script of SysV would start the agent, and the generator for scripts may not be executed',
    put: (root) => byScript(root).mode(sysvGenerator, 0o644),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /sysv-generator/,
  },
  {
    id: 'script-not-executable',
    on: 'debian12',
    what: 'a script of SysV would start the agent, and may not be executed',
    put: (root) => byScript(root).mode('/etc/init.d/nova-agent', 0o644),
    is: 'broken',
    speaks: ['agent-enabled', 'agent-installed'],
  },
  {
    id: 'script-unlinked',
    on: 'debian13',
    what: 'a script of SysV would start the agent, and is in no runlevel',
    put: (root) => {
      byScript(root);
      for (const level of [2, 3, 4, 5]) root.take(`/etc/rc${level}.d/S02nova-agent`);
    },
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'rc-local-generator-gone',
    on: 'debian12',
    what: 'rc.local alone starts the agent, and the generator for rc.local is gone',
    put: (root) =>
      root
        .take(link, '/usr/lib/systemd/system-generators/systemd-rc-local-generator')
        .script(
          '/etc/rc.local',
          `${agentProgram} --no-fork=True -o /var/log/nova-agent.log >/dev/null 2>&1 &`,
          'exit 0',
        ),
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'cloud-init-not-executable',
    on: ['debian11-ci', 'debian12-ci', 'debian13-ci'],
    what: "cloud-init's generator may not be executed",
    put: (root) => root.mode('/lib/systemd/system-generators/cloud-init-generator', 0o644),
    is: 'broken',
    speaks: 'cloud-init-enabled',
    says: /cloud-init-generator/,
  },
  {
    id: 'cloud-init-masked',
    on: 'debian12-ci',
    what: "cloud-init's generator is masked",
    put: (root) => root.link('/etc/systemd/system-generators/cloud-init-generator', '/dev/null'),
    is: 'broken',
    speaks: 'cloud-init-enabled',
    says: /cloud-init-generator/,
  },
]);
