import { compareDottedVersions } from '../../formats/version.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { baseName } from '../../image/resolve.js';
import { findProgram } from '../agents/programs.js';
import { initModules } from '../init/init-modules.js';
import type { Obstacle } from '../init/obstacle.js';
import { type Work, processInputs, processObstacles } from '../init/process.js';
import type { Service, Services } from '../init/service.js';
import { maskOf } from '../init/systemd/keep-off.js';
import { unitDirectories } from '../init/systemd/search.js';
import { findGenerator, runningGenerator } from './generator.js';
import { programInputs, programObstacles } from './program.js';

export const stageInputs: readonly Input[] = [...programInputs, ...processInputs];

/** What every stage does: it keeps its state, sets the host name and writes the configuration of the network. */
const work: Work = {
  root: true,
  writes: ['/var/lib/cloud/data/instance-id', '/etc/hostname'],
  network: 'configures',
};

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

/** The one process of releases since 24.3: the stages only tell it, through a socket, that it is their turn. */
const mainService = 'cloud-init-main';
const mainSince = '24.3';

/** The target that the generator wants, and that wants the stages. */
const stageTarget = 'cloud-init.target';

/** Where the target is masked; undefined when it is not. */
export function targetMask(image: Image): Promise<GuestPath | undefined> {
  return maskOf(image, stageTarget);
}

/** The services that must run for a stage to do its work: its own, and the process that it tells. */
export function wantedServices(services: Services): readonly (readonly string[])[] {
  return services.find(mainService) ? [[mainService], ...stageServices] : stageServices;
}

/**
 * What keeps the stages from being started, or their program from working: the generator, the target, the services
 * themselves, the program.
 * @param off - whether cloud-init is switched off already: then a stage that nothing pulls in needs no word of its own
 */
export async function stageObstacles(
  image: Image,
  services: Services,
  version: string | undefined,
  off: boolean,
): Promise<Obstacle[]> {
  const pulled = initModules[services.system].runsGenerators ? await pulledIn(image, services) : [];
  const found = [...pulled];
  const quiet = off || pulled.length > 0;
  const started: Service[] = [];
  for (const names of wantedServices(services)) {
    const known = names.flatMap((name) => services.find(name) ?? []);
    const enabled = known.filter(({ state }) => state === 'enabled');
    started.push(...enabled);
    if (enabled.length === 0) found.push(...notEnabled(names, known, services, quiet));
  }
  for (const service of started) found.push(...(await services.obstacles(service)).filter(isNews));
  const inUse =
    started.length > 0
      ? started
      : wantedServices(services)
          .flat()
          .flatMap((name) => services.find(name) ?? []);
  return unique([...found, ...(await programsOf(image, services, inUse, version))]);
}

/** `cloud-init=disabled` in its units' conditions is judged by the rules of its own, which know every boot entry. */
function isNews({ certain, because }: Obstacle): boolean {
  return certain ? !/cloud-init=disabled/.test(because) : !/cloud-init[.=]disabled/.test(because);
}

function unique(obstacles: readonly Obstacle[]): Obstacle[] {
  const known = new Map(obstacles.map((each) => [JSON.stringify([each.evidence, each.because]), each]));
  return [...known.values()];
}

function notEnabled(
  names: readonly string[],
  known: readonly Service[],
  { system }: Services,
  quiet: boolean,
): Obstacle[] {
  const [service] = known;
  if (!service) {
    const path = initModules[system].servicesFolder;
    return [{ certain: true, evidence: { path }, because: `there is no service ${names.join(' or ')}` }];
  }
  const [evidence = { path: service.path }] = service.evidence;
  if (service.state === 'masked') return [{ certain: true, evidence, because: `${service.id} is masked` }];
  return quiet ? [] : [{ certain: true, evidence, because: `${service.id} is not enabled` }];
}

/**
 * The stages are wanted by cloud-init.target, and that by nothing but the generator. A release without a generator has
 * its stages wanted by multi-user.target, or its target.
 */
async function pulledIn(image: Image, services: Services): Promise<Obstacle[]> {
  const sure = (path: GuestPath, because: string): Obstacle[] => [
    { certain: true, evidence: { path }, because },
  ];
  const mask = await targetMask(image);
  if (mask) return sure(mask, `${stageTarget} is masked`);
  const generator = await findGenerator(image);
  if (generator) {
    if (generator.masked) return sure(generator.path, 'the generator that starts it is masked');
    if (await runningGenerator(image)) return [];
    const fault = generator.entry?.type === 'file' ? 'executable' : 'a program';
    return sure(generator.path, `the generator that starts it is not ${fault}`);
  }
  const direct = stageServices.flat().flatMap((name) => services.find(name)?.evidence ?? []);
  if (direct.some(({ path }) => path.includes('.wants/') && !path.includes(`/${stageTarget}.wants/`)))
    return [];
  for (const folder of unitDirectories)
    if (await image.lstat(`${folder}/multi-user.target.wants/${stageTarget}`)) return [];
  return sure(
    '/usr/lib/systemd/system-generators/cloud-init-generator',
    'the generator that starts it is missing',
  );
}

/** Whether a service is the process that does the work: a stage of a single process only tells it to go on. */
function isStart({ exec }: Service): boolean {
  return exec.some(({ program }) => baseName(`/${program}`) === 'cloud-init');
}

/** What the programs of its services lack, each told once. */
async function programsOf(
  image: Image,
  services: Services,
  inUse: readonly Service[],
  version: string | undefined,
): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  const units = inUse.filter(({ origin }) => origin === 'unit');
  const starts = units.flatMap((service) => service.exec.map((exec) => ({ service, ...exec })));
  const own = starts.filter(({ program }) => baseName(`/${program}`) === 'cloud-init');
  const named = new Map(own.map((exec) => [exec.program, exec]));
  for (const { program, evidence } of named.values())
    found.push(...(await programObstacles(image, program, evidence)));
  const told = found.length > 0 ? [...named.keys()] : [];
  for (const service of inUse) {
    const ofProcess = await processObstacles(image, services, service, isStart(service) ? work : {});
    found.push(
      ...ofProcess.filter(({ because }) => !told.some((program) => because.startsWith(`${program} (`))),
    );
  }
  const telling = starts.find(({ program }) => /^(?:ba|da)?sh$/.test(baseName(`/${program}`)));
  const single = version !== undefined && compareDottedVersions(version.replace(/^\d+:/, ''), mainSince) >= 0;
  if (!telling || !(single || services.find(mainService))) return found;
  return [...found, ...(await tellingObstacles(image, services, telling.evidence))];
}

/** A stage of a single process is `sh -c 'echo start | nc -Uu … | sh'` (systemd/cloud-init-local.service). */
async function tellingObstacles(
  image: Image,
  services: Services,
  evidence: Obstacle['evidence'],
): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  if (!services.find(mainService))
    found.push({
      certain: true,
      evidence,
      because: `its stages only signal ${mainService}.service, which is not in the image`,
    });
  const nc = await findProgram(image, 'nc');
  const real = nc && (await image.realPath(nc));
  if (!real)
    found.push({ certain: true, evidence, because: 'its stages call nc, which is not in the image' });
  else if (baseName(real) === 'nc.traditional')
    found.push({
      certain: true,
      evidence,
      because: `its stages call nc with a Unix socket (-U), which ${real} cannot use; netcat-openbsd can`,
    });
  return found;
}
