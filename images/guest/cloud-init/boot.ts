import { parseKeyfile } from '../../formats/keyfile.js';
import { compareDottedVersions } from '../../formats/version.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { initModules } from '../init/init-modules.js';
import type { Evidence } from '../evidence.js';
import type { Obstacle } from '../init/obstacle.js';
import type { Services } from '../init/service.js';
import { type GuestText, textAt, textsIn } from '../texts.js';
import { bootEntryInputs, bootLines } from '../boot/entries.js';
import { type ConfigFile, mainConfig } from './config-files.js';
import { readDsIdentify } from './ds-identify.js';
import { pythonOf } from './program.js';
import { stageInputs, stageObstacles } from './stages.js';

/** The marker that a person makes to turn cloud-init off; the other turns it on all the same. */
export const disabledMarker: GuestPath = '/etc/cloud/cloud-init.disabled';
const enabledMarker: GuestPath = '/etc/cloud/cloud-init.enabled';
/** Since when the other marker is not asked any more (systemd/cloud-init-generator.tmpl). */
const enabledMarkerUntil = '23.4';

const managerDirectories: readonly GuestPath[] = [
  '/etc/systemd/system.conf.d',
  '/usr/local/lib/systemd/system.conf.d',
  '/usr/lib/systemd/system.conf.d',
  '/lib/systemd/system.conf.d',
];

export const bootInputs: readonly Input[] = [
  ...bootEntryInputs,
  ...stageInputs,
  '/etc/systemd/system.conf',
  ...managerDirectories.map((directory) => `${directory}/*.conf`),
];

/** What is known of cloud-init before it is asked whether it runs. */
export interface Known {
  readonly files: readonly ConfigFile[];
  readonly version: string | undefined;
}

/**
 * Everything that keeps cloud-init from running at boot, or its program from doing anything: its marker, a kernel command
 * line, systemd's environment, ds-identify's policy, the generator, its services, its program, a configuration file
 * that ends every stage. Nothing when it runs.
 */
export async function obstacles(image: Image, services: Services, known: Known): Promise<Obstacle[]> {
  const off: Obstacle[] = [];
  const { runsGenerators } = initModules[services.system];
  const switches = await kernelSwitches(image);
  off.push(...(await markedOff(image, runsGenerators, known.version, switches)));
  for (const { evidence, word } of switches) {
    if (word !== 'cloud-init=disabled') continue;
    off.push({ certain: true, evidence, because: 'cloud-init=disabled on the kernel command line' });
  }
  const { policy } = await readDsIdentify(image);
  if (policy?.value === 'disabled') {
    const because = 'the ds-identify policy is "disabled"';
    off.push({ certain: true, evidence: policy.evidence, because });
  }
  if (runsGenerators) off.push(...(await environment(image)));
  return [
    ...off,
    ...(await stageObstacles(image, services, known.version, off.length > 0)),
    ...(await undecodable(image, known.files)),
    ...(await withoutModules(image, known.files)),
  ];
}

/** What each command line that the next boot may have says of cloud-init: the last word counts. */
async function kernelSwitches(image: Image): Promise<{ evidence: Evidence; word: string | undefined }[]> {
  return (await bootLines(image)).map(({ path, line, words }) => ({
    evidence: { path, line },
    word: words.findLast((word) => /^cloud-init=(?:en|dis)abled$/.test(word)),
  }));
}

/**
 * The marker turns it off. The generator asks for a regular file (`[ -f … ]`), an init script takes anything. Before
 * 23.4 the generator looked at the command line first, and let the other marker overrule this one; since then the
 * units have a condition on this marker alone.
 */
async function markedOff(
  image: Image,
  generator: boolean,
  version: string | undefined,
  switches: readonly { readonly word: string | undefined }[],
): Promise<Obstacle[]> {
  const marker = await image.stat(disabledMarker);
  if (!marker || (generator && marker.type !== 'file')) return [];
  const found = { evidence: { path: disabledMarker }, because: 'this file disables it' };
  if (version !== undefined && compareDottedVersions(version.replace(/^\d+:/, ''), enabledMarkerUntil) >= 0)
    return [{ certain: true, ...found }];
  if ((await image.stat(enabledMarker))?.type === 'file') return [];
  const overruled = generator ? switches.filter(({ word }) => word === 'cloud-init=enabled') : [];
  if (overruled.length > 0 && overruled.length === switches.length) return [];
  return [{ certain: overruled.length === 0, ...found }];
}

/** A configuration file that is not UTF-8 ends every stage; Python 2 takes its bytes as they are. */
async function undecodable(image: Image, files: readonly ConfigFile[]): Promise<Obstacle[]> {
  const bad = files.filter((file) => file.undecodable !== undefined);
  if (bad.length === 0 || (await pythonOf(image))?.startsWith('2')) return [];
  return bad.map(({ path, undecodable: line }) => ({
    certain: true,
    evidence: { path, line },
    because: 'this file is not UTF-8, and every stage ends at it with a UnicodeDecodeError',
  }));
}

/** The modules that set the host name, keys and users are listed in cloud.cfg, and nowhere else. */
async function withoutModules(image: Image, files: readonly ConfigFile[]): Promise<Obstacle[]> {
  if ((await image.stat(mainConfig))?.type === 'file') return [];
  if (files.some(({ config }) => 'cloud_init_modules' in config.value)) return [];
  const because = `there is no file ${mainConfig}, which lists the modules that it runs`;
  return [{ certain: true, evidence: { path: mainConfig }, because }];
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
      certain: true,
      evidence: { path, line },
      because: 'KERNEL_CMDLINE in systemd’s environment disables it',
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
