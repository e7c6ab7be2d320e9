import type { RunningGuest } from '../running-guest.js';
import { processOf } from '../processes.js';
import { type CloudInitStageName, type CloudInitStage, cloudInitStageNames } from './stages.js';
import { type StageStatus, statusOf } from './status-file.js';

/** What runs while a stage may still come: sysvinit's and Red Hat's scripts that run the others, and cloud-init. */
const programs = ['/etc/init.d/rcS', '/etc/init.d/rc', '/etc/rc.d/rc', '/usr/bin/cloud-init'];

/** The stages of a guest whose init keeps no account of what it starts: cloud-init's own is all there is. */
export async function stagesOfScripts(guest: RunningGuest): Promise<CloudInitStage[]> {
  const atWork = programs.some((program) => processOf(guest, program) !== undefined);
  const { stages } = await statusOf(guest);
  return cloudInitStageNames.map((name) =>
    stageOf(
      name,
      stages.find((one) => one.name === name),
      atWork,
    ),
  );
}

function stageOf(
  stage: CloudInitStageName,
  status: StageStatus | undefined,
  atWork: boolean,
): CloudInitStage {
  if (!status)
    return { name: stage, stage, state: atWork ? 'waiting' : 'not-started', why: 'no script ran it' };
  const { start: atMs, finished: endMs, errors } = status;
  const [why] = errors;
  if (endMs === undefined)
    return atWork
      ? { name: stage, stage, state: 'running', atMs }
      : { name: stage, stage, state: 'failed', why: 'it did not finish', atMs };
  return why === undefined
    ? { name: stage, stage, state: 'done', atMs, endMs }
    : { name: stage, stage, state: 'failed', why, atMs, endMs };
}
