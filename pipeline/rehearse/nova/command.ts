import { randomUUID } from 'node:crypto';
import { type AgentAnswer, parseAnswer, requestText } from '../../../images/formats/agent-message.js';
import type { AgentRequest } from './agent-request.js';
import type { Store } from './store.js';

/** What came back for a request. */
export type Answer = AgentAnswer | { readonly kind: 'time-out' };

/** What came of a request. */
export interface RequestOutcome {
  readonly answer: Answer;
  /** From the request to the answer, or until it was given up; milliseconds. */
  readonly durationMs: number;
  /** Whether the agent removed the request; undefined when it did not answer. */
  readonly requestRemoved?: boolean | undefined;
}

/** How long to wait: resolves when it has been long enough, and is rejected when the signal fires. */
export type Patience = (signal: AbortSignal) => Promise<unknown>;

/** The agents remove a request just before they answer, or just after (Windows). */
const removalGraceMs = 1000;

/** Waits for some milliseconds. */
export function milliseconds(limit: number): Patience {
  return async (signal) => {
    const { setTimeout: sleep } = await import('node:timers/promises');
    await sleep(limit, undefined, { signal });
  };
}

/**
 * Sends a request to the agent (`data/host/<uuid>`) and awaits its response (`data/guest/<uuid>`), as os-xenapi's
 * plugin in dom0 does. The request is written at once, before anything is awaited. Whatever happens, neither request
 * nor response is left.
 * @throws the signal's abortion
 */
export async function ask(
  store: Store,
  request: AgentRequest,
  patience: Patience,
  signal: AbortSignal,
): Promise<RequestOutcome> {
  const id = randomUUID();
  const host = `data/host/${id}`;
  const guest = `data/guest/${id}`;
  const began = performance.now();
  store.write(host, requestText(request));
  try {
    const came = await until(store, guest, () => store.read(guest) !== undefined, patience, signal);
    const durationMs = Math.round(performance.now() - began);
    if (!came) return { answer: { kind: 'time-out' }, durationMs };
    const answer = parseAnswer(store.read(guest) ?? '');
    const removed = (): boolean => store.read(host) === undefined;
    const requestRemoved = await until(store, host, removed, milliseconds(removalGraceMs), signal);
    return { answer, durationMs, requestRemoved };
  } finally {
    store.remove(host);
    store.remove(guest);
  }
}

/** Whether something became true of a node before the patience was at its end. */
async function until(
  store: Store,
  path: string,
  condition: () => boolean,
  patience: Patience,
  signal: AbortSignal,
): Promise<boolean> {
  if (condition()) return true;
  const settled = new AbortController();
  let happen = (): void => undefined;
  const happened = new Promise<void>((resolve) => {
    happen = resolve;
  });
  using _watch = store.onChange(path, () => {
    if (condition()) happen();
  });
  try {
    const enough = patience(AbortSignal.any([signal, settled.signal])).then(() => false);
    return await Promise.race([happened.then(() => true), enough]);
  } finally {
    settled.abort();
  }
}
