import { join } from 'node:path';
import { ImageError } from '../../images/base/errors.js';
import { give, makePipeDevice } from '../../images/sandbox/devices.js';
import { plugIn, unplug } from '../../images/sandbox/network.js';
import { assertPossible, machinePrograms } from '../../images/sandbox/requirements.js';
import { Sandbox } from '../../images/sandbox/sandbox.js';
import type { ProvenClaim } from '../report/rehearsal.js';
import { agentCommand } from './agent-command.js';
import { afterRound, fresh, inTheEnd } from './evidence/agent.js';
import { type AgentWatch, whenHopeless } from './hopeless.js';
import { bootedInits } from './init/booted-inits.js';
import { keepWhatIsLeft } from './keep.js';
import type { PlayHooks } from './nova/performance.js';
import { withModes } from './nova/injected-modes.js';
import { play } from './nova/play.js';
import { writeVmData } from './nova/vm-data.js';
import { type RehearsalOrder, guestLimits, interruptible } from './order.js';
import type { RehearsalResult } from './result.js';
import { type RunningGuest, look } from './running-guest.js';
import type { Scenario } from './scenario.js';
import { type GuestStart, enterStarts, lastWords, startGuest } from './start-guest.js';
import { Timeline } from './timeline.js';
import type { RequestSeen } from './xenstore/connection.js';
import { serveSocket } from './xenstore/serve.js';
import { XenStore } from './xenstore/store.js';

type Payload = GuestStart['payload'];

/**
 * Boots the guest, plays the hypervisor and Nova to its agent, and looks whether what the agent was asked is really done.
 * @throws {ImageError} when it cannot be held here
 */
export async function rehearseAgent(order: RehearsalOrder): Promise<RehearsalResult> {
  const { facts, source } = order;
  assertPossible({
    ...machinePrograms,
    perl: 'perl-base',
    hostname: 'hostname',
    ...source.requires,
  });
  const init = bootedInits[facts.init.system];
  if (!init) return hold(order, alone(order));
  try {
    return await hold(order, { init });
  } catch (error) {
    if (!(error instanceof ImageError) || error.code !== 'no-boot') throw error;
    return hold(order, alone(order));
  }
}

/** The agent without an init. @throws {ImageError} code `no-agent` */
function alone({ facts }: RehearsalOrder): Payload {
  if (!facts.agent)
    throw new ImageError(
      'no-agent',
      'the init of this image cannot be booted here, and there is no nova-agent that could run without it',
    );
  return { program: agentCommand(facts.agent) };
}

/** Opens the provider, starts the guest, plays, and looks at what came of it; in this order. */
async function hold(order: RehearsalOrder, payload: Payload): Promise<RehearsalResult> {
  const { signal, keep } = order;
  const booted = 'init' in payload;
  await using sandbox = await Sandbox.open(order.source, guestLimits, interruptible(order));
  const scenario = await scenarioFor(order, sandbox);
  const timeline = new Timeline(order.onEntry);
  const store = new XenStore();
  let hasAsked = false;
  await using sockets = await serveStore(store, sandbox, () => {
    if (!hasAsked) timeline.enter({ atMs: timeline.now(), kind: 'start', what: firstRequest });
    hasAsked = true;
  });
  using device = await makePipeDevice(sandbox.namespaces, sandbox.work, sockets.ofDevice);
  // An agent that finds no provider ends, so this comes before the guest.
  writeVmData(store, scenario);

  const guest = await startGuest(order, {
    sandbox,
    timeline,
    payload,
    binds: [
      { from: device.path, to: '/dev/xen/xenbus' },
      { from: sockets.ofPrograms, to: '/run/xenstored/socket' },
    ],
    what: booted ? 'the guest was started' : 'Hallmark started the agent, without an init',
  });
  await using _machine = guest.machine;
  using end = watchForEnd(guest, order.patient ? undefined : { now: timeline.now, hasAsked: () => hasAsked });

  const evidence: ProvenClaim[] = [];
  const performance = await play({
    scenario,
    store,
    now: timeline.now,
    onEntry: timeline.enter,
    signal,
    ended: end.signal,
    hooks: hooksFor(guest, timeline, evidence),
  });
  await enterStarts(guest, timeline);
  const atMs = timeline.now();
  const proven = new Set(evidence.filter(({ outcome }) => outcome === 'pass').map(({ id }) => id));
  const last = await inTheEnd(guest, performance, proven);
  evidence.push(...last);
  timeline.enterEvidence('at the end', atMs, last);
  return {
    way: booted ? 'boot' : 'agent-alone',
    timeline: timeline.entries,
    evidence,
    failure: performance.reason,
    kept: keep === undefined ? undefined : await keepWhatIsLeft(guest, keep),
  };
}

/** What is played, as the agent of this image must carry it out. */
async function scenarioFor({ scenario, facts }: RehearsalOrder, sandbox: Sandbox): Promise<Scenario> {
  await using image = look({ sandbox });
  return await withModes(scenario, image, facts.agent);
}

/** What is done to the guest between Nova's commands, and what is looked at. */
function hooksFor(guest: RunningGuest, timeline: Timeline, evidence: ProvenClaim[]): PlayHooks {
  const { machine, sandbox } = guest;
  return {
    addInterface: async ({ device: name, mac }) => plugIn(sandbox.namespaces, machine, { name, mac }),
    removeInterface: async ({ device: name }) => unplug(sandbox.namespaces, name),
    afterRound: async (round, expected) => {
      const atMs = timeline.now();
      const claims = await afterRound(guest, round, expected);
      if (claims.length === 0) return;
      timeline.enterEvidence(`after “${round.name}”`, atMs, claims);
      evidence.push(...fresh(claims, evidence));
    },
  };
}

/**
 * @param watch - of the agent; without it, only the guest's end counts
 * @returns a signal that fires when the guest has ended, or can no longer come to an agent; its reason says which
 */
function watchForEnd(
  guest: RunningGuest,
  watch: AgentWatch | undefined,
): Disposable & { readonly signal: AbortSignal } {
  const ended = new AbortController();
  const end = (why: string): void => {
    ended.abort(new Error(why));
  };
  void guest.machine.ended.then(() => {
    end(lastWords(guest));
  });
  const watching = watch && whenHopeless(guest, watch, end);
  return {
    signal: ended.signal,
    [Symbol.dispose]: () => {
      watching?.[Symbol.dispose]();
    },
  };
}

const firstRequest = 'the guest made its first XenStore request';

/** What only an agent reads: where its requests are, and whose server it is. The guest utilities ask for neither. */
const ofAgents = /(?:^|\/)(?:data\/host|vm-data)(?:\/|$)/;

/**
 * Serves the store to the device and to programs that know the socket.
 * @param onAgent - told of each request that is an agent's
 */
async function serveStore(
  store: XenStore,
  { work }: Sandbox,
  onAgent: () => void,
): Promise<{ ofDevice: string; ofPrograms: string } & AsyncDisposable> {
  const onRequest = ({ path = '' }: RequestSeen): void => {
    if (ofAgents.test(path)) onAgent();
  };
  const [ofDevice, ofPrograms] = [join(work.path, 'device.sock'), join(work.path, 'programs.sock')];
  const device = await serveSocket(store, ofDevice, { shared: true, onRequest });
  const programs = await serveSocket(store, ofPrograms, { onRequest });
  give(ofPrograms);
  return {
    ofDevice,
    ofPrograms,
    [Symbol.asyncDispose]: async () => {
      await device[Symbol.asyncDispose]();
      await programs[Symbol.asyncDispose]();
    },
  };
}
