import { type CommandWords, programName, runCommand } from '../../formats/command-wrappers.js';
import { type ShellCommand, type ShellWorld, shellCommands } from '../../formats/shell-commands.js';
import type { GuestPath, Image } from '../../image/image.js';
import { isTunnelName } from '../network/link-names.js';
import type { Command } from '../init/process/process.js';
import type { Service, Services } from '../init/service.js';
import { deviceOfProfile } from './nm-profiles.js';
import { type Device, type Product, type Program, products } from './products.js';
import { type Script, scriptOf, worldOf } from './scripts.js';
import { type Surroundings, surroundingsOf, withVariables } from './surroundings.js';

/** A VPN that a command brings up. */
export interface StartedVpn {
  readonly product: string;
  readonly device: Device;
  /** The script of the guest by way of which it does. */
  readonly via?: GuestPath;
  /** The script that has the command itself, where that one runs others. */
  readonly origin?: GuestPath;
  /** Whether the command does nothing else that counts. */
  readonly isAlone: boolean;
}

/** A command of a script that brings a VPN up. */
export interface VpnCommand extends StartedVpn {
  readonly command: ShellCommand;
}

/** A command of a service that brings a VPN up. */
interface ServiceVpn {
  readonly vpn: StartedVpn;
  readonly command: Command;
}

/** Scripts that run scripts: how deep they are followed, and how many are read in all. */
const maxDepth = 4;
const maxScripts = 100;

const byProgram = new Map<string, { readonly product: Product; readonly program: Program }>(
  products.flatMap((product) =>
    (product.programs ?? []).map((program) => {
      const own: Program = typeof program === 'string' ? { name: program } : program;
      return [own.name, { product, program: own }] as const;
    }),
  ),
);

const byService = new Map<string, Product>(
  products.flatMap((product) => [
    ...(product.services ?? []).map((name) => [name, product] as const),
    ...Object.keys(product.templates ?? {}).map((name) => [`${name}@`, product] as const),
  ]),
);

/** Words with which a program of a VPN brings none up. */
const idle =
  /^(?:down|stop|status|disconnect|-h|-V|--?help|--?version|--genkey|--rmtun|--rmtunnel|--show-.*|--kill|--stop|show|strip|save|syncconf|-genconf)$/;

/** Commands around the start of a VPN that are there for its sake, or do nothing. */
const preparing: ReadonlySet<string> = new Set(
  `: . [ [[ (( cat cd chmod chown command curl cut date declare dirname basename echo env eval exit export false flock
  getent getopts grep head hostname id ip iptables kill ln local log logger ls mkdir mktemp modprobe mv nft ping pgrep
  pidof printf pwd read readonly readlink resolvconf resolvectl return rm route sed set shift sleep sort source stat sync
  sysctl tail tee test touch tr trap true type typeset uname umask unset wait wc wg which xargs awk break continue`.split(
    /\s+/,
  ),
);

/** What a script of a package has to mention for it to be worth a closer look. Those of an administrator always are. */
const mentions = new RegExp(
  `\\b(?:${[...byProgram.keys()].map((name) => name.replaceAll('.', '\\.')).join('|')})\\b|\\b(?:tuntap|tunnel|wireguard)\\b|/(?:opt|srv|root|home)/`,
);

/** Whether a program of that name is one of a VPN, whatever it is called with. */
export function isProgramOfVpn(name: string): boolean {
  return byProgram.has(name);
}

/** Tells which VPN a command of a guest brings up, also by way of scripts and services of the guest. */
export class VpnCommands {
  readonly #image: Image;
  readonly #services: Services;
  readonly #scripts = new Map<string, StartedVpn | undefined>();
  /** By the program, and whether a shell is given it to read. */
  readonly #texts = new Map<string, Promise<Script | undefined>>();

  constructor(image: Image, services: Services) {
    this.#image = image;
    this.#services = services;
  }

  /** The VPN that a command brings up; undefined when it does nothing of the kind. */
  async vpnOf(
    command: CommandWords,
    depth = 0,
    surroundings?: Surroundings,
  ): Promise<StartedVpn | undefined> {
    const run = runCommand(command);
    if (!run || depth > maxDepth) return undefined;
    if (run.kind === 'script') return this.#firstIn(run.text, run.args, depth + 1, surroundings);
    const [program, ...args] = run.words;
    if (program === undefined) return undefined;
    return (
      byItself(
        programName(program),
        args.map((word) => word ?? ''),
      ) ??
      (await this.#byProfile(program, args)) ??
      (await this.#byService(program, args, depth)) ??
      (await this.#byScript(program, args, command !== run.words, depth, surroundings))
    );
  }

  /** The commands of a script that bring a VPN up. */
  async vpnsIn(
    text: string,
    world: ShellWorld = worldOf(this.#image, undefined),
    depth = 0,
  ): Promise<VpnCommand[]> {
    const found: VpnCommand[] = [];
    for (const command of await shellCommands(text, world)) {
      const vpn = await this.vpnOf(command.words, depth);
      if (vpn) found.push({ ...vpn, command });
    }
    return found;
  }

  /** `nmcli connection up NAME`, in any of its short forms (nmcli(1)). */
  async #byProfile(program: string, args: CommandWords): Promise<StartedVpn | undefined> {
    const words = args.filter((word) => word !== undefined && !word.startsWith('-')) as string[];
    const [object = '', verb = '', ...rest] = words;
    if (programName(program) !== 'nmcli' || !/^c(?:on(?:nection)?)?$/.test(object) || verb !== 'up')
      return undefined;
    const name = /^(?:id|uuid)$/.test(rest[0] ?? '') ? rest[1] : rest[0];
    const device = name === undefined ? undefined : await deviceOfProfile(this.#image, name);
    return device && named('network-manager', device);
  }

  /** `systemctl start NAME`, `service NAME start`, `/etc/init.d/NAME start`. */
  async #byService(program: string, args: CommandWords, depth: number): Promise<StartedVpn | undefined> {
    for (const name of servicesStarted(program, args)) {
      const vpn = vpnOfService(name);
      const service = this.#services.find(name);
      if (service?.state === 'masked') continue;
      if (vpn) return vpn;
      // An init script by its path is a script as any other.
      if (service && programName(program) !== name) {
        const started = await this.ofService(service, depth + 1);
        if (started) return started;
      }
    }
    return undefined;
  }

  /** The VPN that a service's own commands bring up. */
  async ofService(service: Service, depth = 0): Promise<StartedVpn | undefined> {
    return (await this.inService(service, depth))[0]?.vpn;
  }

  /** The commands of a service that bring a VPN up. */
  async inService(service: Service, depth = 0): Promise<readonly ServiceVpn[]> {
    if (depth > maxDepth) return [];
    const process = await this.#services.process(service);
    const surroundings = surroundingsOf(this.#image, service.id, process);
    const found: ServiceVpn[] = [];
    for (const command of process.commands) {
      const vpn = await this.vpnOf(await withVariables(command.words, surroundings), depth, surroundings);
      if (vpn) found.push({ vpn, command });
    }
    return found;
  }

  async #byScript(
    program: string,
    args: CommandWords,
    isRead: boolean,
    depth: number,
    surroundings: Surroundings | undefined,
  ): Promise<StartedVpn | undefined> {
    const key = [surroundings?.key ?? '', program, ...args.map((word) => word ?? '\0')].join('\n');
    // What everybody has under these names is no script.
    if (preparing.has(program)) return undefined;
    if (this.#scripts.has(key) || this.#scripts.size >= maxScripts) return this.#scripts.get(key);
    // A script that runs itself brings up nothing more.
    this.#scripts.set(key, undefined);
    const started = await this.#inScript(program, args, isRead, depth, surroundings);
    this.#scripts.set(key, started);
    return started;
  }

  async #inScript(
    program: string,
    args: CommandWords,
    isRead: boolean,
    depth: number,
    surroundings: Surroundings | undefined,
  ): Promise<StartedVpn | undefined> {
    const key = `${isRead} ${program}`;
    const known = this.#texts.get(key) ?? scriptOf(this.#image, program, isRead);
    this.#texts.set(key, known);
    const script = await known;
    if (script && isPackaged(script.path) && !mentions.test(script.text)) return undefined;
    const first = script && (await this.#firstIn(script.text, args, depth + 1, surroundings));
    return first && { ...first, via: script.path, origin: first.origin ?? script.path };
  }

  async #firstIn(
    text: string,
    args: CommandWords,
    depth: number,
    surroundings: Surroundings | undefined,
  ): Promise<StartedVpn | undefined> {
    const variables = text.includes('$') ? await surroundings?.variables() : undefined;
    const world = worldOf(this.#image, args, variables);
    let first: StartedVpn | undefined;
    let isAlone = true;
    for (const { words } of await shellCommands(text, world)) {
      const vpn = await this.vpnOf(words, depth, surroundings);
      first ??= vpn;
      isAlone &&= vpn ? vpn.isAlone : preparing.has(programName(words[0]));
    }
    return first && { ...first, isAlone };
  }
}

/** The VPN of a program that is one. */
function byItself(name: string, args: readonly string[]): StartedVpn | undefined {
  if (name === 'ip') return byIp(args);
  if (name === 'ifup')
    return args.some(isTunnelName) ? { product: 'ifupdown', device: 'tun', isAlone: true } : undefined;
  // ssh(1): -w and -o Tunnel= make a tun device on both ends.
  if (name === 'ssh' || name === 'autossh') {
    const makes = args.some((arg) => /^-[A-Za-z]*w|^(?:-o)?Tunnel=(?:yes|point-to-point)/.test(arg));
    return makes ? { product: 'ssh', device: 'tun', isAlone: true } : undefined;
  }
  const known = byProgram.get(name);
  if (!known || args.some((arg) => idle.test(arg))) return undefined;
  const { product, program } = known;
  if (program.words && !args.some((arg) => program.words?.test(arg))) return undefined;
  return { product: product.product, device: deviceBy(args) ?? product.device, isAlone: true };
}

/** openvpn(8), openconnect(8): `--dev tap0`, `--dev-type tap`; tailscaled: `--tun=userspace-networking`. */
function deviceBy(args: readonly string[]): Device | undefined {
  for (const [at, arg] of args.entries()) {
    if (/^--dev(?:-type)?$/.test(arg) && args[at + 1]?.startsWith('tap')) return 'tap';
    if (/^--?tun[= ]?userspace-networking$/.test(arg)) return 'none';
  }
  return undefined;
}

/** Kinds of a link that carry a network through another. Those with an address of the lower network count as having one. */
const tunnelKinds: ReadonlyMap<string, Device> = new Map<string, Device>([
  ['wireguard', 'tun'],
  ['amneziawg', 'tun'],
  ['ovpn-dco', 'tun'],
  ['ovpn', 'tun'],
  ...['gre', 'gretap', 'ip6gre', 'ip6gretap', 'ipip', 'sit', 'vti', 'vti6', 'ip6tnl', 'xfrm'].map(
    (kind) => [kind, 'none'] as const,
  ),
]);

/** ip(8): `ip tuntap add`, `ip tunnel add`, `ip link add … type wireguard`; each word may be cut short. */
function byIp(args: readonly string[]): StartedVpn | undefined {
  const words = args.filter((word) => !word.startsWith('-'));
  const [object = '', action = ''] = words;
  if (!/^a(?:dd?)?$/.test(action)) return undefined;
  const made = (device: Device): StartedVpn => ({ product: 'tun', device, isAlone: true });
  if (/^tunt(?:ap?)?$/.test(object)) return made(words.includes('tap') ? 'tap' : 'tun');
  if (/^(?:tunn(?:el?)?|l2tp)$/.test(object)) return made('none');
  const at = words.lastIndexOf('type');
  const device = at < 0 ? undefined : tunnelKinds.get(words[at + 1] ?? '');
  return /^l(?:i(?:nk?)?)?$/.test(object) && device ? made(device) : undefined;
}

/** The services that a command starts, by their names. */
function servicesStarted(program: string, args: CommandWords): string[] {
  const name = programName(program);
  const words = args.filter((word) => word !== undefined && !word.startsWith('-')) as string[];
  if (/\/init\.d\/[^/]+$/.test(program)) return /^(?:re|force-)?start$/.test(words[0] ?? '') ? [name] : [];
  if (name === 'systemctl') {
    const [verb = '', ...units] = words;
    const starts =
      /^(?:(?:re)?start|try-restart|reload-or-restart|isolate)$/.test(verb) ||
      (/^(?:re)?enable$/.test(verb) && args.includes('--now'));
    return starts && verb !== 'try-restart' ? units : [];
  }
  if (!/^(?:service|invoke-rc\.d|rc-service)$/.test(name)) return [];
  const [service, verb = ''] = words;
  return service !== undefined && /^(?:re)?start$/.test(verb) ? [service] : [];
}

/** The VPN of a service by what packages call it. */
export function vpnOfService(word: string): StartedVpn | undefined {
  const name = word.replace(/\.service$/, '');
  const base = name.replace(/@.*$/, '@');
  const product = byService.get(base);
  if (product) return named(product.product, product.device);
  if (/^openvpn(?:-client|-server)?@?$/.test(base)) return named('openvpn', 'tun');
  if (/^tinc@?$/.test(base)) return named('tinc', 'tun');
  if (/^strongswan(?:-starter|-swanctl)?$/.test(base)) return named('strongswan', 'none');
  if (/^(?:ipsec|pluto|libreswan)$/.test(base)) return named('ipsec', 'none');
  return undefined;
}

const named = (product: string, device: Device): StartedVpn => ({ product, device, isAlone: true });

function isPackaged(path: GuestPath): boolean {
  return /^\/(?:usr\/(?!local\/)|s?bin\/)/.test(path);
}
