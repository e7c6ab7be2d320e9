import { join } from 'node:path';
import { ImageError } from '../../images/base/errors.js';
import { Sandbox } from '../../images/sandbox/sandbox.js';
import { assertPossible, sandboxPrograms } from '../../images/sandbox/requirements.js';
import { awaitStages } from './cloud-init/await-stages.js';
import { makeConfigDrive, writeConfigDrive } from './cloud-init/config-drive.js';
import { makeSeedFolder } from './cloud-init/seed.js';
import { type StageRun, tell } from './cloud-init/stages.js';
import { cloudInitClaims } from './evidence/cloud-init.js';
import { type Guest, look } from './evidence/guest.js';
import { processOf, startOf } from './evidence/started.js';
import { keepWhatIsLeft } from './keep.js';
import { type RehearsalOrder, guestLimits } from './order.js';
import { boots, initArguments } from './payload.js';
import type { Rehearsed } from './rehearse.js';
import { Console, startGuest } from './start-guest.js';
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
export async function rehearseCloudInit(order: RehearsalOrder): Promise<Rehearsed> {
  const { known, source, scenario } = order;
  assertPossible({
    ...sandboxPrograms,
    ip: 'iproute2',
    hostname: 'hostname',
    ...source.requires,
  });
  if (!boots(known.init))
    throw new ImageError(
      'no-boot',
      'the guest’s init cannot be booted here, and only that starts cloud-init',
    );
  await using sandbox = await Sandbox.open(source, guestLimits);
  await assertInstalled(sandbox);

  const drive = await makeConfigDrive(scenario);
  const folder = join(sandbox.work.path, 'config-drive');
  writeConfigDrive(folder, drive);
  const timeline = new Timeline(order.onEntry);
  const console = new Console(timeline);
  await using machine = await startGuest(order, { init: initArguments(known.init) }, sandbox, console.hear, [
    { from: folder, to: await makeSeedFolder(sandbox), readOnly: true },
  ]);
  timeline.enter({ atMs: 0, kind: 'boot', what: 'the guest was started, with a config drive' });
  const guest = {
    known,
    sandbox,
    machine,
    console: console.lines,
    booted: true,
    startedAt: timeline.startedAt,
  };

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
  timeline.enterEvidence('what cloud-init has done', atMs, evidence);
  const kept = order.keep === undefined ? undefined : await keepWhatIsLeft(guest, order.keep);
  return {
    way: 'boot',
    timeline: timeline.entries,
    evidence,
    ...(failure === undefined ? {} : { failure }),
    ...(kept === undefined ? {} : { kept }),
  };
}

async function assertInstalled(sandbox: Sandbox): Promise<void> {
  await using image = look({ sandbox });
  for (const path of programs) if (await image.stat(path)) return;
  throw new ImageError('no-cloud-init', 'there is no cloud-init in the image to rehearse with');
}

function enterStage(stage: StageRun, timeline: Timeline): void {
  const { name, state, atMs, endMs } = stage;
  if (atMs === undefined) return;
  timeline.enter({
    atMs,
    ...(endMs === undefined ? {} : { durationMs: endMs - atMs }),
    kind: 'start',
    what: name,
    ...(state === 'done' ? { outcome: 'pass' } : { outcome: 'fail', detail: tell([stage]) }),
  });
}

/** An agent that starts, too, would set up the same server; whether it may is for the checks to say. */
async function enterAgent(guest: Guest, timeline: Timeline): Promise<void> {
  const { agent, agentService } = guest.known;
  if (!agent || !agentService || guest.machine.isOver()) return;
  const start = await startOf(guest, agentService);
  if (!start) return;
  const runs = processOf(guest, agent.program) !== undefined;
  timeline.enter({
    atMs: Math.round(start.atMs),
    kind: 'start',
    what: `${start.seen}, too`,
    detail: runs ? 'it runs beside cloud-init' : 'it has ended: there is no XenStore here for it',
  });
}
