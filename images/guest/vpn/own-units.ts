import { programName } from '../../formats/command-wrappers.js';
import { commentOut, splitLines } from '../../formats/lines.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import { environmentInputs } from '../init/process/environment.js';
import type { Service, Services, Starter } from '../init/service.js';
import { scriptsAtEnd } from './boot-scripts.js';
import { type StartedVpn, VpnCommands, isProgramOfVpn, vpnOfService } from './commands.js';
import { ipsecServices } from './ipsec.js';
import type { Guest, Mechanism } from './mechanism.js';
import { openvpnServices } from './openvpn.js';
import { productServices } from './products.js';
import { rewrite } from './rewrite.js';
import { scriptInputs } from './scripts.js';
import { isStarted, startedService } from './started.js';
import { startOf, withoutFollower, withoutTrigger } from './triggers.js';
import type { Vpn } from './vpn.js';

/** Services of VPNs, by what packages call them; a template's name ends in `@`. */
export const vpnServiceNames: ReadonlySet<string> = new Set([
  ...openvpnServices,
  ...productServices,
  ...ipsecServices,
  'tinc',
  'tinc@',
]);

/**
 * Units and init scripts of the administrator's own making that bring a VPN up: no package has their names, so what they
 * run tells (openconnect, for one, ships no unit at all). And services that are not enabled themselves, but that a
 * timer, a path or a socket of the boot starts.
 */
export const ownUnits: Mechanism = {
  // Unit files are among the inputs of the services.
  inputs: [...scriptInputs, ...environmentInputs],
  async find(guest) {
    const { services } = guest;
    const found: Vpn[] = [];
    const dropIns = await unitsWithDropIns(guest.image);
    for (const service of services.all) {
      if (service.state === 'masked') continue;
      const isOwn = !isKnown(service);
      if (isOwn && !(await mayRunVpn(guest.image, service, dropIns))) continue;
      const trigger = (await services.starters(service)).find(isTrigger);
      if (service.state !== 'enabled' && !trigger) continue;
      if (trigger) found.push(...(await triggered(guest, service, trigger, isOwn)));
      else if (isOwn && !service.name.endsWith('@')) found.push(...(await vpnsOf(guest, service)));
    }
    return found;
  },
};

/** The names of the administrator's own units that run a VPN, enabled or not; a template's name ends in `@`. */
export async function ownVpnServices(image: Image, services: Services): Promise<string[]> {
  const commands = new VpnCommands(image, services);
  const found: string[] = [];
  for (const service of services.all) {
    if (service.origin !== 'unit' || isKnown(service) || !(await mayRunVpn(image, service, new Set())))
      continue;
    const its = await commands.inService(service);
    if (its.some(({ command }) => command.kind === 'ExecStart')) found.push(service.name);
  }
  return found;
}

/** Whether another mechanism answers for a service, which knows more of it than what it runs. */
function isKnown({ name }: Service): boolean {
  return vpnServiceNames.has(name) || vpnServiceNames.has(name.replace(/@.+$/, '@'));
}

/** Units that start a service; what services start by a command, their own commands tell. */
function isTrigger(starter: Starter): boolean {
  return /\.(?:timer|path|socket)$/.test(starter.by) || isSuccess(starter);
}

/** Whether a service starts another with its own good end: it does something else as well, and stays on. */
const isSuccess = ({ because }: Starter): boolean => because.startsWith('OnSuccess=');

/** Programs that run others, and folders in which an administrator puts scripts. */
const leads =
  /^(?:\/usr)?\/bin\/(?:ba|da|z|k)?sh$|\/(?:env|nohup|setsid|sudo|timeout|flock|nice|ionice|su|runuser|ip|ssh|autossh|start-stop-daemon|systemctl|nmcli|unshare|chrt|taskset|stdbuf|screen|systemd-run)$|^(?:\/usr\/local|\/opt|\/srv|\/root|\/home|\/etc)\//;

/** Bytes of a program of a package that may be a script. */
const smallProgram = 16 * 1024;

/** Whether it is worth to look closer: most services of a guest run one big program of their own. */
async function mayRunVpn(
  image: Image,
  { id, path, exec, origin }: Service,
  dropIns: ReadonlySet<string>,
): Promise<boolean> {
  if (origin === 'script' || dropIns.has(id) || /^\/(?:etc|usr\/local)\//.test(path)) return true;
  for (const { program } of exec) {
    if (leads.test(program) || isProgramOfVpn(programName(program)) || !program.startsWith('/')) return true;
    const entry = await image.stat(program as GuestPath);
    if (entry?.type === 'file' && entry.size <= smallProgram) return true;
  }
  return false;
}

async function unitsWithDropIns(image: Image): Promise<ReadonlySet<string>> {
  const names = (await image.readDir('/etc/systemd/system')) ?? [];
  return new Set(names.flatMap(({ name }) => (name.endsWith('.service.d') ? [name.slice(0, -2)] : [])));
}

async function vpnsOf(guest: Guest, service: Service): Promise<Vpn[]> {
  const { commands, services } = guest;
  const beside: { vpn: StartedVpn; evidence: Evidence; kind: string }[] = [];
  for (const { vpn, command } of await commands.inService(service)) {
    const { kind, evidence } = command;
    // A unit that runs rc.local is none more: the command in it is told as a line of that.
    if (vpn.origin !== undefined && (await scriptsAtEnd(guest)).has(vpn.origin)) continue;
    if (kind === 'ExecStart') {
      const { product, device, via } = vpn;
      const how = `${service.id} is enabled and runs ${via === undefined ? 'it' : `${via}, which runs it`}`;
      const started = await startedService(guest, service, { product, tunnelLink: device === 'tun', how });
      // What does other things as well is not stopped for the VPN's sake.
      return vpn.isAlone ? started : started.map((one) => ({ ...one, disable: async () => [] }));
    }
    beside.push({ vpn, evidence, kind });
  }
  if (beside.length === 0 || !(await isStarted(services, service))) return [];
  return beside.map(({ vpn: { product, device }, evidence, kind }) => ({
    product,
    name: service.name,
    evidence,
    how: `${kind}= of ${service.id} runs it`,
    tunnelLink: device === 'tun',
    disable: (image) => withoutSetting(image, evidence),
  }));
}

/** Turns a setting into a comment, in a file of the administrator. */
async function withoutSetting(image: Image, { path, line }: Evidence): Promise<Change[]> {
  if (!path.startsWith('/etc/') || line === undefined) return [];
  return rewrite(image, path, (text) => {
    const lines = splitLines(text);
    let last = line;
    while (lines[last - 1]?.text.endsWith('\\') && last < lines.length) last += 1;
    return commentOut(
      text,
      Array.from({ length: last - line + 1 }, (_, at) => line + at),
    );
  });
}

async function triggered(guest: Guest, service: Service, trigger: Starter, isOwn: boolean): Promise<Vpn[]> {
  const vpn = isOwn ? await guest.commands.ofService(service) : vpnOfService(service.name);
  if (!vpn) return [];
  const { by, because, isLater } = trigger;
  const follows = isSuccess(trigger);
  const id = (follows && followerOf(service, because)) || service.id;
  if (guest.services.find(id)?.state === 'masked') return [];
  return [
    {
      product: vpn.product,
      name: id.replace(/\.service$/, ''),
      evidence: follows ? trigger.evidence : await startOf(guest.image, by),
      how: `${by} starts ${id}, ${by.endsWith('.socket') ? 'at the first connection' : because}`,
      tunnelLink: vpn.device === 'tun',
      isLater,
      disable: (image) => (follows ? withoutFollower(image, trigger, id) : withoutTrigger(guest, image, by)),
    },
  ];
}

/** Of a template, the first instance that an OnSuccess= names. */
function followerOf({ name }: Service, because: string): string | undefined {
  return name.endsWith('@') ? because.split(/[=\s]/).find((word) => word.startsWith(name)) : undefined;
}
