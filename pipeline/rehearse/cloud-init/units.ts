import { stageServices } from '../../../images/guest/cloud-init/stages.js';
import type { RunningGuest } from '../running-guest.js';
import { type CloudInitStageName, type CloudInitStage, cloudInitStageNames } from './stages.js';

/** Those of the stages, and of the one process that does the work of all in later releases. */
const units = ['cloud-init-main', ...stageServices.flat()].map((name) => `${name}.service`);

const stageOfUnit = (unit: string): CloudInitStageName | undefined =>
  cloudInitStageNames[stageServices.findIndex((names) => names.some((name) => unit === `${name}.service`))];

const properties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'Job',
  'InactiveExitTimestampMonotonic',
  'ActiveEnterTimestampMonotonic',
  'InactiveEnterTimestampMonotonic',
] as const;

/** What systemd says of a unit: org.freedesktop.systemd1(5). */
type Unit = Partial<Readonly<Record<(typeof properties)[number], string>>>;

/** @returns undefined when the guest's systemd does not answer yet */
export async function stagesOfUnits({
  machine,
  startedAt,
}: RunningGuest): Promise<CloudInitStage[] | undefined> {
  const args = ['show', `--property=${properties.join(',')}`, '--', ...units];
  const { exitCode, stdout } = await machine.run('systemctl', args);
  if (exitCode !== 0) return undefined;
  return stagesIn(stdout, startedAt.monotonic);
}

/**
 * @param text - of `systemctl show`: a block for each unit, and one for each of its other names
 * @param since - when the guest was started, in milliseconds of the monotonic clock
 */
export function stagesIn(text: string, since: number): CloudInitStage[] {
  const byId = new Map<string, CloudInitStage>();
  for (const block of text.split(/\n{2,}/)) {
    const unit = Object.fromEntries(
      block.split('\n').map((line) => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]),
    ) as Unit;
    if (unit.Id !== undefined && unit.LoadState !== 'not-found')
      byId.set(unit.Id, stageOf(unit.Id, unit, since));
  }
  return [...byId.values()];
}

function stageOf(name: string, unit: Unit, since: number): CloudInitStage {
  const at = (microseconds = '0'): number | undefined =>
    Number(microseconds) > 0 ? Math.round(Number(microseconds) / 1000 - since) : undefined;
  const began = at(unit.InactiveExitTimestampMonotonic);
  // One that stays active when its program has ended was done when it became so.
  const over =
    unit.ActiveState === 'active' ? unit.ActiveEnterTimestampMonotonic : unit.InactiveEnterTimestampMonotonic;
  const state = stateOf(unit, began !== undefined);
  const ended = state === 'done' || state === 'failed' ? at(over) : undefined;
  return {
    name,
    stage: stageOfUnit(name),
    state,
    why: whyNot(unit, state),
    atMs: began,
    endMs: ended,
  };
}

function stateOf(
  { ActiveState, SubState, Job = '0', Result }: Unit,
  began: boolean,
): CloudInitStage['state'] {
  if (ActiveState === 'active') return SubState === 'exited' ? 'done' : 'running';
  if (ActiveState === 'failed') return 'failed';
  if (ActiveState !== 'inactive') return 'running';
  if (Job !== '' && Job !== '0') return 'waiting';
  if (!began) return 'not-started';
  return Result === 'success' ? 'done' : 'failed';
}

function whyNot({ LoadState, Result }: Unit, state: CloudInitStage['state']): string | undefined {
  if (state === 'failed') return Result;
  if (state !== 'not-started') return undefined;
  if (LoadState !== 'loaded') return `it is ${LoadState ?? 'unknown'}`;
  return 'nothing in the boot starts it';
}
