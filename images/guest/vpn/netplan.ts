import { type CloudConfig, parseCloudConfig } from '../../formats/cloud-config.js';
import { withoutKey } from '../../formats/cloud-config-edit.js';
import { joinLines, offMarker, splitLines } from '../../formats/lines.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';
import type { Services } from '../init/service.js';
import { generator } from '../init/systemd/generators.js';
import { type GuestText, textsIn } from '../texts.js';
import type { Mechanism } from './mechanism.js';
import { rewrite } from './rewrite.js';
import type { Vpn } from './vpn.js';

/** A file hides those of its name in the folders behind (netplan-generate(8)). */
const folders: readonly GuestPath[] = ['/etc/netplan', '/lib/netplan'];

/** Modes of a tunnel whose device has no hardware address; the others carry the address of the lower network. */
const withoutAddress: ReadonlySet<string> = new Set(['wireguard']);

/** Connections of NetworkManager that netplan only passes on, by their `connection.type`. */
const passedOn: ReadonlySet<string> = new Set(['wireguard', 'tun', 'ip-tunnel', 'ipsec', 'pppoe', 'vpn']);

/**
 * netplan's generator writes the configuration of systemd-networkd or NetworkManager at each boot, and has networkd
 * started. Tunnels stand below `tunnels`; what NetworkManager's own tools made, below `nm-devices` as a passthrough
 * (netplan-yaml(5)).
 */
export const netplan: Mechanism = {
  inputs: folders.map((folder) => `${folder}/*.yaml`),
  async find({ image, services }) {
    const files = await netplanFiles(image);
    // Reading YAML costs more than looking for the one word.
    if (!files.some(({ text }) => /tunnels|passthrough/.test(text))) return [];
    if (!(await generator(image, 'netplan'))) return [];
    const found: Vpn[] = [];
    for (const [name, device] of await devicesIn(files)) {
      if (!isBroughtUp(services, device)) continue;
      const { kind, evidence, section, tunnelLink } = device;
      found.push({
        product: kind === 'wireguard' ? 'wireguard' : 'netplan',
        name,
        evidence,
        how: `netplan makes this ${kind}`,
        tunnelLink,
        disable: (now) => withoutDevice(now, section, name),
      });
    }
    return found;
  },
};

interface NetplanDevice {
  readonly section: 'tunnels' | 'nm-devices';
  readonly kind: string;
  readonly renderer: string;
  /** By netplan's own key, or by NetworkManager's. */
  readonly isManual: boolean;
  readonly evidence: Vpn['evidence'];
  readonly tunnelLink: boolean;
}

/** Every tunnel of the files together: what a later one says of the same key goes before. */
async function devicesIn(files: readonly GuestText[]): Promise<ReadonlyMap<string, NetplanDevice>> {
  const parsed: { readonly path: GuestPath; readonly config: CloudConfig }[] = [];
  for (const { path, text } of files) parsed.push({ path, config: await parseCloudConfig(text) });
  const network = parsed.reduce<Mapping>(
    (all, { config }) => merge(all, mappingIn(config.value, 'network')),
    {},
  );
  const found = new Map<string, NetplanDevice>();
  for (const section of ['tunnels', 'nm-devices'] as const) {
    const devices = mappingIn(network, section);
    for (const [name, value] of Object.entries(devices)) {
      if (name === 'renderer' || !isMapping(value)) continue;
      const passthrough = mappingIn(mappingIn(value, 'networkmanager'), 'passthrough');
      const kind = textOf(section === 'tunnels' ? value['mode'] : connectionType(passthrough));
      const { path, config } =
        parsed.findLast(({ config: own }) => Object.hasOwn(sectionOf(own, section), name)) ?? {};
      if (kind === '' || !path || (section === 'nm-devices' && !passedOn.has(kind))) continue;
      const line = config?.lineOf('network', section, name);
      found.set(name, {
        section,
        kind,
        renderer:
          section === 'nm-devices'
            ? 'NetworkManager'
            : textOf(value['renderer'] ?? devices['renderer'] ?? network['renderer'] ?? 'networkd'),
        isManual:
          /^(?:manual|off)$/.test(textOf(value['activation-mode'])) ||
          /^(?:false|0|no)$/.test(textOf(passthrough['connection.autoconnect'])) ||
          // A connection of type vpn comes up with another one, which is another file's business.
          kind === 'vpn',
        evidence: line === undefined ? { path } : { path, line },
        tunnelLink:
          section === 'tunnels' ? withoutAddress.has(kind) : kind !== 'ip-tunnel' && kind !== 'ipsec',
      });
    }
  }
  return found;
}

/** `connection.type`, which says it, or else the name of a section that only such a connection has. */
function connectionType(passthrough: Mapping): unknown {
  const section = Object.keys(passthrough).find((key) => passedOn.has(key.split('.')[0] ?? ''));
  return passthrough['connection.type'] ?? section?.split('.')[0];
}

/** netplan has networkd started by a link of its own, so only a mask keeps it off; NetworkManager it only configures. */
function isBroughtUp(services: Services, { renderer, isManual }: NetplanDevice): boolean {
  if (isManual) return false;
  if (renderer === 'NetworkManager') return services.find('NetworkManager')?.state === 'enabled';
  const networkd = services.find('systemd-networkd');
  return networkd !== undefined && networkd.state !== 'masked';
}

/** In the order in which netplan reads them: by name, from whatever folder. */
async function netplanFiles(image: Image): Promise<GuestText[]> {
  const byName = new Map<string, GuestText>();
  for (const folder of folders) {
    for (const file of await textsIn(image, folder, (name) => /^[^.].*\.yaml$/.test(name)))
      if (!byName.has(baseName(file.path))) byName.set(baseName(file.path), file);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

/** Takes a device out of every file below /etc that has it. Its lines stay behind as comments. */
async function withoutDevice(image: Image, section: string, name: string): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { path, text } of await netplanFiles(image)) {
    const config = await parseCloudConfig(text);
    if (!path.startsWith('/etc/') || !Object.hasOwn(sectionOf(config, section), name)) continue;
    const edited = await withoutKey(text, ['network', section, name]);
    const commented = edited === undefined ? undefined : await asComment(text, edited);
    changes.push(...(await rewrite(image, path, () => commented)));
  }
  return changes;
}

/** What an edit took away, put back as comments; the edit itself where that would change what it says. */
async function asComment(text: string, edited: string): Promise<string> {
  const [before, after] = [splitLines(text), splitLines(edited)];
  let first = 0;
  while (first < after.length && before[first]?.text === after[first]?.text) first += 1;
  const gone = before.length - after.length;
  const isCut =
    gone > 0 && after.slice(first).every(({ text: line }, at) => line === before[first + gone + at]?.text);
  if (!isCut) return edited;
  const lines = before.map((line, at) =>
    at >= first && at < first + gone ? { ...line, text: `${offMarker}${line.text}` } : line,
  );
  const commented = joinLines(lines);
  const [one, other] = [await parseCloudConfig(commented), await parseCloudConfig(edited)];
  return JSON.stringify(one.value) === JSON.stringify(other.value) ? commented : edited;
}

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function mappingIn(value: Mapping, key: string): Mapping {
  const found = Object.hasOwn(value, key) ? value[key] : undefined;
  return isMapping(found) ? found : {};
}

const sectionOf = ({ value }: CloudConfig, section: string): Mapping =>
  mappingIn(mappingIn(value, 'network'), section);

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** Mappings are joined, key by key; of anything else the later one stays. */
function merge(one: Mapping, other: Mapping): Mapping {
  const merged: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const known = merged[key];
    merged[key] = isMapping(known) && isMapping(value) ? merge(known, value) : value;
  }
  return merged;
}
