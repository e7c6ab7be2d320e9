import { join } from 'node:path';
import { ImageError } from '../../images/base/errors.js';
import { Sandbox } from '../../images/sandbox/sandbox.js';
import { assertPossible, sandboxPrograms } from '../../images/sandbox/requirements.js';
import { awaitStages } from './cloud-init/await-stages.js';
import { makeConfigDrive, writeConfigDrive } from './cloud-init/config-drive.js';
import { hasCloudInit } from './cloud-init/installed.js';
import { makeSeedFolder } from './cloud-init/seed.js';
import { type CloudInitStage, stagesInWords } from './cloud-init/stages.js';
import { afterReboot, cloudInitClaims } from './evidence/cloud-init.js';
import { bootedInits } from './init/booted-inits.js';
import { keepWhatIsLeft } from './keep.js';
import { expectedOf } from './nova/vm-data.js';
import { type RehearsalOrder, guestLimits } from './order.js';
import { processOf } from './processes.js';
import type { RehearsalResult } from './result.js';
import type { RunningGuest } from './running-guest.js';
import { bootAgain, notAgain } from './second-boot.js';
import { containerBinds, startGuest } from './start-guest.js';
import { linkOf, makeSurroundings } from './surroundings.js';
import { Timeline } from './timeline.js';

/**
 * Boots the guest as a new server whose config drive is there, and looks whether cloud-init has made of it what the drive
 * says. It proves that the image's cloud-init runs at boot, takes the config drive among its datasources, and sets up
 * network, host name, key and user data from it, with the image's own configuration and modules. It does not prove that
 * the guest finds a drive by its label and mounts it: a container has no drives and no kernel of its own, so what would
 * be on it is a folder of its seeds.
 * @throws {ImageError} when it cannot be held here
 */
export async function rehearseCloudInit(order: RehearsalOrder): Promise<RehearsalResult> {
  const { facts, source, scenario, keep } = order;
  assertPossible({
    ...sandboxPrograms,
    ip: 'iproute2',
    perl: 'perl-base',
    hostname: 'hostname',
    ...source.requires,
  });
  const init = bootedInits[facts.init.system];
  if (!init)
    throw new ImageError(
      'no-boot',
      'the init of this image cannot be booted here, and nothing else starts cloud-init',
    );
  await using sandbox = await Sandbox.open(source, guestLimits);
  if (!(await hasCloudInit({ sandbox })))
    throw new ImageError('no-cloud-init', 'the image has no cloud-init to rehearse with');

  const drive = await makeConfigDrive(scenario);
  const folder = join(sandbox.work.path, 'config-drive');
  writeConfigDrive(folder, drive);
  const timeline = new Timeline(order.onEntry);
  using names = await makeSurroundings(sandbox, scenario);
  const seed = { from: folder, to: await makeSeedFolder(sandbox), readOnly: true };
  const start = {
    sandbox,
    timeline,
    payload: { init },
    names,
    binds: [seed, ...(await containerBinds(sandbox))],
    links: scenario.interfaces.map(expectedOf).map(linkOf),
  };
  const guest = await startGuest(order, { ...start, what: 'the guest was started with a config drive' });
  await using _machine = guest.machine;

  const { stages, failure } = await awaitStages(
    guest,
    timeline.now,
    scenario.limits.total * 1000,
    order.signal,
  );
  for (const stage of stages) enterStage(stage, timeline);
  await enterAgent(guest, timeline);
  const atMs = timeline.now();
  const evidence = await cloudInitClaims(guest, scenario, drive, stages);
  timeline.enterEvidence('what cloud-init did', atMs, evidence);
  const refuted = failure === undefined ? notAgain(evidence) : undefined;
  const again =
    failure === undefined && !refuted && !guest.machine.isOver()
      ? await bootAgain(order, guest, {
          start,
          isAtWork: () => true,
          look: (same) => afterReboot(same, scenario, drive),
        })
      : undefined;
  const console = [...guest.console, ...(again?.console ?? [])];
  return {
    way: 'boot',
    timeline: timeline.entries,
    evidence: [...evidence, ...(refuted ? [refuted] : []), ...(again?.evidence ?? [])],
    failure,
    secondBoot: again && { atMs: again.atMs, durationMs: again.durationMs },
    kept: keep === undefined ? undefined : await keepWhatIsLeft({ ...guest, console }, keep),
  };
}

function enterStage(stage: CloudInitStage, timeline: Timeline): void {
  const { name, state, atMs, endMs } = stage;
  if (atMs === undefined) return;
  const isDone = state === 'done';
  timeline.enter({
    atMs,
    durationMs: endMs === undefined ? undefined : endMs - atMs,
    kind: 'start',
    what: name,
    outcome: isDone ? 'pass' : 'fail',
    detail: isDone ? undefined : stagesInWords([stage]),
  });
}

/** An agent that starts, too, would set up the same server; whether it may is for the checks to say. */
async function enterAgent(guest: RunningGuest, timeline: Timeline): Promise<void> {
  const { booted, machine, facts } = guest;
  const { agent, agentService } = facts;
  if (!agent || !agentService || machine.isOver()) return;
  const start = await booted?.startOf(guest, agentService);
  if (!start) return;
  const runs = processOf(guest, agent.program) !== undefined;
  timeline.enter({
    atMs: Math.round(start.atMs),
    kind: 'start',
    what: `${start.seen} as well`,
    detail: runs ? 'it runs beside cloud-init' : 'it has ended: there is no XenStore for it here',
  });
}
