import type { Sandbox } from '../../images/sandbox/sandbox.js';
import { makeTunnelDevice } from '../../images/sandbox/devices.js';
import { type Bind, Machine, type MachineOptions } from '../../images/sandbox/machine.js';
import { makeLink, makeTunnel } from '../../images/sandbox/network.js';
import { quote } from './evidence/claim.js';
import type { Guest } from './evidence/guest.js';
import { startOf } from './evidence/started.js';
import type { RehearsalOrder } from './order.js';
import { takesUnified } from './payload.js';
import type { Timeline } from './timeline.js';

/** As OpenVPN would call it. */
const tunnelName = 'tun0';

/**
 * Looking for another bearer of an IPv6 address takes a second each time an interface is brought up (RFC 4862), and on a
 * network that leads nowhere there is none.
 */
const skipDuplicateDetection = 'for dad in /proc/sys/net/ipv6/conf/*/accept_dad; do echo 0 >"$dad"; done';

/** systemd's word that everything was started, and sysvinit's that the runlevel's scripts are. */
const bootIsOver = /\bStartup finished in\b|^INIT: Entering runlevel: [2-5]/;

/** How much of what the guest says is remembered. */
const consoleLines = 20_000;

/** What a guest says on its console; the end of its boot is entered in the timeline. */
export class Console {
  readonly #lines: string[] = [];

  constructor(private readonly timeline: Timeline) {}

  readonly hear = (line: string): void => {
    if (this.#lines.length < consoleLines) this.#lines.push(line);
    if (bootIsOver.test(line))
      this.timeline.enter({ atMs: this.timeline.now(), kind: 'boot', what: quote(line) });
  };

  /** So far. */
  get lines(): readonly string[] {
    return this.#lines;
  }
}

/** Starts the guest, with the interfaces of the scenario and, where one is asked for, a tunnel. */
export async function startGuest(
  { scenario, tunnel, known }: RehearsalOrder,
  payload: MachineOptions['payload'],
  { namespaces, layer, group }: Sandbox,
  onLine: (line: string) => void,
  binds: readonly Bind[],
): Promise<Machine> {
  const interfaces = scenario.interfaces.map(({ device }) => device);
  for (const { device: name, mac } of scenario.interfaces) await makeLink(namespaces, { name, mac });
  if (tunnel) await makeTunnel(namespaces, tunnelName);
  const machine = await Machine.start(namespaces, layer, {
    group,
    payload,
    interfaces: tunnel ? [...interfaces, tunnelName] : interfaces,
    binds: [...binds, await makeTunnelDevice(namespaces, layer.place)],
    hostName: 'image',
    unified: takesUnified(known.init),
    onLine,
  });
  await machine.look('sh', ['-c', skipDuplicateDetection]);
  if (tunnel) await machine.look('ip', ['link', 'set', 'dev', tunnelName, 'up']);
  return machine;
}

/** Why a guest that has ended did so, as far as its console tells. */
export function lastWords({ console }: Pick<Guest, 'console'>): string {
  const last = console.findLast((line) => line.trim() !== '') ?? 'nothing';
  return `the guest ended; its console says last: ${quote(last)}`;
}

/** When the services of interest were started, as the guest's init has it. */
export async function enterStarts(guest: Guest, timeline: Timeline): Promise<void> {
  const { xeService, agentService } = guest.known;
  if (!guest.booted || guest.machine.isOver()) return;
  for (const service of [xeService, agentService]) {
    const start = service && (await startOf(guest, service));
    if (start) timeline.enter({ atMs: Math.round(start.atMs), kind: 'start', what: start.seen });
  }
}
