import { write } from '../../image/change.js';
import { type Assignment, setShellAssignment, shellVariables } from '../../formats/shell-assignments.js';
import { splitLines } from '../../formats/lines.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import type { Service } from '../init/service.js';
import { generator } from '../init/systemd/generators.js';
import type { Vpn } from './vpn.js';
import { instancesOf } from './instances.js';
import type { Guest, Mechanism } from './mechanism.js';
import { rewrite } from './rewrite.js';
import { isStarted, keepFromStarting } from './started.js';

const defaults: GuestPath = '/etc/default/openvpn';

/** Template units, and where each has its configurations. */
const templates: readonly (readonly [string, GuestPath])[] = [
  ['openvpn', '/etc/openvpn'],
  ['openvpn-client', '/etc/openvpn/client'],
  ['openvpn-server', '/etc/openvpn/server'],
];

/** The services that are answered for here; a template's name ends in `@`. */
export const openvpnServices: readonly string[] = ['openvpn', ...templates.map(([name]) => `${name}@`)];

/**
 * OpenVPN, as Debian and Red Hat start it: AUTOSTART in /etc/default/openvpn, read by Debian's generator and init script;
 * Red Hat's init script, which starts every configuration; and instances of the template units.
 */
export const openvpn: Mechanism = {
  inputs: [
    defaults,
    ...templates.map(([, directory]) => `${directory}/*.conf`),
    '/etc/init.d/openvpn',
    '/etc/rc.d/init.d/openvpn',
  ],
  async find(guest) {
    return [...(await started(guest)), ...(await instances(guest))];
  },
};

async function instances(guest: Guest): Promise<Vpn[]> {
  const found: Vpn[] = [];
  for (const [template, directory] of templates) {
    for (const instance of await instancesOf(guest, template, `${directory}/%i.conf`)) {
      const { name, evidence, how, disable } = instance;
      found.push({
        product: 'openvpn',
        name,
        evidence,
        how,
        tunnelLink: await isTunnel(guest.image, `${directory}/${name}.conf`),
        disable,
      });
    }
  }
  return found;
}

/** What the service `openvpn` starts. It starts nothing where there is no configuration, so neither is it reported. */
async function started(guest: Guest): Promise<Vpn[]> {
  const { image, services } = guest;
  const service = services.find('openvpn');
  if (!service || !(await isStarted(services, service))) return [];
  const names = await configurations(image);
  const reader = await readerOf(image, service);
  if (reader === 'nothing') return [];
  const [link = { path: service.path }] = service.evidence;
  const setting = reader === 'all' ? undefined : await autostart(image);
  const found: Vpn[] = [];
  for (const name of reader === 'all' ? names : chosen(names, setting, reader)) {
    const unit = services.find(`openvpn@${name}`);
    // The generator's link is there all the same, but leads to a mask.
    if (reader === 'generator' && (unit ?? services.find('openvpn@'))?.state === 'masked') continue;
    found.push({
      product: 'openvpn',
      name,
      evidence: setting ? { path: defaults, line: setting.line } : link,
      how: setting
        ? `AUTOSTART in ${defaults} ${isAll(setting) ? 'starts every configuration' : 'names it'}`
        : `${service.id} is enabled and starts every configuration in /etc/openvpn`,
      tunnelLink: await isTunnel(image, `/etc/openvpn/${name}.conf`),
      disable: async (now) => {
        if (reader !== 'all') return dropFromAutostart(now, name, reader);
        return keepFromStarting(guest, now, service.id);
      },
    });
  }
  return found;
}

/** Who reads AUTOSTART: Debian's generator, Debian's init script; `all`: a script that starts everything. */
type Reader = 'generator' | 'script' | 'all' | 'nothing';

async function readerOf(image: Image, service: Service): Promise<Reader> {
  if (service.origin === 'unit') {
    const path = await generator(image, 'openvpn-generator');
    const entry = path && (await image.stat(path));
    return entry?.type === 'file' && (entry.mode & 0o111) !== 0 ? 'generator' : 'nothing';
  }
  const script = await image.readText(service.path);
  return script?.includes('AUTOSTART') ? 'script' : 'all';
}

async function autostart(image: Image): Promise<Assignment | undefined> {
  const text = await image.readText(defaults);
  return text === undefined ? undefined : shellVariables(text).get('AUTOSTART');
}

/**
 * Which configurations AUTOSTART starts: all when it is unset or "all", none when it is "none", else those it names. An
 * empty value means all to the generator and none to the init script. A value that only a shell could work out counts as
 * all.
 */
function chosen(
  names: readonly string[],
  setting: Assignment | undefined,
  reader: Reader,
): readonly string[] {
  if (setting?.literal && !setting.conditional) {
    if (setting.value === 'none' || (setting.value === '' && reader === 'script')) return [];
  }
  if (setting === undefined || isAll(setting)) return names;
  const listed = new Set(setting.value.split(/\s+/));
  return names.filter((name) => listed.has(name));
}

function isAll({ value, literal, conditional }: Assignment): boolean {
  return !literal || conditional || value === '' || value === 'all';
}

async function dropFromAutostart(image: Image, name: string, reader: Reader): Promise<Change[]> {
  const now = chosen(await configurations(image), await autostart(image), reader);
  if (!now.includes(name)) return [];
  const rest = now.filter((other) => other !== name);
  const value = rest.length === 0 ? 'none' : rest.join(' ');
  if ((await image.realPath(defaults)) === undefined) {
    return write(image, defaults, `AUTOSTART="${value}"\n`);
  }
  return rewrite(image, defaults, (text) => setShellAssignment(text, 'AUTOSTART', value));
}

async function configurations(image: Image): Promise<string[]> {
  const entries = (await image.readDir('/etc/openvpn')) ?? [];
  return entries
    .filter(({ name, type }) => name.endsWith('.conf') && !name.startsWith('.') && type !== 'directory')
    .map(({ name }) => name.slice(0, -'.conf'.length));
}

/** Whether a configuration makes a tun device; what does not say so is taken for one. */
async function isTunnel(image: Image, path: GuestPath): Promise<boolean> {
  const text = (await image.readText(path)) ?? '';
  const words = splitLines(text).map((line) => line.text.trim().split(/\s+/));
  const last = (option: string): string | undefined => words.findLast(([key]) => key === option)?.[1];
  return !(last('dev-type') ?? last('dev') ?? 'tun').startsWith('tap');
}
