import { join } from 'node:path';
import { ImageError } from '../../images/base/errors.js';
import { Sandbox } from '../../images/sandbox/sandbox.js';
import { give, makePipeDevice } from '../../images/sandbox/devices.js';
import type { MachineOptions } from '../../images/sandbox/machine.js';
import { plugIn, unplug } from '../../images/sandbox/network.js';
import { assertPossible, machinePrograms } from '../../images/sandbox/requirements.js';
import type { Namespaces } from '../../images/sandbox/namespaces.js';
import { afterRound, fresh, inTheEnd } from './evidence/agent.js';
import type { Guest } from './evidence/guest.js';
import { whenHopeless } from './hopeless.js';
import { keepWhatIsLeft } from './keep.js';
import type { StageHooks } from './nova/performance.js';
import { play } from './nova/play.js';
import { type RehearsalOrder, guestLimits, interruptible } from './order.js';
import { agentCommand, boots, initArguments } from './payload.js';
import type { ProvenClaim } from '../report/rehearsal.js';
import type { Rehearsed } from './rehearse.js';
import { Console, enterStarts, lastWords, startGuest } from './start-guest.js';
import { Timeline } from './timeline.js';
import { serveSocket } from './xenstore/serve.js';
import { XenStore } from './xenstore/store.js';

type Payload = MachineOptions['payload'];

/**
 * Boots the guest, plays the hypervisor and Nova to its agent, and looks whether what the agent was asked is really done.
 * @throws {ImageError} when it cannot be held here
 */
export async function rehearseAgent(order: RehearsalOrder): Promise<Rehearsed> {
  const { known, source } = order;
  assertPossible({
    ...machinePrograms,
    perl: 'perl-base',
    hostname: 'hostname',
    ...source.requires,
  });
  if (!boots(known.init)) return hold(order, alone(order));
  try {
    return await hold(order, { init: initArguments(known.init) });
  } catch (error) {
    if (!(error instanceof ImageError) || error.code !== 'no-boot') throw error;
    return hold(order, alone(order));
  }
}

/** The agent without an init. @throws {ImageError} code `no-agent` */
function alone({ known }: RehearsalOrder): Payload {
  if (!known.agent)
    throw new ImageError(
      'no-agent',
      'no init can be booted, and there is no nova-agent that could be run without',
    );
  return { program: agentCommand(known.agent) };
}

async function hold(order: RehearsalOrder, payload: Payload): Promise<Rehearsed> {
  const booted = 'init' in payload;
  await using sandbox = await Sandbox.open(order.source, guestLimits, interruptible(order));
  const timeline = new Timeline(order.onEntry);
  const store = new XenStore();
  await using sockets = await serveStore(store, sandbox, timeline);
  using device = await makePipeDevice(sandbox.namespaces, sandbox.work, sockets.ofDevice);

  const over = new AbortController();
  using _over = {
    [Symbol.dispose]: () => {
      over.abort(new Error('the rehearsal was given up'));
    },
  };
  const evidence: ProvenClaim[] = [];
  let tellGuest: (guest: Guest) => void = () => undefined;
  const guest = new Promise<Guest>((resolve) => (tellGuest = resolve));
  // Before the guest is started: its agent must find its provider.
  const playing = play({
    scenario: order.scenario,
    store,
    now: timeline.now,
    onEntry: timeline.enter,
    ...interruptible(order),
    ended: over.signal,
    hooks: hooksOf(sandbox.namespaces, guest, timeline, evidence),
  });
  playing.catch(() => undefined); // whoever awaits it gets the error

  const console = new Console(timeline);
  await using machine = await startGuest(order, payload, sandbox, console.hear, [
    { from: device.path, to: '/dev/xen/xenbus' },
    { from: sockets.ofPrograms, to: '/run/xenstored/socket' },
  ]);
  timeline.enter({
    atMs: 0,
    kind: 'boot',
    what: booted ? 'the guest was started' : 'the agent was started by us',
  });
  const running = {
    known: order.known,
    sandbox,
    machine,
    console: console.lines,
    booted,
    startedAt: timeline.startedAt,
  };
  tellGuest(running);
  using _watch = watch(running, over);

  const performance = await playing;
  await enterStarts(running, timeline);
  const atMs = timeline.now();
  const proven = new Set(evidence.filter(({ outcome }) => outcome === 'pass').map(({ id }) => id));
  const last = await inTheEnd(running, performance, proven);
  evidence.push(...last);
  timeline.enterEvidence('in the end', atMs, last);
  const kept = order.keep === undefined ? undefined : await keepWhatIsLeft(running, order.keep);
  return {
    way: booted ? 'boot' : 'agent-alone',
    timeline: timeline.entries,
    evidence,
    ...(performance.reason === undefined ? {} : { failure: performance.reason }),
    ...(kept === undefined ? {} : { kept }),
  };
}

/** What is done to the guest between Nova's commands, and what is looked at. */
function hooksOf(
  namespaces: Namespaces,
  guest: Promise<Guest>,
  timeline: Timeline,
  evidence: ProvenClaim[],
): StageHooks {
  return {
    addInterface: async ({ device: name, mac }) => plugIn(namespaces, (await guest).machine, { name, mac }),
    removeInterface: async ({ device: name }) => unplug(namespaces, name),
    afterRound: async (round, expected) => {
      const atMs = timeline.now();
      const claims = await afterRound(await guest, round, expected);
      if (claims.length === 0) return;
      timeline.enterEvidence(`after “${round.name}”`, atMs, claims);
      evidence.push(...fresh(claims, evidence));
    },
  };
}

/** Ends the play when the guest has ended, or can no longer come to an agent. */
function watch(guest: Guest, over: AbortController): Disposable {
  void guest.machine.ended.then(() => {
    over.abort(new Error(lastWords(guest)));
  });
  return whenHopeless(guest, (why) => {
    over.abort(new Error(why));
  });
}

/** Serves the store to the device and to programs that know the socket. */
async function serveStore(
  store: XenStore,
  { work }: Sandbox,
  timeline: Timeline,
): Promise<{ ofDevice: string; ofPrograms: string } & AsyncDisposable> {
  let heard = false;
  const onRequest = (): void => {
    if (!heard)
      timeline.enter({ atMs: timeline.now(), kind: 'start', what: 'the guest first asked XenStore' });
    heard = true;
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
