import { join } from 'node:path';
import { ImageError } from '../../images/base/errors.js';
import { Sandbox } from '../../images/sandbox/sandbox.js';
import { assertPossible, sandboxPrograms } from '../../images/sandbox/requirements.js';
import { awaitStages } from './cloud-init/await-stages.js';
import { makeConfigDrive, writeConfigDrive } from './cloud-init/config-drive.js';
import { makeSeedFolder } from './cloud-init/seed.js';
import { type CloudInitStage, stagesInWords } from './cloud-init/stages.js';
import { cloudInitClaims } from './evidence/cloud-init.js';
import { bootedInits } from './init/booted-inits.js';
import { keepWhatIsLeft } from './keep.js';
import { type RehearsalOrder, guestLimits } from './order.js';
import { processOf } from './processes.js';
import type { RehearsalResult } from './result.js';
import { type RunningGuest, look } from './running-guest.js';
import { startGuest } from './start-guest.js';
import { Timeline } from './timeline.js';

/** As packages and as pip install it. */
const programs = ['/usr/bin/cloud-init', '/usr/local/bin/cloud-init'] as const;

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
  await assertInstalled(sandbox);

  const drive = await makeConfigDrive(scenario);
  const folder = join(sandbox.work.path, 'config-drive');
  writeConfigDrive(folder, drive);
  const timeline = new Timeline(order.onEntry);
  const guest = await startGuest(order, {
    sandbox,
    timeline,
    payload: { init },
    binds: [{ from: folder, to: await makeSeedFolder(sandbox), readOnly: true }],
    what: 'the guest was started with a config drive',
  });
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
  return {
    way: 'boot',
    timeline: timeline.entries,
    evidence,
    failure,
    kept: keep === undefined ? undefined : await keepWhatIsLeft(guest, keep),
  };
}

async function assertInstalled(sandbox: Sandbox): Promise<void> {
  await using image = look({ sandbox });
  for (const path of programs) if (await image.stat(path)) return;
  throw new ImageError('no-cloud-init', 'the image has no cloud-init to rehearse with');
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
