import { agentProgram, agentUnit, units, wants } from '../guests.js';
import type { Root } from '../root.js';
import { rowsOf } from '../row.js';

const unit = `${units}/${agentUnit}`;
const link = `${wants}/${agentUnit}`;
const start = `${agentProgram} --no-fork=True -o /var/log/nova-agent.log -l info`;

/** A oneshot of the boot that runs a line. */
function tune(root: Root, line: string): void {
  root
    .unit(
      'tune.service',
      '[Unit]',
      `After=${agentUnit}`,
      '[Service]',
      'Type=oneshot',
      `ExecStart=/usr/bin/env ${line}`,
    )
    .want('tune.service');
}

/** A boot shows only that the build is served: the agent tells systemd that it is ready when that is done. */
const stopped = { manual: 'systemctl(1), stop: what the cloud asks later, nobody answers' };

/** What else than its own unit or script starts the agent, and what stops it again. */
export const starters = rowsOf('starters', [
  {
    id: 'service-stops',
    on: ['debian12', 'debian13'],
    what: 'a service of the boot stops the agent once it has served the build',
    put: (root) => {
      tune(root, `systemctl stop ${agentUnit}`);
    },
    is: 'broken',
    by: stopped,
    speaks: 'agent-enabled',
  },
  {
    id: 'service-stops-in-a-script',
    on: 'debian12',
    what: 'a script that a service of the boot runs stops the agent and masks it',
    put: (root) => {
      root.script('/usr/local/sbin/tune', `systemctl mask --now ${agentUnit}`);
      tune(root, '/usr/local/sbin/tune');
    },
    is: 'broken',
    by: stopped,
    speaks: 'agent-enabled',
  },
  {
    id: 'service-restarts',
    on: 'debian12',
    what: 'a service of the boot stops the agent and starts it again',
    put: (root) => {
      tune(root, `sh -c 'systemctl stop ${agentUnit}; systemctl start --no-block ${agentUnit}'`);
    },
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'by-a-timer',
    on: ['debian12', 'debian13'],
    what: 'a timer of the boot starts the agent',
    put: (root) =>
      root
        .take(link)
        .unit(
          'agent.timer',
          '[Timer]',
          'OnBootSec=1s',
          `Unit=${agentUnit}`,
          '[Install]',
          'WantedBy=timers.target',
        )
        .want('agent.timer', 'timers.target'),
    is: 'works',
    guards: 'agent-enabled',
    may: 'agent-enabled',
  },
  {
    id: 'by-a-timer-disabled',
    on: 'debian12',
    what: 'a timer would start the agent, and is not enabled',
    put: (root) => root.take(link).unit('agent.timer', '[Timer]', 'OnBootSec=1s', `Unit=${agentUnit}`),
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'by-a-path',
    on: 'debian12',
    what: 'a path unit of the boot starts the agent',
    put: (root) =>
      root
        .take(link)
        .unit('agent.path', '[Path]', 'PathExists=/etc/passwd', `Unit=${agentUnit}`)
        .want('agent.path', 'paths.target'),
    is: 'works',
    guards: 'agent-enabled',
    may: 'agent-enabled',
  },
  {
    id: 'by-another-name',
    on: ['debian12', 'debian13'],
    what: 'a unit of another name starts the program of the agent',
    put: (root) =>
      root
        .take(link, unit)
        .unit('guest-tools.service', '[Service]', `ExecStart=${start}`)
        .want('guest-tools.service'),
    is: 'works',
    guards: 'agent-enabled',
    may: ['agent-enabled', 'xe-ordering'],
  },
  {
    id: 'rc-local',
    on: ['debian12', 'debian12-sysv'],
    what: 'rc.local starts the program of the agent, and nothing else does',
    put: (root) => {
      disable(root);
      root.script('/etc/rc.local', `${start} >/dev/null 2>&1 &`, 'exit 0');
    },
    is: 'works',
    guards: 'agent-enabled',
    may: ['agent-enabled', 'xe-ordering'],
  },
  {
    id: 'rc-local-systemctl',
    on: 'debian12',
    what: 'rc.local starts the unit of the agent, and nothing else does',
    put: (root) => {
      disable(root);
      root.script('/etc/rc.local', `systemctl start --no-block ${agentUnit}`, 'exit 0');
    },
    is: 'works',
    guards: 'agent-enabled',
    may: ['agent-enabled', 'xe-ordering'],
  },
  {
    id: 'rc-local-after-exit',
    on: ['debian12', 'debian12-sysv'],
    what: 'rc.local has ended before the line that starts the agent',
    put: (root) => {
      disable(root);
      root.script('/etc/rc.local', 'exit 0', `${start} >/dev/null 2>&1 &`);
    },
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'rc-local-if-false',
    on: 'debian13',
    what: 'rc.local starts the agent in a branch that is never taken',
    put: (root) => {
      disable(root);
      root.script('/etc/rc.local', 'if false; then', `  ${start} >/dev/null 2>&1 &`, 'fi', 'exit 0');
    },
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'rc-local-comment',
    on: 'debian12',
    what: 'rc.local has the line that starts the agent in a comment',
    put: (root) => {
      disable(root);
      root.script('/etc/rc.local', `# ${start} &`, 'exit 0');
    },
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'rc-local-not-executable',
    on: ['debian12', 'debian12-sysv'],
    what: 'rc.local starts the agent, and may not be executed',
    put: (root) => {
      disable(root);
      root.script('/etc/rc.local', `${start} >/dev/null 2>&1 &`, 'exit 0').mode('/etc/rc.local', 0o644);
    },
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'cron-reboot-with-its-path',
    on: 'debian12-sysv',
    what: 'a file of cron.d starts the agent, and cron’s PATH has no ifdown',
    put: (root) => {
      disable(root);
      root.put('/etc/cron.d/agent', `@reboot root ${start} >/dev/null 2>&1\n`);
    },
    is: 'broken',
    speaks: 'agent-runnable',
    says: /PATH/,
    may: ['agent-enabled', 'xe-ordering'],
  },
  {
    id: 'cron-reboot',
    on: 'debian12-sysv',
    what: 'a file of cron.d starts the agent at every boot',
    put: (root) => {
      disable(root);
      // cron's own PATH has no sbin, where ifup and ifdown are (crontab(5)).
      root.put(
        '/etc/cron.d/agent',
        `PATH=/usr/sbin:/usr/bin:/sbin:/bin\n@reboot root ${start} >/dev/null 2>&1\n`,
      );
    },
    is: 'works',
    guards: 'agent-enabled',
    may: ['agent-enabled', 'xe-ordering'],
  },
  {
    id: 'inittab-respawn',
    on: 'debian12-sysv',
    what: 'inittab keeps the agent running',
    put: (root) => {
      disable(root);
      root.append('/etc/inittab', `na:2345:respawn:${start}\n`);
    },
    is: 'works',
    guards: 'agent-enabled',
    may: ['agent-enabled', 'xe-ordering'],
  },
]);

/** Takes the agent out of the boot, whatever the init. */
function disable(root: Root): void {
  if (root.has('/etc/init.d/nova-agent')) root.run('update-rc.d', 'nova-agent', 'remove');
  else root.take(link);
}
