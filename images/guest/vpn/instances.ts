import { link, remove } from '../../image/change.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { baseName, join, parentOf } from '../../image/resolve.js';
import { initModules } from '../init/init-modules.js';
import { unitDirectories } from '../init/systemd/search.js';
import type { Guest } from './mechanism.js';

/** Targets that a boot does not reach. */
const notBooted =
  /^(?:rescue|emergency|halt|poweroff|reboot|kexec|shutdown|exit|sleep|suspend|hibernate)\.target$/;

/** An instance of a template unit that a boot starts, because a link says that some unit wants it. */
export interface Instance {
  /** "client1" of openvpn@client1.service. */
  readonly name: string;
  readonly unit: string;
  readonly link: GuestPath;
  /** "multi-user.target". */
  readonly wantedBy: string;
}

/**
 * The instances of a template unit that are wanted or required by something that a boot starts: a target, or a service
 * that is enabled itself. A masked one is not among them, nor one whose template is missing.
 * @param template - "openvpn" for openvpn@.service
 */
export async function instancesOf({ image, services }: Guest, template: string): Promise<Instance[]> {
  if (!initModules[services.system].hasUnitFiles || !(await isLoadable(image, `${template}@.service`)))
    return [];
  const found: Instance[] = [];
  for (const { link: path, unit, wantedBy } of await wantsLinks(image)) {
    if (!unit.startsWith(`${template}@`) || !unit.endsWith('.service')) continue;
    const reached = wantedBy.endsWith('.target')
      ? !notBooted.test(wantedBy)
      : services.find(wantedBy)?.state === 'enabled';
    const name = unit.slice(template.length + 1, -'.service'.length);
    const masked = (await image.readLink(`/etc/systemd/system/${unit}`)) === '/dev/null';
    if (name !== '' && reached && !masked) found.push({ name, unit, link: path, wantedBy });
  }
  return found;
}

/**
 * Changes that no longer start an instance: its links below /etc go, as `systemctl disable` does; where a link of the
 * vendor would stay, the unit is masked.
 */
export async function unlinkInstance(image: Image, unit: string): Promise<Change[]> {
  const changes: Change[] = [];
  let ofVendor = false;
  for (const { link: path, unit: other } of await wantsLinks(image)) {
    if (other !== unit) continue;
    if (path.startsWith('/etc/')) changes.push(...(await remove(image, path)));
    else ofVendor = true;
  }
  return ofVendor
    ? [...changes, ...(await link(image, `/etc/systemd/system/${unit}`, '/dev/null'))]
    : changes;
}

interface WantsLink {
  readonly link: GuestPath;
  readonly unit: string;
  readonly wantedBy: string;
}

async function wantsLinks(image: Image): Promise<WantsLink[]> {
  const found = new Map<GuestPath, WantsLink>();
  for (const directory of unitDirectories) {
    for (const { name } of (await image.readDir(directory)) ?? []) {
      if (!/\.(?:wants|requires)$/.test(name)) continue;
      for (const { name: unit } of (await image.readDir(join(directory, name))) ?? []) {
        if (!unit.includes('@')) continue;
        const path = await image.locate(join(join(directory, name), unit));
        const wantedBy = baseName(parentOf(path)).replace(/\.(?:wants|requires)$/, '');
        found.set(path, { link: path, unit, wantedBy });
      }
    }
  }
  return [...found.values()];
}

/** Whether a unit file is there and not masked: the strongest directory that has it decides. */
async function isLoadable(image: Image, unit: string): Promise<boolean> {
  for (const directory of unitDirectories) {
    const entry = await image.lstat(join(directory, unit));
    if (entry) return entry.target !== '/dev/null' && (entry.type !== 'file' || entry.size > 0);
  }
  return false;
}
