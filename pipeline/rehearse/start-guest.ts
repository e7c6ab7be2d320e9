import type { Service } from '../../images/guest/init/service.js';
import { makeTunnelDevice } from '../../images/sandbox/devices.js';
import { type Bind, Machine, type MachineOptions } from '../../images/sandbox/machine.js';
import type { NameServers } from '../../images/sandbox/name-server.js';
import { type GuestInterface, makeLink, makeTunnel } from '../../images/sandbox/network.js';
import type { Sandbox } from '../../images/sandbox/sandbox.js';
import { containerFstab } from './container-fstab.js';
import { quote } from './evidence/claim.js';
import { isUnreadable } from './evidence/unreadable.js';
import { bootedInits } from './init/booted-inits.js';
import type { RehearsalOrder } from './order.js';
import type { BootedInit, RunningGuest, ServiceStart } from './running-guest.js';
import type { Timeline } from './timeline.js';

/** As OpenVPN would call it. */
export const tunnelName = 'tun0';

/**
 * Looking for another bearer of an IPv6 address takes a second each time an interface is brought up (RFC 4862), and on a
 * network that leads nowhere there is none.
 */
const skipDuplicateDetection = 'for dad in /proc/sys/net/ipv6/conf/*/accept_dad; do echo 0 >"$dad"; done';

/** How much of what the guest says is remembered. */
const consoleLines = 20_000;

/** What a guest is started with. */
export interface GuestStart {
  readonly sandbox: Sandbox;
  readonly timeline: Timeline;
  /** The guest's own init, or a program of the guest that is run without one. */
  readonly payload: { readonly init: BootedInit } | { readonly program: readonly string[] };
  readonly binds: readonly Bind[];
  readonly links: readonly GuestInterface[];
  readonly names: NameServers;
  /** For the timeline: "the guest was started". */
  readonly what: string;
}

/** What every guest finds in its container, at its first boot and at the next. */
export async function containerBinds(sandbox: Sandbox): Promise<Bind[]> {
  const { namespaces, layer } = sandbox;
  return [...(await containerFstab(sandbox)), await makeTunnelDevice(namespaces, layer.place)];
}

/**
 * Starts the guest, with its interfaces and, where one is asked for, a tunnel. The end of its boot is entered in the
 * timeline.
 * @returns the guest, whose machine is the caller's to dispose of
 * @throws {ImageError} as {@link Machine.start}
 */
export async function startGuest(
  order: Pick<RehearsalOrder, 'tunnel' | 'facts'>,
  { sandbox, timeline, payload, binds, links, names, what }: GuestStart,
): Promise<RunningGuest> {
  const { tunnel, facts } = order;
  const { namespaces, layer, group } = sandbox;
  const interfaces = links.map(({ name }) => name);
  for (const link of links) await makeLink(namespaces, link);
  if (tunnel) await makeTunnel(namespaces, tunnelName);
  const console: string[] = [];
  let isUp = false;
  const booted = 'init' in payload ? payload.init : undefined;
  const atMs = timeline.now();
  const startedAt = timeline.moment();
  const machine = await Machine.start(namespaces, layer, {
    group,
    payload: machinePayload(payload),
    interfaces: tunnel ? [...interfaces, tunnelName] : interfaces,
    binds,
    hostName: 'image',
    unified: bootedInits[facts.init.system]?.takesUnifiedGroups(facts.init) ?? true,
    onLine: (line) => {
      if (console.length < consoleLines) console.push(line);
      if (!isUp && booted?.endsBoot(line)) {
        isUp = true; // a guest may say so as often as it likes
        timeline.enter({ atMs: timeline.now(), kind: 'boot', what: quote(line) });
      }
    },
  });
  await machine.look('sh', ['-c', skipDuplicateDetection]);
  if (tunnel) await machine.look('ip', ['link', 'set', 'dev', tunnelName, 'up']);
  timeline.enter({ atMs, kind: 'boot', what });
  return { facts, sandbox, machine, console, hasEndedBoot: () => isUp, booted, names, startedAt };
}

function machinePayload(payload: GuestStart['payload']): MachineOptions['payload'] {
  return 'init' in payload ? { init: payload.init.arguments } : payload;
}

/** Why a guest that has ended did so, as far as its console tells. */
export function lastWords({ console }: Pick<RunningGuest, 'console'>): string {
  const last = console.findLast((line) => line.trim() !== '');
  return last === undefined
    ? 'the guest ended without a word on its console'
    : `the guest ended; the last line on its console is: ${quote(last)}`;
}

/** When the services of interest were started, as the guest's init has it. */
export async function enterStarts(guest: RunningGuest, timeline: Timeline): Promise<void> {
  const { booted, facts, machine, startedAt } = guest;
  if (!booted || machine.isOver()) return;
  const before = startedAt.monotonic - timeline.startedAt.monotonic;
  for (const service of [facts.xeService, facts.agentService]) {
    const start = service && (await startOf(guest, service));
    if (start) timeline.enter({ atMs: Math.round(before + start.atMs), kind: 'start', what: start.seen });
  }
}

/** A guest that cannot be asked has no such entry; the claim about the order says why. */
async function startOf(guest: RunningGuest, service: Service): Promise<ServiceStart | undefined> {
  try {
    return await guest.booted?.startOf(guest, service);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return undefined;
  }
}
