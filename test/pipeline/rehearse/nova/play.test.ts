import assert from 'node:assert/strict';
import type {
  Expectation,
  Performance,
  PlayOptions,
} from '../../../../pipeline/rehearse/nova/performance.js';
import { play } from '../../../../pipeline/rehearse/nova/play.js';
import { writeVmData } from '../../../../pipeline/rehearse/nova/vm-data.js';
import { readScenario } from '../../../../pipeline/rehearse/scenario-file.js';
import type { Limits, Scenario } from '../../../../pipeline/rehearse/scenario.js';
import { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';
import { PretendAgent, type Reply, honest, response } from './pretend-agent.js';

let scenario: Scenario;

before(async () => {
  scenario = await readScenario();
});

const impatient: Limits = { version: 0.06, call: 0.05, resetnetwork: 0.05, total: 60 };

/** Plays to an agent that answers as it is told, in the store that it shares with it. */
class Rehearsal {
  readonly store = new XenStore();
  readonly hooks: string[] = [];
  readonly seen: Expectation[] = [];

  async play(agent: PretendAgent, options: Partial<PlayOptions> = {}): Promise<Performance> {
    writeVmData(this.store, scenario);
    using _polling = agent.start();
    return await play({
      scenario,
      store: this.store,
      now: () => performance.now(),
      hooks: {
        addInterface: async ({ label }) => void this.hooks.push(`add ${label}, told: ${this.#told().length}`),
        removeInterface: async ({ label }) =>
          void this.hooks.push(`remove ${label}, told: ${this.#told().length}`),
        afterRound: async ({ name }, expected) => {
          this.hooks.push(name);
          this.seen.push(expected);
        },
      },
      ...options,
    });
  }

  /** What is left of requests and responses. */
  get left(): string[] {
    return [...this.store.list('data/host'), ...this.store.list('data/guest')];
  }

  #told(): string[] {
    return this.store.list('vm-data/networking');
  }
}

async function playTo(
  reply: (command: string, value: string) => Reply,
  options: Partial<PlayOptions> = {},
): Promise<Performance> {
  const rehearsal = new Rehearsal();
  const result = await rehearsal.play(new PretendAgent(rehearsal.store, reply), options);
  assert.deepEqual(rehearsal.left, []);
  return result;
}

/** What came of the first command of this name. */
function played(performance: Performance, name: string): [string | undefined, string | undefined] {
  const command = performance.commands.find((one) => one.command === name);
  return [command?.outcome, command?.detail];
}

describe('play', () => {
  it('needs four polls for all that a scenario asks', async () => {
    const rehearsal = new Rehearsal();
    const agent = new PretendAgent(rehearsal.store);
    const { outcome, reason, commands, timeline } = await rehearsal.play(agent);
    assert.deepEqual([outcome, reason], ['passed', undefined]);
    assert.deepEqual(agent.polls, [
      ['version', 'features', 'keyinit', 'injectfile'],
      ['password', 'resetnetwork'],
      ['keyinit', 'resetnetwork'],
      ['password', 'resetnetwork'],
    ]);
    assert.ok(commands.every((one) => one.outcome === 'well' && one.requestRemoved));
    assert.deepEqual(
      timeline.map(({ kind, what, outcome: passed }) => [kind, what, passed]),
      [
        ['command', 'version', 'pass'],
        ['command', 'features', 'pass'],
        ['command', 'keyinit', 'pass'],
        ['command', 'injectfile /etc/hallmark-rehearsal', 'pass'],
        ['command', 'password', 'pass'],
        ['command', 'resetnetwork', 'pass'],
        ['change', 'eth2 was added, with the network isolated', undefined],
        ['command', 'keyinit', 'pass'],
        ['command', 'resetnetwork', 'pass'],
        ['change', 'eth2 was removed, with the network isolated', undefined],
        ['command', 'password', 'pass'],
        ['command', 'resetnetwork', 'pass'],
      ],
    );
    assert.deepEqual(rehearsal.left, []);
  });

  it('says after each round what must be true of the guest', async () => {
    const rehearsal = new Rehearsal();
    const agent = new PretendAgent(rehearsal.store);
    const { expected } = await rehearsal.play(agent);
    const [first, second, third, last] = rehearsal.seen;
    assert.deepEqual([first?.password, first?.networkReset, first?.files.length], [undefined, false, 1]);
    const sent = rehearsal.seen.slice(1).map(({ password }) => `${password?.reveal() ?? ''}\n`);
    assert.deepEqual(sent, [agent.passwords[0], agent.passwords[0], agent.passwords[1]]);
    assert.notEqual(agent.passwords[0], agent.passwords[1]);
    assert.deepEqual(
      rehearsal.seen.map(({ interfaces }) => interfaces.map(({ device }) => device)),
      [
        ['eth0', 'eth1'],
        ['eth0', 'eth1'],
        ['eth0', 'eth1', 'eth2'],
        ['eth0', 'eth1'],
      ],
    );
    assert.deepEqual([second?.networkReset, third?.networkReset, last?.networkReset], [true, true, true]);
    assert.deepEqual(
      last?.removed.map(({ device }) => device),
      ['eth2'],
    );
    assert.deepEqual(expected, last);
  });

  it('gives an interface before it tells of it, and takes it after', async () => {
    const rehearsal = new Rehearsal();
    await rehearsal.play(new PretendAgent(rehearsal.store));
    const changes = rehearsal.hooks.filter((line) => line.includes('told'));
    assert.deepEqual(changes, ['add isolated, told: 2', 'remove isolated, told: 2']);
  });

  it('has its first requests in the store before the event loop turns', async () => {
    const rehearsal = new Rehearsal();
    const agent = new PretendAgent(rehearsal.store);
    const over = rehearsal.play(agent);
    await Promise.resolve();
    assert.equal(rehearsal.store.list('data/host').length, 4);
    await over;
  });

  it('tells of each entry as it happens', async () => {
    const entries: unknown[] = [];
    const { timeline } = await playTo(() => honest, { onEntry: (entry) => entries.push(entry) });
    assert.equal(entries.length, timeline.length);
  });

  const faulty: [string, string, Reply, string, RegExp][] = [
    [
      'another code',
      'injectfile',
      response('500', 'disk\nfull'),
      'wrong',
      /^answered 500: disk\\nfull \(0 is success\)$/,
    ],
    [
      'the code of old agents',
      'resetnetwork',
      response('500', ''),
      'wrong',
      /^answered 500 \(0 is success\)$/,
    ],
    ['no version', 'version', response('0', ''), 'wrong', /^answered 0, without a version$/],
    [
      'too few features',
      'features',
      response('0', 'version,keyinit'),
      'wrong',
      /without injectfile, password, resetnetwork$/,
    ],
    ['no public key', 'keyinit', response('D0', '1'), 'wrong', /^answered D0: 1, which is not a public key$/],
    ['the code of another command', 'keyinit', response('0', '5'), 'wrong', /\(D0 is success\)$/],
    [
      'no JSON',
      'injectfile',
      '{"returncode": \x1b[31m',
      'malformed',
      /not a response: \{"returncode": \\x1b\[31m$/,
    ],
    [
      'a number for a code',
      'password',
      response(500, 'no key'),
      'wrong',
      /^answered the number 500: no key \(0 is success\)$/,
    ],
    ['the number 0', 'password', response(0, ''), 'wrong', /^answered the number 0 \(0 is success\)$/],
    [
      'a list for a code',
      'password',
      '{"returncode":["0"],"message":""}',
      'malformed',
      /not a response: \{"returncode":\["0"\],"message":""\}$/,
    ],
    ['no message', 'password', '{"returncode":"0"}', 'malformed', /not a response/],
    ['null', 'features', 'null', 'malformed', /not a response: null$/],
    ['a list', 'features', '["0",""]', 'malformed', /not a response/],
    ['an empty text', 'injectfile', '', 'malformed', /^the answer is not a response: $/],
    ['far too much', 'injectfile', 'x'.repeat(2000), 'malformed', /: x{200}… \(2000 characters\)$/],
  ];
  for (const [name, command, reply, outcome, detail] of faulty) {
    it(`fails for an answer with ${name}, and goes on`, async () => {
      const result = await playTo((asked) => (asked === command ? reply : honest));
      assert.equal(result.outcome, 'failed');
      assert.match(result.reason ?? '', new RegExp(`^${command}.*: `));
      const [was, said] = played(result, command);
      assert.equal(was, outcome);
      assert.match(said ?? '', detail);
      assert.ok(
        result.commands.some((one) => one.outcome === 'well' && one.round === scenario.rounds[3]?.name),
      );
      const entry = result.timeline.find(({ what }) => what.startsWith(command));
      assert.deepEqual([entry?.outcome, entry?.detail], ['fail', said]);
    });
  }

  it('sends no password without a key', async () => {
    const result = await playTo((asked) => (asked === 'keyinit' ? response('D0', 'x') : honest));
    assert.deepEqual(played(result, 'password'), ['skipped', 'not sent: keyinit did not give a key']);
    assert.match(result.reason ?? '', /^keyinit: /);
    assert.equal(result.expected.password, undefined);
  });

  it('takes the code of old agents for success when the scenario does, with a remark', async () => {
    const accept = ['0', '500'];
    const rounds = scenario.rounds.slice(0, 2).map((round) => ({
      ...round,
      send: round.send.map((step) => (step === 'resetnetwork' ? { resetnetwork: { accept } } : step)),
    }));
    const result = await playTo((asked) => (asked === 'resetnetwork' ? response('500', 'x') : honest), {
      scenario: { ...scenario, rounds },
    });
    assert.equal(result.outcome, 'passed');
    assert.match(
      played(result, 'resetnetwork')[1] ?? '',
      /^answered 500: x \(counts as success, as it does for Nova/,
    );
  });

  it('notices that a request was left behind, and removes it', async () => {
    const rehearsal = new Rehearsal();
    const rounds = [{ name: 'a', send: ['version' as const] }];
    const agent = new PretendAgent(rehearsal.store, undefined, false);
    const result = await rehearsal.play(agent, { scenario: { ...scenario, rounds } });
    assert.deepEqual(
      [result.outcome, result.reason],
      ['failed', 'version: answered 0: 2.1.25; it did not remove the request'],
    );
    assert.equal(result.commands[0]?.requestRemoved, false);
    assert.deepEqual(rehearsal.left, []);
  });

  it('gives up on an agent that never answers, after one round', async () => {
    const rehearsal = new Rehearsal();
    const result = await rehearsal.play(new PretendAgent(rehearsal.store, () => undefined), {
      scenario: { ...scenario, limits: impatient },
    });
    assert.equal(result.reason, 'version: no answer within 0.06 s; the request was removed');
    assert.deepEqual(
      result.commands.map(({ outcome }) => outcome),
      [...Array<string>(4).fill('time-out'), ...Array<string>(6).fill('skipped')],
    );
    assert.deepEqual(rehearsal.hooks, [scenario.rounds[0]?.name]);
    assert.deepEqual(rehearsal.left, []);
  });

  it('asks for the version again and again, and does not count the wait against the others', async () => {
    const rehearsal = new Rehearsal();
    let asked = 0;
    const agent = new PretendAgent(rehearsal.store, (command) => {
      if (command !== 'version') return asked < 2 ? undefined : honest;
      return ++asked < 3 ? undefined : honest;
    });
    // Looks less often than a call's limit is long, so that it finds another request each time.
    const polling = agent.start(80);
    try {
      const limits = { version: 20, call: 0.05, resetnetwork: 20, total: 60 };
      const result = await play({
        scenario: { ...scenario, limits, rounds: scenario.rounds.slice(0, 1) },
        store: rehearsal.store,
        now: () => performance.now(),
        hooks: {
          addInterface: async () => undefined,
          removeInterface: async () => undefined,
          afterRound: async () => undefined,
        },
      });
      assert.deepEqual([result.reason, asked], [undefined, 3]);
      const [version] = result.timeline;
      assert.ok((version?.durationMs ?? 0) >= 200, `${version?.durationMs ?? 0} ms`);
    } finally {
      polling[Symbol.dispose]();
    }
  });

  it('ends with a command that is not answered in time, and does not play on', async () => {
    const result = await playTo((asked) => (asked === 'resetnetwork' ? undefined : honest), {
      scenario: { ...scenario, limits: { ...impatient, call: 30, version: 30 } },
    });
    assert.deepEqual(played(result, 'resetnetwork'), [
      'time-out',
      'no answer within 0.05 s; the request was removed',
    ]);
    assert.deepEqual(
      result.commands.slice(4).map(({ command, outcome }) => [command, outcome]),
      [
        ['password', 'well'],
        ['resetnetwork', 'time-out'],
        ['keyinit', 'skipped'],
        ['resetnetwork', 'skipped'],
        ['password', 'skipped'],
        ['resetnetwork', 'skipped'],
      ],
    );
  });

  it('shows no password that the agent says', async () => {
    const rehearsal = new Rehearsal();
    const agent: PretendAgent = new PretendAgent(rehearsal.store, (asked) =>
      asked === 'resetnetwork' && agent.passwords.length > 0
        ? response('1', `password is ${agent.passwords[0]?.trim() ?? ''}`)
        : honest,
    );
    const result = await rehearsal.play(agent);
    assert.match(played(result, 'resetnetwork')[1] ?? '', /^answered 1: password is \[secret\] /);
    for (const password of agent.passwords) assert.ok(!JSON.stringify(result).includes(password.trim()));
  });
});

describe('play, when it is stopped', () => {
  const mute = (rehearsal: Rehearsal): PretendAgent => new PretendAgent(rehearsal.store, () => undefined);

  it('is rejected with what the user stopped it with, and leaves nothing', async () => {
    const rehearsal = new Rehearsal();
    const user = new AbortController();
    const over = rehearsal.play(mute(rehearsal), { signal: user.signal });
    const interrupted = new Error('SIGINT');
    setTimeout(() => {
      user.abort(interrupted);
    }, 20);
    await assert.rejects(over, (error) => error === interrupted);
    assert.deepEqual([rehearsal.left, rehearsal.hooks], [[], []]);
  });

  it('does nothing when it was stopped before', async () => {
    const rehearsal = new Rehearsal();
    await assert.rejects(
      rehearsal.play(mute(rehearsal), { signal: AbortSignal.abort(new Error('early')) }),
      /early/,
    );
    assert.deepEqual([rehearsal.left, rehearsal.hooks], [[], []]);
  });

  it("says that the guest's init has ended", async () => {
    const rehearsal = new Rehearsal();
    const ended = new AbortController();
    const over = rehearsal.play(mute(rehearsal), { ended: ended.signal });
    setTimeout(() => {
      ended.abort(new Error('init exited with 1\n'));
    }, 20);
    const { outcome, reason, commands } = await over;
    assert.deepEqual([outcome, reason], ['failed', 'init exited with 1\\n']);
    assert.deepEqual([...new Set(commands.map((one) => one.outcome))], ['cut-short']);
    assert.deepEqual(rehearsal.left, []);
  });

  it('says that it took too long altogether', async () => {
    const rehearsal = new Rehearsal();
    const limits = { ...scenario.limits, total: 0.05 };
    const { reason } = await rehearsal.play(mute(rehearsal), { scenario: { ...scenario, limits } });
    assert.equal(reason, 'the scenario did not finish within 0.05 s');
    assert.deepEqual(rehearsal.left, []);
  });

  it('passes on what a hook throws', async () => {
    const rehearsal = new Rehearsal();
    const hooks = {
      addInterface: async (): Promise<void> => Promise.reject(new Error('no veth')),
      removeInterface: async (): Promise<void> => undefined,
      afterRound: async (): Promise<void> => undefined,
    };
    await assert.rejects(rehearsal.play(new PretendAgent(rehearsal.store), { hooks }), /^Error: no veth$/);
    assert.deepEqual(rehearsal.left, []);
  });
});
