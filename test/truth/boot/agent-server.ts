import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentStore, openAgentStore } from '../../../pipeline/rehearse/agent-store.js';
import { injectionOf } from '../../../pipeline/rehearse/nova/agent-request.js';
import { ask, milliseconds } from '../../../pipeline/rehearse/nova/command.js';
import { KeyExchange, encryptPassword } from '../../../pipeline/rehearse/nova/key-exchange.js';
import { writeVmData } from '../../../pipeline/rehearse/nova/vm-data.js';
import type { CommandName } from '../../../pipeline/rehearse/scenario.js';
import { scenario } from './cloud.js';
import { hostNameFault, nameServerFault, networkFault, passwordFault, tunnels } from './look.js';
import { type InitName, Server } from './server.js';
import { type Shown, broken, works } from './shown.js';

/**
 * whole: all that the cloud asks of a new server, then a second boot. start: only whether the agent answers at all, for
 * guests without their distribution's own network. tunnel: only what a VPN does until the boot is over.
 */
export type Depth = 'whole' | 'start' | 'tunnel';

/** Where the stand-in of a VPN's program leaves a mark: it runs, whatever the kernel lets it make. */
export const mark = '/var/lib/vpn-ran';

const password = 'Corpus-0f-truth';
const injected = { path: '/etc/truth-injected', contents: 'of the cloud, "quoted"\n' };

/** The longest that a boot may take until nothing more can come of it; a busy host is slow. */
const limitMs = 180_000;
/** How long an agent that runs may leave the XenStore alone: the slowest looks every ten seconds. */
const silenceMs = 40_000;

/** Boots a server that lives by nova-agent, and sees whether it does what the cloud asks, now and after a reboot. */
export async function bootAgentServer(
  root: string,
  { init, words, depth }: { init: InitName; words: readonly string[]; depth: Depth },
): Promise<Shown> {
  await using server = await Server.open(root, init);
  await using provider = await openAgentStore(server.sandbox, () => undefined);
  writeVmData(provider.store, scenario);
  await server.boot(words, provider.binds);
  const first = await firstBoot(server, provider, depth);
  if (depth === 'tunnel') return first;
  if (!first.works || depth === 'start') return withLastWords(server, first);
  await server.stop();
  await server.boot(words, provider.binds);
  return withLastWords(server, await secondBoot(server));
}

async function firstBoot(server: Server, provider: AgentStore, depth: Depth): Promise<Shown> {
  if (depth === 'tunnel') return await lookForTunnels(server);

  const send = async (name: CommandName, value: string, limit: number): Promise<string | undefined> => {
    const { answer } = await ask(
      provider.store,
      { name, value },
      milliseconds(limit),
      AbortSignal.timeout(limit + 5000),
    );
    return answer.kind === 'response' ? `${answer.returncode} ${answer.message}` : undefined;
  };
  const why = await untilAnswered(server, provider, async () => send('version', 'agent', 3000));
  if (why !== undefined) return broken(why);
  if (depth === 'start') return works();

  const faults: string[] = [];
  const wanted = async (
    name: CommandName,
    value: string,
    success: RegExp,
    limit = 40_000,
  ): Promise<string> => {
    const answer = (await send(name, value, limit)) ?? 'no answer';
    if (!success.test(answer)) faults.push(`${name}: ${answer}`);
    return answer;
  };
  await wanted('features', '', /^0 /);
  await wanted('injectfile', injectionOf(injected), /^0 /);
  const exchange = new KeyExchange();
  const key = await wanted('keyinit', exchange.publicKey, /^D0 \d+$/);
  if (faults.length === 0) {
    const secret = exchange.sharedWith(key.slice('D0 '.length));
    await wanted('password', encryptPassword(password, secret), /^0 /);
    await wanted('resetnetwork', '', /^0 /, 90_000);
  }
  if (faults.length === 0) faults.push(...(await afterAMoment(server)));
  return faults.length === 0 ? works() : broken(faults.join('; '));
}

/** The cloud says nothing this time: what it asked for is there, or it did not last. */
async function secondBoot(server: Server): Promise<Shown> {
  const since = performance.now();
  let faults: readonly string[] = [];
  let settled = 0;
  while (performance.now() - since < limitMs && settled < 8) {
    await sleep(1000);
    if (await server.isSettled()) settled++;
    if (settled === 0) continue;
    faults = server.machine.isOver() ? ['it ended'] : await whatIsWrong(server);
    if (faults.length === 0) return works();
  }
  if (settled === 0) faults = [`it did not come up: ${await server.pending()}`];
  return broken(`after a reboot ${faults.join('; ')}`);
}

/** What configures the network goes on for a moment after the command that asked it to has ended. */
async function afterAMoment(server: Server): Promise<readonly string[]> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if ((await whatIsWrong(server)).length === 0) return [];
    await sleep(1000);
  }
  return whatIsWrong(server);
}

async function whatIsWrong(server: Server): Promise<string[]> {
  const file = existsSync(join(server.sandbox.root, injected.path)) ? undefined : 'the file was not injected';
  const found = [
    file,
    await passwordFault(server, password),
    await hostNameFault(server),
    await networkFault(server),
    await nameServerFault(server),
  ];
  return found.filter((one) => one !== undefined);
}

/** @returns why there was no answer; nothing when there was one */
async function untilAnswered(
  server: Server,
  provider: AgentStore,
  send: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const since = performance.now();
  let missing = 0;
  let heard = since;
  for (;;) {
    const answer = await send();
    if (answer !== undefined) return answer.startsWith('0 ') ? undefined : `version: ${answer}`;
    if (server.machine.isOver()) return 'the guest ended';
    if (provider.hasBeenAsked()) heard = performance.now();
    provider.forgetAsked();
    const settled = await server.isSettled();
    // The first process has the words of the kernel, which can name the agent as well.
    const runs = (await server.commands())
      .split('\n')
      .some((line) => /nova-?agent/.test(line) && !line.includes('systemd.'));
    missing = settled && !runs ? missing + 1 : 0;
    if (missing === 3) return 'the boot is over, and no agent runs';
    if (settled && performance.now() - heard > silenceMs) return 'the agent does not ask the XenStore';
    if (performance.now() - since > limitMs) return 'the boot did not come to an agent';
  }
}

async function lookForTunnels(server: Server): Promise<Shown> {
  const since = performance.now();
  let settled = 0;
  while (performance.now() - since < limitMs && settled < 6) {
    await sleep(1000);
    if (server.machine.isOver()) return broken('the guest ended');
    const found = [...(await tunnels(server))];
    if (existsSync(join(server.sandbox.root, mark))) found.push('the program ran');
    if (found.length > 0) return works(found);
    if (await server.isSettled()) settled++;
  }
  return works();
}

/** What the console says of what the boot has refuted. */
function withLastWords({ console }: Server, shown: Shown): Shown {
  if (shown.works) return shown;
  const line = console.findLast(
    (one) => /nova-agent/.test(one) && /error|fail|exit|no such|not found|denied|skipped/i.test(one),
  );
  return line === undefined ? shown : { ...shown, why: `${shown.why}; its console says: ${line.trim()}` };
}
