import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '../../images/base/errors.js';
import { plugIn, unplug } from '../../images/sandbox/network.js';
import { assertPossible, machinePrograms } from '../../images/sandbox/requirements.js';
import { Sandbox } from '../../images/sandbox/sandbox.js';
import type { ProvenClaim } from '../report/rehearsal.js';
import { agentCommand } from './agent-command.js';
import { openAgentStore } from './agent-store.js';
import { afterReboot, afterRound, fresh, inTheEnd } from './evidence/agent.js';
import { type AgentWatch, whenHopeless } from './hopeless.js';
import { bootedInits } from './init/booted-inits.js';
import { keepWhatIsLeft } from './keep.js';
import type { PlayHooks } from './nova/performance.js';
import { withModes } from './nova/injected-modes.js';
import { play } from './nova/play.js';
import { expectedOf, renewVmData, writeVmData } from './nova/vm-data.js';
import { type RehearsalOrder, guestLimits, interruptible } from './order.js';
import type { RehearsalResult } from './result.js';
import { type RunningGuest, look } from './running-guest.js';
import type { Scenario } from './scenario.js';
import { type RebootResult, bootAgain, notAgain } from './second-boot.js';
import { type GuestStart, containerBinds, enterStarts, lastWords, startGuest } from './start-guest.js';
import { linkOf, makeSurroundings } from './surroundings.js';
import { Timeline } from './timeline.js';

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

/** Opens the provider, starts the guest, plays, and looks at what came of it, at once and after another boot; in this order. */
async function hold(order: RehearsalOrder, payload: Payload): Promise<RehearsalResult> {
  const { signal, keep } = order;
  await using sandbox = await Sandbox.open(order.source, guestLimits, interruptible(order));
  const scenario = await scenarioFor(order, sandbox);
  const timeline = new Timeline(order.onEntry);
  await using provider = await openAgentStore(sandbox, () => {
    timeline.enter({
      atMs: timeline.now(),
      kind: 'start',
      what: 'the guest made its first XenStore request',
    });
  });
  using names = await makeSurroundings(sandbox, scenario);
  // An agent that finds no provider ends, so this comes before the guest.
  writeVmData(provider.store, scenario);

  const start = {
    sandbox,
    timeline,
    payload,
    names,
    binds: [...provider.binds, ...(await containerBinds(sandbox))],
    links: scenario.interfaces.map(expectedOf).map(linkOf),
  };
  const booted = 'init' in payload;
  const guest = await startGuest(order, {
    ...start,
    what: booted ? 'the guest was started' : 'Hallmark started the agent, without an init',
  });
  await using _machine = guest.machine;
  using end = watchForEnd(
    guest,
    order.patient ? undefined : { now: timeline.now, hasAsked: provider.hasBeenAsked },
  );

  const evidence: ProvenClaim[] = [];
  const performance = await play({
    scenario,
    store: provider.store,
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

  const { reason, expected } = performance;
  let again: RebootResult | undefined;
  const refuted = notAgain(evidence);
  if (booted && reason === undefined && refuted) evidence.push(refuted);
  else if (booted && reason === undefined && !guest.machine.isOver()) {
    end[Symbol.dispose]();
    renewVmData(provider.store);
    provider.forgetAsked();
    again = await bootAgain(order, guest, {
      start: { ...start, links: expected.interfaces.map(linkOf) },
      isAtWork: provider.hasBeenAsked,
      look: (same) => afterReboot(same, expected, provider.hasBeenAsked()),
    });
    evidence.push(...again.evidence);
  }
  const console = [...guest.console, ...(again?.console ?? [])];
  return {
    way: booted ? 'boot' : 'agent-alone',
    timeline: timeline.entries,
    evidence,
    failure: reason,
    secondBoot: again && { atMs: again.atMs, durationMs: again.durationMs },
    kept: keep === undefined ? undefined : await keepWhatIsLeft({ ...guest, console }, keep),
  };
}

/** What is played, as the agent of this image must carry it out. */
async function scenarioFor({ scenario, facts }: RehearsalOrder, sandbox: Sandbox): Promise<Scenario> {
  await using image = look({ sandbox });
  return await withModes(scenario, image, facts.agent);
}

const everyMs = 250;
/** systemd-networkd and NetworkManager go on after the command that asked them to has ended. */
const settlingMs = 5000;

function isUnsettled({ id, outcome }: ProvenClaim): boolean {
  return outcome === 'fail' && /^(?:address|route|dns) /.test(id);
}

/** What is done to the guest between Nova's commands, and what is looked at. */
function hooksFor(guest: RunningGuest, timeline: Timeline, evidence: ProvenClaim[]): PlayHooks {
  const { machine, sandbox } = guest;
  let mayWait = true;
  return {
    addInterface: async (one) => plugIn(sandbox.namespaces, machine, linkOf(expectedOf(one))),
    removeInterface: async ({ device: name }) => unplug(sandbox.namespaces, name),
    afterRound: async (round, expected, stop) => {
      const atMs = timeline.now();
      let claims = await afterRound(guest, round, expected);
      while (mayWait && claims.some(isUnsettled) && timeline.now() - atMs < settlingMs) {
        await sleep(everyMs, undefined, { signal: stop });
        claims = await afterRound(guest, round, expected);
      }
      // Where waiting did not help once, it does not later.
      mayWait &&= !claims.some(isUnsettled);
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
