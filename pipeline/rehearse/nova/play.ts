import type { TimelineEntry } from '../../report/rehearsal.js';
import { type Round, type Step, commandOf } from '../scenario.js';
import { type Patience, type RequestOutcome, ask, milliseconds } from './command.js';
import { KeyExchange, encryptPassword } from './key-exchange.js';
import type { Performance, PlayOptions, PlayedCommand } from './performance.js';
import { type AgentRequest, injectionOf } from './agent-request.js';
import { type Secret, makePassword } from './secret.js';
import { CloudServer } from './cloud-server.js';
import { type Wanted, bounded, successOf, verdictOn } from './answer-verdict.js';
import { removeInterface, writeInterface } from './vm-data.js';

/**
 * Plays a scenario to the agent of a guest, in whose store `vm-data` was written before the guest was started: an agent
 * that finds no provider ends.
 *
 * A round in which a command is not answered in time is the last one: the agent is gone.
 * @throws the reason of `options.signal`, when that fires, and what the hooks throw; no request is left behind
 */
export async function play(options: PlayOptions): Promise<Performance> {
  return new Play(options).perform();
}

class Play {
  readonly #options: PlayOptions;
  readonly #server: CloudServer;
  readonly #over = new AbortController();
  readonly #stop: AbortSignal;
  readonly #commands: PlayedCommand[] = [];
  readonly #timeline: TimelineEntry[] = [];
  readonly #secrets: Secret[] = [];
  #exchange: KeyExchange | undefined;
  /** What both sides know since the last keyinit; good for one password. */
  #shared: string | undefined;

  constructor(options: PlayOptions) {
    const { scenario, signal, ended } = options;
    this.#options = options;
    this.#server = new CloudServer(scenario);
    const total = AbortSignal.timeout(scenario.limits.total * 1000);
    const signals = [signal, ended, total, this.#over.signal];
    this.#stop = AbortSignal.any(signals.filter((one) => one !== undefined));
  }

  async perform(): Promise<Performance> {
    let stopped: string | undefined;
    try {
      this.#stop.throwIfAborted();
      for (const round of this.#options.scenario.rounds) await this.#play(round);
    } catch (error) {
      stopped = this.#whyStopped(error);
    } finally {
      this.#over.abort();
    }
    const reason = this.#firstFailure() ?? stopped;
    return {
      outcome: reason === undefined ? 'passed' : 'failed',
      reason,
      commands: this.#commands,
      timeline: this.#timeline.toSorted((a, b) => a.atMs - b.atMs),
      expected: this.#server.expected,
    };
  }

  async #play(round: Round): Promise<void> {
    if (this.#commands.some(({ outcome }) => outcome === 'time-out')) {
      for (const step of round.send)
        this.#commands.push(skipped(step, round, 'not sent: the agent no longer answers'));
      return;
    }
    await this.#changeNetworks(round);
    // All requests are written before anything is awaited: the agent finds them together.
    const version = round.send.includes('version') ? this.#version(round) : undefined;
    const sent = round.send.map((step) =>
      step === 'version' && version ? version : this.#send(step, round, version),
    );
    this.#commands.push(...(await Promise.all(sent)));
    this.#stop.throwIfAborted();
    await this.#options.hooks.afterRound(round, this.#server.expected, this.#stop);
  }

  async #changeNetworks({ add = [], remove = [] }: Round): Promise<void> {
    const { store, hooks, now } = this.#options;
    for (const label of remove) {
      const atMs = now();
      const one = this.#server.remove(label);
      removeInterface(store, one);
      await hooks.removeInterface(one, this.#stop);
      this.#enter({ atMs, kind: 'change', what: `${one.device} was removed, with the network ${label}` });
    }
    for (const one of add) {
      const atMs = now();
      this.#server.add(one);
      await hooks.addInterface(one, this.#stop);
      writeInterface(store, one);
      this.#enter({ atMs, kind: 'change', what: `${one.device} was added, with the network ${one.label}` });
    }
    this.#stop.throwIfAborted();
  }

  /** Nova asks for the version again and again, and asks nothing else before it has been told. */
  async #version(round: Round): Promise<PlayedCommand> {
    const { version, call } = this.#options.scenario.limits;
    const end = performance.now() + version * 1000;
    const again = async (before: number): Promise<RequestOutcome> => {
      const patience = milliseconds(Math.min(call * 1000, end - performance.now()));
      const asked = await ask(this.#options.store, { name: 'version', value: 'agent' }, patience, this.#stop);
      const durationMs = before + asked.durationMs;
      const timedOut = asked.answer.kind === 'time-out';
      return timedOut && performance.now() < end ? again(durationMs) : { ...asked, durationMs };
    };
    return this.#record('version', round, version, again(0));
  }

  /** @param version - when it is asked for in the same round, the limit counts from its answer */
  async #send(step: Step, round: Round, version?: Promise<PlayedCommand>): Promise<PlayedCommand> {
    const { store, scenario } = this.#options;
    const request = this.#requestFor(step);
    if (!request) return skipped(step, round, 'not sent: keyinit did not give a key');
    const limit = request.name === 'resetnetwork' ? scenario.limits.resetnetwork : scenario.limits.call;
    const patience: Patience = async (signal) => {
      if ((await version)?.outcome !== 'time-out') await milliseconds(limit * 1000)(signal);
    };
    return this.#record(step, round, limit, ask(store, request, patience, this.#stop));
  }

  #requestFor(step: Step): AgentRequest | undefined {
    const name = commandOf(step);
    if (typeof step === 'object' && 'injectfile' in step) {
      this.#server.inject(step.injectfile);
      return { name, value: injectionOf(step.injectfile) };
    }
    if (name === 'resetnetwork') this.#server.reset();
    if (name === 'keyinit') {
      this.#exchange = new KeyExchange();
      this.#shared = undefined;
      return { name, value: this.#exchange.publicKey };
    }
    return name === 'password' ? this.#passwordRequest() : { name, value: '' };
  }

  #passwordRequest(): AgentRequest | undefined {
    if (this.#shared === undefined) return undefined;
    const password = makePassword();
    this.#secrets.push(password);
    this.#server.password = password;
    const value = encryptPassword(password.reveal(), this.#shared);
    this.#shared = undefined;
    return { name: 'password', value };
  }

  /** Awaits an answer, and judges it. */
  async #record(
    step: Step,
    round: Round,
    limit: number,
    asking: Promise<RequestOutcome>,
  ): Promise<PlayedCommand> {
    const atMs = this.#options.now();
    const command = commandOf(step);
    const about = { round: round.name, command, what: describe(step) };
    let played: PlayedCommand;
    let durationMs: number;
    try {
      const { answer, requestRemoved, ...asked } = await asking;
      const verdict = verdictOn(answer, { ...this.#wanted(step), limit });
      if (command === 'keyinit' && verdict.outcome === 'well' && answer.kind === 'response')
        this.#shared = this.#exchange?.sharedWith(answer.message);
      durationMs = asked.durationMs;
      played = { ...about, ...verdict, requestRemoved };
      if (requestRemoved === false)
        played = { ...played, detail: `${played.detail}; it did not remove the request` };
    } catch (error) {
      if (!this.#stop.aborted) throw error;
      durationMs = this.#options.now() - atMs;
      played = { ...about, outcome: 'cut-short', detail: 'not answered before the rehearsal ended' };
    }
    const outcome = isWell(played) ? 'pass' : 'fail';
    this.#enter({ atMs, durationMs, kind: 'command', what: about.what, outcome, detail: played.detail });
    return played;
  }

  #wanted(step: Step): Pick<Wanted, 'command' | 'accept' | 'needed' | 'hide'> {
    const command = commandOf(step);
    const steps = this.#options.scenario.rounds.flatMap(({ send }) => send.map(commandOf));
    return {
      command,
      accept:
        typeof step === 'object' && 'resetnetwork' in step ? step.resetnetwork.accept : [successOf(command)],
      needed: [...new Set(steps)].filter((name) => name !== 'version' && name !== 'features'),
      hide: (text) => this.#secrets.reduce((left, secret) => secret.hideIn(left), text),
    };
  }

  #firstFailure(): string | undefined {
    const first = this.#commands.find(
      (command) => !isWell(command) && command.outcome !== 'cut-short' && command.outcome !== 'skipped',
    );
    return first && `${first.what}: ${first.detail}`;
  }

  /** @throws what was not meant to stop the play, or what the user stopped it with */
  #whyStopped(error: unknown): string {
    const { signal, ended, scenario } = this.#options;
    if (!this.#stop.aborted) throw error;
    signal?.throwIfAborted();
    if (!ended?.aborted) return `the scenario did not finish within ${scenario.limits.total} s`;
    const { reason } = ended as { reason: unknown };
    return bounded(reason instanceof Error ? reason.message : String(reason));
  }

  #enter(entry: TimelineEntry): void {
    this.#timeline.push(entry);
    this.#options.onEntry?.(entry);
  }
}

function isWell({ outcome, requestRemoved }: PlayedCommand): boolean {
  return outcome === 'well' && requestRemoved === true;
}

function skipped(step: Step, round: Round, detail: string): PlayedCommand {
  return { round: round.name, command: commandOf(step), what: describe(step), outcome: 'skipped', detail };
}

function describe(step: Step): string {
  return typeof step === 'object' && 'injectfile' in step
    ? `injectfile ${step.injectfile.path}`
    : commandOf(step);
}
