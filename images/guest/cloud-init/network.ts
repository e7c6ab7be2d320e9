import { write } from '../../image/change.js';
import { nameIn } from '../../formats/cloud-config.js';
import { withSource } from '../../formats/interfaces.js';
import { matches } from '../../formats/wildcard.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { baseName, join, parentOf } from '../../image/resolve.js';
import { findProgram } from '../agents/programs.js';
import { packageFolderGlobs } from '../agents/python.js';
import type { Evidence } from '../evidence.js';
import type { Fact } from '../fact.js';
import { os } from '../os.js';
import type { Obstacle } from '../init/obstacle.js';
import type { Service, Services } from '../init/service.js';
import { services } from '../init/services.js';
import { interfacesFiles } from '../network/interfaces-files.js';
import { interfaces } from '../network/left-ifupdown.js';
import { type ConfigFile, cloudConfig, configInputs, settingOf } from './config-files.js';
import { type Renderer, customaryRenderers, isAvailable, networkModules, startersOf } from './renderers.js';

/** How cloud-init would bring the network up, and what it lacks for that. */
export interface CloudInitNetwork {
  /** Whether it is known how cloud-init configures the network of this distribution. */
  readonly known: boolean;
  /** What cloud-init would write for; undefined when it finds nothing that it could. */
  readonly renderer: Renderer | undefined;
  /** The renderers that it would look for, in this order. */
  readonly order: readonly string[];
  /** The setting that says so; undefined for cloud-init's own order. */
  readonly orderFrom: Evidence | undefined;
  /** The services of which one must start at boot, and the first of them that the guest has. */
  readonly starters: readonly string[];
  readonly starter: string | undefined;
  /** Whether one of them does. */
  readonly started: boolean;
  /** What keeps those that are enabled from being started; nothing when one of them surely is. */
  readonly obstacles: readonly { readonly service: string; readonly found: readonly Obstacle[] }[];
  /** Whether a program that the renderer's configuration calls is missing: route(8). */
  readonly lacksRoute: boolean;
  /** The file that cloud-init writes and that nothing takes in; undefined when all is well. */
  readonly notTakenIn: GuestPath | undefined;
}

const taken: GuestPath = '/etc/network/interfaces.d';

/** Sources: cloudinit/net/renderers.py and the `available()` of each; cloudinit/distros/debian.py; interfaces(5). */
export const cloudInitNetwork: Fact<CloudInitNetwork> = {
  name: 'cloud-init-network',
  inputs: [
    ...configInputs,
    interfaces,
    `${taken}/*`,
    ...packageFolderGlobs.map((folder) => `${folder}/cloudinit/distros/debian.py`),
  ],
  async gather(image, get) {
    const { family } = await get(os);
    const system = await get(services);
    const known = ['debian', 'redhat', 'suse', 'alpine'].includes(family);
    const { order, orderFrom } = orderOf(await get(cloudConfig));
    const modules = await networkModules(image);
    const test = { image, services: system, family, modules };
    const renderer = known ? await firstOf(order, (each) => isAvailable(each, test)) : undefined;
    const starters = renderer ? startersOf(renderer, family) : [];
    const there = starters.flatMap((name) => system.find(name) ?? []);
    const onDebian = renderer === 'eni' && family === 'debian';
    const own = onDebian ? await ownFile(image, modules) : undefined;
    return {
      ...{ known, renderer, order, orderFrom, starters },
      starter: there[0]?.name,
      started: there.some((service) => isStarted(service, renderer)),
      obstacles: await heldUp(system, there),
      lacksRoute: renderer === 'eni' && !(await findProgram(image, 'route')),
      notTakenIn: own && !(await takesIn(image, own)) ? own : undefined,
    };
  },
};

/**
 * netplan starts systemd-networkd itself, whether or not that is enabled: at once when cloud-init calls it, and by its
 * generator at every later boot (netplan's src/generate.c; found so by booting Debian 12). A mask it cannot overcome.
 */
function isStarted({ name, state }: Service, renderer: Renderer | undefined): boolean {
  if (renderer === 'netplan' && name === 'systemd-networkd') return state !== 'masked';
  return state === 'enabled';
}

/** What holds the enabled services up, unless one of them has nothing in its way. */
async function heldUp(system: Services, there: readonly Service[]): Promise<CloudInitNetwork['obstacles']> {
  const all: { service: string; found: readonly Obstacle[] }[] = [];
  for (const service of there.filter(({ state }) => state === 'enabled')) {
    const found = await system.obstacles(service);
    if (found.length === 0) return [];
    all.push({ service: service.id, found });
  }
  return all;
}

/** `system_info: {network: {renderers: […]}}`. A name that cloud-init does not know makes it fail, so nothing behind it counts. */
function orderOf(files: readonly ConfigFile[]): Pick<CloudInitNetwork, 'order' | 'orderFrom'> {
  const setting = settingOf(files, ['system_info', 'network', 'renderers']);
  if (!Array.isArray(setting?.value)) return { order: customaryRenderers, orderFrom: undefined };
  return { order: setting.value.map(nameIn), orderFrom: setting.evidence };
}

const ofOthers = ['freebsd', 'netbsd', 'openbsd'];

async function firstOf(
  order: readonly string[],
  test: (renderer: Renderer) => Promise<boolean>,
): Promise<Renderer | undefined> {
  if (order.some((name) => !ofOthers.includes(name) && !isRenderer(name))) return undefined;
  for (const name of order) if (isRenderer(name) && (await test(name))) return name;
  return undefined;
}

function isRenderer(name: string): name is Renderer {
  return (customaryRenderers as readonly string[]).includes(name);
}

/** Where this release writes on Debian and Ubuntu: earlier ones gave the file a suffix. */
async function ownFile(image: Image, modules: GuestPath | undefined): Promise<GuestPath> {
  const source = modules && (await image.readText(join(parentOf(modules), 'distros/debian.py')));
  const [, name = '50-cloud-init'] =
    /["']\/?etc\/network\/interfaces\.d\/([\w.-]+)["']/.exec(source ?? '') ?? [];
  return join(taken, name);
}

/** Whether ifup reads a file, if it is there, by way of `source` and `source-directory`. */
async function takesIn(image: Image, path: GuestPath): Promise<boolean> {
  for (const file of await interfacesFiles(image)) {
    if (file.path === path) return true;
    for (const { keyword, pattern } of file.sources) {
      const absolute = pattern.startsWith('/') ? pattern : join(parentOf(file.path), pattern);
      const isDirectory = keyword === 'source-directory';
      if (isDirectory && !/^[\w-]+$/.test(baseName(path))) continue;
      if (fits(absolute, isDirectory ? parentOf(path) : path)) return true;
    }
  }
  return false;
}

/** Whether a path is one of those that a pattern stands for: a component each, as glob(7) has it. */
function fits(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern, path].map((each) => each.split('/').filter(Boolean)) as [
    string[],
    string[],
  ];
  return wanted.length === given.length && wanted.every((each, at) => matches(each, given[at] ?? ''));
}

/**
 * Changes after which ifup reads what cloud-init writes, and nothing else that it did not read before; nothing when it does
 * already.
 */
export async function takeInOwnFile(image: Image): Promise<Change[]> {
  const own = await ownFile(image, await networkModules(image));
  if (await takesIn(image, own)) return [];
  const path = (await image.realPath(interfaces)) ?? interfaces;
  const text = (await image.readText(path)) ?? '';
  return write(image, path, withSource(text, `${own}*`));
}
