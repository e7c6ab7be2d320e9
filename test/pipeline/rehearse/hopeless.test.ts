import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { whenHopeless } from '../../../pipeline/rehearse/hopeless.js';
import { commandLine } from '../../../pipeline/rehearse/processes.js';
import type { GuestFacts, RunningGuest } from '../../../pipeline/rehearse/running-guest.js';
import { guestAt } from './evidence/guest-at.js';

/** A guest whose agent is this very process, as long as it is said to run. */
function guestWith(isRunning: () => boolean, left = false): RunningGuest {
  const guest = guestAt('/');
  const [program = ''] = commandLine(process.pid);
  return {
    ...guest,
    facts: { ...guest.facts, agent: { program } } as GuestFacts,
    machine: {
      isOver: () => false,
      processes: () => (isRunning() ? [process.pid] : []),
    } as unknown as RunningGuest['machine'],
    booted: { ...guest.booted, leftAgentUnstarted: async () => left } as unknown as RunningGuest['booted'],
  };
}

describe('whether an answer can still come', () => {
  let seconds = 0;
  const told: string[] = [];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    seconds = 0;
    told.length = 0;
  });
  afterEach(() => {
    mock.timers.reset();
  });

  /** What is told, if anything, in so many seconds. */
  async function within(
    guest: RunningGuest,
    limit: number,
    hasAsked: () => boolean,
  ): Promise<string | undefined> {
    using _watch = whenHopeless(guest, { now: () => seconds * 1000, hasAsked }, (why) => told.push(why));
    for (; seconds < limit && told.length === 0; seconds += 2) {
      mock.timers.tick(2000);
      await turn();
    }
    return told[0];
  }

  it('is asked no more when the agent runs and has asked for nothing in a minute', async () => {
    const why = await within(
      guestWith(() => true),
      300,
      () => false,
    );
    assert.equal(why, 'the agent runs, and has asked XenStore for nothing in 60 s');
    assert.ok(seconds >= 60 && seconds <= 64, `after ${seconds} s`);
  });

  it('is left to the cloud’s limits once the agent has asked, however late', async () => {
    assert.equal(
      await within(
        guestWith(() => true),
        300,
        () => seconds > 55,
      ),
      undefined,
    );
  });

  it('is asked no more when the agent ran and runs no more', async () => {
    const why = await within(
      guestWith(() => seconds < 20),
      60,
      () => true,
    );
    assert.equal(why, 'the agent ended by itself');
    assert.ok(seconds <= 28, `after ${seconds} s`);
  });

  it('is waited for while an agent restarts', async () => {
    assert.equal(
      await within(
        guestWith(() => seconds % 10 < 6),
        100,
        () => true,
      ),
      undefined,
    );
  });

  it('is asked no more when the boot is over without an agent, and not before', async () => {
    assert.equal(
      await within(
        guestWith(() => false, false),
        100,
        () => false,
      ),
      undefined,
    );
    seconds = 0;
    const why = await within(
      guestWith(() => false, true),
      100,
      () => false,
    );
    assert.equal(why, 'the boot is over and did not start the agent');
  });
});
