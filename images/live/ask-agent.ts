import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAnswer, requestText } from '../formats/agent-message.js';
import type { Gather } from '../guest/fact.js';
import type { AskedAnswer, AskedCommand } from './asked.js';
import { processes, processesOf } from './processes.js';
import { runningSystem } from './running-system.js';
import { openXenStore } from './xenstore.js';
import type { XenStoreClient } from './xenstore-client.js';

/**
 * Seconds that Nova waits for an answer (nova's options agent_timeout and agent_resetnetwork_timeout); the agents look for
 * requests every second or every ten.
 */
export const patience: Readonly<Record<AskedCommand, number>> = {
  version: 30,
  features: 30,
  resetnetwork: 60,
};

/** Milliseconds between two looks: dom0 looks as often. */
const interval = 500;

/**
 * Sends commands to the running agent through XenStore and waits for its answers. Whatever happens, neither a request nor a
 * response is left.
 * @param seconds - for each
 * @throws {XenStoreFailure}
 */
export async function askAgent(
  client: XenStoreClient,
  commands: readonly AskedCommand[],
  {
    seconds,
    signal,
  }: { readonly seconds?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<AskedAnswer[]> {
  const requests = commands.map((command) => ({ command, id: randomUUID() }));
  try {
    // All at once: an agent takes all that it finds in one look.
    for (const { command, id } of requests)
      await client.write(`data/host/${id}`, requestText({ name: command, value: '' }));
    const began = performance.now();
    const answers: AskedAnswer[] = [];
    for (const { command, id } of requests) {
      const limit = seconds ?? patience[command];
      const text = await awaitNode(client, `data/guest/${id}`, began + limit * 1000, signal);
      const answer = text === undefined ? ({ kind: 'time-out', seconds: limit } as const) : parseAnswer(text);
      answers.push({ command, answer });
    }
    return answers;
  } finally {
    for (const { id } of requests) {
      await client.remove(`data/host/${id}`);
      await client.remove(`data/guest/${id}`);
    }
  }
}

async function awaitNode(
  client: XenStoreClient,
  path: string,
  until: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for (;;) {
    signal?.throwIfAborted();
    const text = await client.read(path);
    if (text !== undefined) return text;
    const left = until - performance.now();
    if (left <= 0) return undefined;
    await sleep(Math.min(interval, left), undefined, signal ? { signal } : {});
  }
}

/**
 * Asks the agent that runs here for its version and its features.
 * @returns why it cannot be asked, when it is a string
 */
export async function askRunningAgent(get: Gather): Promise<readonly AskedAnswer[] | string> {
  const running = await get(runningSystem);
  if (running !== true) return running;
  if (processesOf(await get(processes), 'nova-agent').length === 0) return 'no nova-agent is running';
  const { client } = await openXenStore();
  if (!client) return 'XenStore cannot be reached';
  await using asking = client;
  using stopped = untilSignalled();
  return await askAgent(asking, ['version', 'features'], { signal: stopped.signal });
}

/** Whoever is told to stop does not wait for an agent: an observation hears of it by itself. */
function untilSignalled(): Disposable & { readonly signal: AbortSignal } {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
  };
  for (const name of signals) process.on(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, stop);
    },
  };
}
