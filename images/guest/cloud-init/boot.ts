import { parseKeyfile } from '../../formats/keyfile.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { Input } from '../../image/inputs.js';
import { initModules } from '../init/init-modules.js';
import type { Service, Services } from '../init/service.js';
import { type GuestText, textAt, textsIn } from '../texts.js';
import { bootEntryInputs, bootLines } from '../boot/entries.js';
import { readDsIdentify } from './ds-identify.js';

/** Something that keeps cloud-init from running at boot. */
export type Obstacle = Evidence & { readonly how: string };

/** The marker that a person makes to turn cloud-init off; the other turns it on all the same. */
export const disabledMarker: GuestPath = '/etc/cloud/cloud-init.disabled';
const enabledMarker: GuestPath = '/etc/cloud/cloud-init.enabled';

/** The strongest first: a generator of the same name in a weaker directory is not run (systemd.generator(7)). */
export const generators: readonly GuestPath[] = [
  '/etc/systemd/system-generators/cloud-init-generator',
  '/usr/local/lib/systemd/system-generators/cloud-init-generator',
  '/usr/lib/systemd/system-generators/cloud-init-generator',
  '/lib/systemd/system-generators/cloud-init-generator',
];

const managerDirectories: readonly GuestPath[] = [
  '/etc/systemd/system.conf.d',
  '/usr/local/lib/systemd/system.conf.d',
  '/usr/lib/systemd/system.conf.d',
  '/lib/systemd/system.conf.d',
];

export const bootInputs: readonly Input[] = [
  ...bootEntryInputs,
  '/etc/systemd/system.conf',
  ...managerDirectories.map((directory) => `${directory}/*.conf`),
];

/**
 * The services of the four boot stages. Under systemd cloud-init.service was renamed cloud-init-network.service in
 * later releases, so either will do.
 */
export const stageServices: readonly (readonly string[])[] = [
  ['cloud-init-local'],
  ['cloud-init-network', 'cloud-init'],
  ['cloud-config'],
  ['cloud-final'],
];

/**
 * Everything that keeps cloud-init from running at boot: its marker, a kernel command line, systemd's environment,
 * ds-identify's policy, a missing generator, services that are not enabled. Nothing when it runs.
 */
export async function obstacles(image: Image, services: Services): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  if ((await image.stat(disabledMarker)) && !(await image.stat(enabledMarker))) {
    found.push({ path: disabledMarker, how: 'this file disables it' });
  }
  for (const { path, line, words } of await bootLines(image)) {
    const last = words.findLast((word) => /^cloud-init=(?:en|dis)abled$/.test(word));
    if (last === 'cloud-init=disabled')
      found.push({ path, line, how: 'cloud-init=disabled on the kernel command line' });
  }
  const { policy } = await readDsIdentify(image);
  if (policy?.value === 'disabled')
    found.push({ ...policy.evidence, how: 'the ds-identify policy is "disabled"' });
  if (initModules[services.system].runsGenerators) {
    found.push(...(await environment(image)), ...(await pulledIn(image, services)));
  }
  return [...found, ...stageServices.flatMap((names) => stageObstacle(names, services))];
}

/** The files of system.conf(5), which set the environment of every service. */
export async function environmentFiles(image: Image): Promise<GuestText[]> {
  const files = await textAt(image, '/etc/systemd/system.conf');
  for (const directory of managerDirectories) {
    files.push(...(await textsIn(image, directory, (name) => name.endsWith('.conf'))));
  }
  const real = new Map<GuestPath | undefined, GuestText>();
  for (const file of files) real.set(await image.realPath(file.path), file);
  return [...real.values()];
}

/** `DefaultEnvironment=KERNEL_CMDLINE=cloud-init=disabled`. */
async function environment(image: Image): Promise<Obstacle[]> {
  return (await environmentFiles(image)).flatMap(({ path, text }) =>
    environmentLines(text).map((line) => ({
      path,
      line,
      how: 'KERNEL_CMDLINE in systemd’s environment disables it',
    })),
  );
}

/** The lines of a system.conf that turn cloud-init off by way of the environment. */
export function environmentLines(text: string): number[] {
  return parseKeyfile(text)
    .filter(({ key }) => key === 'DefaultEnvironment' || key === 'ManagerEnvironment')
    .filter(({ value }) => /KERNEL_CMDLINE=[^"']*\bcloud-init=disabled\b/.test(value))
    .map(({ line }) => line);
}

/**
 * The stages are wanted by cloud-init.target, and that by nothing but the generator. A release without a generator has
 * its stages wanted by multi-user.target, or its target.
 */
async function pulledIn(image: Image, services: Services): Promise<Obstacle[]> {
  const generator = await firstThere(image, generators);
  if (generator) {
    const entry = await image.stat(generator);
    const off =
      (await image.readLink(generator)) === '/dev/null' || entry?.type !== 'file' || entry.size === 0;
    return off ? [{ path: generator, how: 'the generator that starts it is masked' }] : [];
  }
  const direct = stageServices.flat().flatMap((name) => services.find(name)?.evidence ?? []);
  if (direct.some(({ path }) => path.includes('.wants/') && !path.includes('/cloud-init.target.wants/')))
    return [];
  for (const directory of [
    '/etc/systemd/system',
    '/usr/lib/systemd/system',
    '/lib/systemd/system',
  ] as const) {
    if (await image.lstat(`${directory}/multi-user.target.wants/cloud-init.target`)) return [];
  }
  return [
    {
      path: '/usr/lib/systemd/system-generators/cloud-init-generator',
      how: 'the generator that starts it is missing',
    },
  ];
}

async function firstThere(image: Image, paths: readonly GuestPath[]): Promise<GuestPath | undefined> {
  for (const path of paths) if (await image.lstat(path)) return path;
  return undefined;
}

function stageObstacle(names: readonly string[], services: Services): Obstacle[] {
  const known = names
    .map((name) => services.find(name))
    .filter((service): service is Service => service !== undefined);
  if (known.some(({ state }) => state === 'enabled')) return [];
  const [service] = known;
  if (!service) {
    const path = initModules[services.system].servicesFolder;
    return [{ path, how: `there is no service ${names.join(' or ')}` }];
  }
  const [evidence = { path: service.path }] = service.evidence;
  return [
    {
      ...evidence,
      how: service.state === 'masked' ? `${service.id} is masked` : `${service.id} is not enabled`,
    },
  ];
}
