import type { GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import { isProgram } from './programs.js';
import { definitions } from './service-names.js';
import type { Fact } from '../fact.js';
import { packageDatabase, packages } from '../packages.js';

/** The XenServer guest utilities (xe-guest-utilities, under any of their names). */
export interface XeTools {
  /** The package or file that shows they are there: xe-guest-utilities, xe-linux-distribution, xe-daemon … */
  readonly name: string;
  readonly version: string | undefined;
  readonly evidence: GuestPath;
  /** Programs that are there: /usr/sbin/xe-daemon, /usr/sbin/xe-linux-distribution, … */
  readonly programs: readonly GuestPath[];
  /** The names that their service can have, the likeliest first. */
  readonly serviceNames: readonly string[];
}

/** Citrix and most distributions; XCP-ng; XCP-ng's successor in Rust, which conflicts with both. */
const packageNames = ['xe-guest-utilities', 'xe-guest-utilities-latest', 'xen-guest-agent'];

const programNames = ['xe-daemon', 'xe-linux-distribution', 'xen-guest-agent'];

/** Packages use the first two, FreeBSD's ports the next; the last two are where the unit of the tools' own build
 * looks for them, and CoreOS's installation. */
const programFolders: readonly GuestPath[] = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/share/oem/xs',
  '/opt/oem/xs',
];

/** Citrix's packages; Gentoo, Ubuntu, Arch; Alpine; XCP-ng and its successor; the BSDs. */
export const customaryXeServices: readonly string[] = [
  'xe-linux-distribution',
  'xe-daemon',
  'xe-guest-utilities',
  'xe-guest-utilities-latest',
  'xen-guest-agent',
  'xenguest',
];

/** The guest utilities in the guest; undefined when there are none. */
export const xe: Fact<XeTools | undefined> = {
  name: 'xe',
  inputs: packages.inputs,
  async gather(image, get) {
    const { installed } = await get(packages);
    const packaged = packageNames.map((name) => installed.get(name)).find((one) => one !== undefined);
    const programs = await findPrograms(image);
    const services = await findDefinitions(image);
    const [service] = services;
    const evidence = programs[0] ?? (packaged && (await get(packageDatabase))) ?? service?.path;
    if (!evidence) return undefined;
    return {
      name: packaged?.name ?? (programs[0] && baseName(programs[0])) ?? service?.name ?? baseName(evidence),
      version: packaged?.version,
      evidence,
      programs,
      serviceNames: [...new Set([...services.map(({ name }) => name), ...customaryXeServices])],
    };
  },
};

async function findPrograms(image: Image): Promise<readonly GuestPath[]> {
  const found: GuestPath[] = [];
  for (const folder of programFolders) {
    for (const name of programNames) {
      const path = join(folder, name);
      if (await isProgram(image, path)) found.push(path);
    }
  }
  return found;
}

/** Services of those names that the guest has, each with the first file that defines it. */
async function findDefinitions(image: Image): Promise<readonly { name: string; path: GuestPath }[]> {
  const found: { name: string; path: GuestPath }[] = [];
  for (const name of customaryXeServices) {
    for (const path of definitions(name)) {
      if (!(await image.stat(path))) continue;
      found.push({ name, path });
      break;
    }
  }
  return found;
}
