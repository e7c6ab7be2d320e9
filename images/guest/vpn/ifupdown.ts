import {
  type AutoLine,
  type InterfaceOption,
  type InterfaceStanza,
  parseInterfaces,
  withoutAuto,
  withoutStatement,
} from '../../formats/interfaces.js';
import { matches } from '../../formats/wildcard.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { Vpn } from './vpn.js';
import type { VpnCommands } from './commands.js';
import { type InterfacesSource, interfacesFiles } from '../network/interfaces-files.js';
import { hasLinkAddress, isTunnelName } from '../network/link-names.js';
import type { Mechanism } from './mechanism.js';
import { rewrite } from './rewrite.js';

/** Methods of an `iface` stanza that make a link through another network. */
const tunnelMethods = new Set(['ppp', 'wvdial', 'tunnel', 'v4tunnel', '6to4', 'wireguard']);

/** Options that a hook of some VPN's package acts on when the interface comes up. */
const hookOptions: ReadonlyMap<string, string> = new Map([
  ['openvpn', 'openvpn'],
  ['tinc-net', 'tinc'],
]);

/**
 * ifupdown: tunnels that `auto` or `allow-hotplug` brings up, and options of interfaces that come up by themselves which
 * start a VPN: `openvpn NAME`, `tinc-net NET`, or a command after `up` and its like.
 */
export const ifupdown: Mechanism = {
  inputs: ['/etc/network/interfaces', '/etc/network/interfaces.d/**'],
  async find({ image, services, commands }) {
    // Without its service, nothing that it says is brought up at boot.
    const service = services.find('networking');
    if (service && service.state !== 'enabled') return [];
    const files = await interfacesFiles(image);
    const stanzas = files.flatMap((file) => file.stanzas);
    const autos = files.flatMap((file) => file.autos.map((auto) => ({ ...auto, path: file.path })));
    const found: Vpn[] = [];
    for (const name of new Set(autos.flatMap((auto) => auto.names))) {
      const brought = stanzas.filter((stanza) => brings(name, stanza.name));
      if (isTunnelName(name) || brought.some(isTunnel)) found.push(autoVpn(name, brought, autos));
    }
    for (const file of files) {
      for (const stanza of file.stanzas) {
        const isAuto = autos.some(({ names }) => names.some((name) => brings(name, stanza.name)));
        for (const option of isAuto ? stanza.options : [])
          found.push(...(await optionVpn(commands, file, stanza, option)));
      }
    }
    return found;
  },
};

/**
 * @param name - as `auto` has it: an interface, or a pattern of them
 * @param brought - the stanzas of what it brings up
 */
function autoVpn(
  name: string,
  brought: readonly InterfaceStanza[],
  autos: readonly (AutoLine & { readonly path: GuestPath })[],
): Vpn {
  const auto = autos.find(({ names }) => names.includes(name));
  const evidence: Evidence = auto
    ? { path: auto.path, line: auto.line }
    : { path: '/etc/network/interfaces' };
  const isPpp = brought.some(({ method }) => method === 'ppp' || method === 'wvdial');
  return {
    product: isPpp ? 'ppp' : 'ifupdown',
    name,
    evidence,
    how: `${auto?.keyword ?? 'auto'} brings it up`,
    tunnelLink: !hasLinkAddress(name),
    disable: async (image) => {
      const changes: Change[] = [];
      // A pattern that brings other interfaces up as well cannot go.
      const alone = isTunnelName(name) || brought.every(isTunnel);
      for (const { path, autos: its } of await interfacesFiles(image)) {
        if (!its.some(({ names }) => names.includes(name))) continue;
        changes.push(
          ...(await rewrite(image, path, (text) => (alone ? withoutAuto(text, [name]) : undefined))),
        );
      }
      return changes;
    },
  };
}

async function optionVpn(
  commands: VpnCommands,
  file: InterfacesSource,
  stanza: InterfaceStanza,
  option: InterfaceOption,
): Promise<Vpn[]> {
  const hook = hookOptions.get(option.key);
  const isCommand = /^(?:pre-up|up|post-up)$/.test(option.key);
  const [run] = hook === undefined && isCommand ? await commands.vpnsIn(option.value) : [];
  const product = hook ?? run?.product;
  if (product === undefined) return [];
  return [
    {
      product,
      name: hook === undefined ? stanza.name : option.value,
      evidence: { path: file.path, line: option.line },
      how: `"${option.key}" of the interface ${stanza.name} starts it`,
      tunnelLink: (run?.device ?? 'tun') === 'tun',
      disable: (image) => dropOption(image, file.path, stanza.name, option),
    },
  ];
}

/** Turns every option of that interface that reads like this one into a comment. */
async function dropOption(
  image: Image,
  path: GuestPath,
  name: string,
  option: InterfaceOption,
): Promise<Change[]> {
  return rewrite(image, path, (text) => {
    const lines = parseInterfaces(text)
      .stanzas.filter((stanza) => stanza.name === name)
      .flatMap((stanza) => stanza.options)
      .filter(({ key, value }) => key === option.key && value === option.value)
      .map(({ line }) => line);
    return lines.reduce(withoutStatement, text);
  });
}

/** The interfaces, by the names of their stanzas, that are a tunnel as they are configured, whether at boot or not. */
export async function tunnelInterfaces(image: Image): Promise<ReadonlySet<string>> {
  const stanzas = (await interfacesFiles(image)).flatMap((file) => file.stanzas);
  // tinc makes the device of the very interface that names its net.
  const ofTinc = ({ options }: InterfaceStanza): boolean => options.some(({ key }) => key === 'tinc-net');
  return new Set(stanzas.filter((each) => isTunnel(each) || ofTinc(each)).map(({ name }) => name));
}

function isTunnel({ name, method, options }: InterfaceStanza): boolean {
  return (
    isTunnelName(name) ||
    tunnelMethods.has(method) ||
    options.some(({ key }) => /^(?:wireguard|tunnel)-/.test(key))
  );
}

/** `auto /eth*` means every interface whose name fits the pattern (interfaces(5)). */
function brings(auto: string, name: string): boolean {
  return auto === name || (auto.startsWith('/') && matches(auto.slice(1).split('/', 1)[0] ?? '', name));
}
