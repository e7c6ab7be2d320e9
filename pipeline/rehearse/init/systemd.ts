import type { Service } from '../../../images/guest/init/service.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { stagesOfUnits } from '../cloud-init/units.js';
import { claimed } from '../evidence/claim.js';
import type { BootedInit, RunningGuest, ServiceStart } from '../running-guest.js';

/** SIGRTMIN+4, which starts poweroff.target: systemd(1). */
const powerOffSignal = 34 + 4;

export const systemd: BootedInit = {
  // Its console, and so we, hear what it and its services say: systemd(1), systemd-journald.service(8).
  arguments: [
    'systemd.log_target=console',
    'systemd.log_color=0',
    'systemd.show_status=1',
    'systemd.journald.forward_to_console=1',
  ],
  // Control groups of version 2 came to be supported for good in systemd 233.
  takesUnifiedGroups: ({ systemdVersion }) =>
    systemdVersion === undefined || parseInt(systemdVersion, 10) >= 233,
  endsBoot: (line) => /\bStartup finished in\b/.test(line),
  startOf,
  // What it says on its console is lost where a getty starts at that moment, and clears it (agetty(8)).
  isUp: async (guest) => guest.hasEndedBoot() || isRunning(guest),
  powerOff: async ({ machine }) => {
    machine.signal(powerOffSignal);
  },
  leftAgentUnstarted,
  cloudInitStages: stagesOfUnits,
  bootClaims,
};

/**
 * systemd's own record: org.freedesktop.systemd1(5). A unit whose conditions do not hold, as that of the guest utilities
 * outside of Xen, was at its turn when they were looked at.
 */
async function startOf(
  { machine, startedAt }: RunningGuest,
  { id }: Service,
): Promise<ServiceStart | undefined> {
  const properties = ['ConditionResult', 'ConditionTimestampMonotonic', 'InactiveExitTimestampMonotonic'];
  const { stdout } = await machine.run('systemctl', ['show', `--property=${properties.join(',')}`, '--', id]);
  const of = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const since = (microseconds: number): number => microseconds / 1000 - startedAt.monotonic;
  const started = Number(of('InactiveExitTimestampMonotonic'));
  if (started > 0) return { atMs: since(started), withinMs: 0, seen: `${id} was started` };
  const skipped = of('ConditionResult') === 'no' ? Number(of('ConditionTimestampMonotonic')) : 0;
  const why = 'its conditions do not hold in a container';
  return skipped > 0 ? { atMs: since(skipped), withinMs: 0, seen: `${id} was skipped (${why})` } : undefined;
}

/** Whether no job of the boot is left: systemctl(1), is-system-running. */
async function isRunning({ machine }: RunningGuest): Promise<boolean> {
  const { stdout } = await machine.run('systemctl', ['is-system-running']);
  return /^(?:running|degraded)$/.test(stdout.trim());
}

async function leftAgentUnstarted(guest: RunningGuest): Promise<boolean> {
  const { facts, machine } = guest;
  if (!(await isRunning(guest))) return false;
  if (!facts.agentService) return true;
  const unit = await machine.run('systemctl', ['is-active', '--', facts.agentService.id]);
  return /^(?:inactive|failed|unknown)$/.test(unit.stdout.trim());
}

/** What systemd says when it takes a job out of the boot: src/core/transaction.c. */
const cycle = /Found ordering cycle|deleted to break ordering cycle|Unable to break cycle/;

function bootClaims({ console }: RunningGuest): ProvenClaim[] {
  const lines = console.filter((line) => cycle.test(line));
  const said = lines.find((line) => line.includes('deleted')) ?? lines[0];
  return [
    claimed(
      'no-cycle',
      'systemd found no ordering cycle in the boot',
      said === undefined,
      said === undefined ? 'its console reports none' : `its console reports: ${said}`,
    ),
  ];
}
