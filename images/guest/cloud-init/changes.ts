import { link, remove, write } from '../../image/change.js';
import { ImageError } from '../../base/errors.js';
import { withoutKey } from '../../formats/cloud-config-edit.js';
import { commentOut } from '../../formats/lines.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { overlay } from '../../image/overlay.js';
import { join } from '../../image/resolve.js';
import { dropBootWords } from '../boot/changes.js';
import { isExecutable, isProgram } from '../agents/programs.js';
import { type Fact, factsOf } from '../fact.js';
import { services } from '../init/services.js';
import type { Services } from '../init/service.js';
import { disabledMarker, environmentFiles, environmentLines } from './boot.js';
import { networkStanza, readConfig, upgradedNetwork } from './config.js';
import { configDirectory, configFiles } from './config-files.js';
import { networkWord, networkWords } from './given-network.js';
import { findGenerator, generators } from './generator.js';
import { programs } from './program.js';
import { targetMask, wantedServices } from './stages.js';
import { decodableConfig } from './undecodable.js';
import { dsIdentifyFile, readDsIdentify } from './ds-identify.js';

/**
 * Changes after which nothing keeps cloud-init from running at boot: its marker goes, `cloud-init=disabled` leaves
 * the kernel command lines and systemd's environment, ds-identify may search again, a masked generator or target is
 * unmasked, the services of its stages are enabled, its program is found where they name it, and every configuration
 * file can be read. A missing generator or service cannot be made.
 * @param from - where the guest's services are learned
 */
export async function enableCloudInit(image: Image, from: Fact<Services> = services): Promise<Change[]> {
  const changes = [
    ...(await remove(image, disabledMarker)),
    ...(await dropBootWords(image, (word) => word === 'cloud-init=disabled' || isDisabledPolicy(word))),
    ...(await allowSearch(image)),
    ...(await decodableConfig(image)),
  ];
  for (const { path, text } of await environmentFiles(image)) {
    changes.push(...(await rewrite(image, path, commentOut(text, environmentLines(text)))));
  }
  for (const path of generators) {
    if ((await image.readLink(path)) === '/dev/null') changes.push(...(await remove(image, path)));
  }
  const mask = await targetMask(image);
  if (mask?.startsWith('/etc/')) changes.push(...(await remove(image, mask)));
  changes.push(...(await executableGenerator(await overlay(image, changes))));
  const known = await factsOf(await overlay(image, changes))(from);
  for (const names of wantedServices(known)) {
    const now = await factsOf(await overlay(image, changes))(from);
    const candidates = names.flatMap((name) => now.find(name) ?? []);
    const [service] = candidates;
    if (service && !candidates.some(({ state }) => state === 'enabled'))
      changes.push(...(await now.enable(service)));
  }
  return [...changes, ...(await namedPrograms(image, known))];
}

/** A generator that lost its execute bits gets them back: a package ships it with them. */
async function executableGenerator(image: Image): Promise<Change[]> {
  const found = await findGenerator(image);
  const entry = found?.entry;
  if (!found || found.masked || entry?.type !== 'file' || isExecutable(entry)) return [];
  return withExecuteBits(image, found.path);
}

/** The program where its services name it: with its execute bits, or as a link to where pip put it. */
async function namedPrograms(image: Image, services: Services): Promise<Change[]> {
  const changes: Change[] = [];
  const named = wantedServices(services)
    .flat()
    .flatMap((name) => services.find(name)?.exec ?? [])
    .map(({ program }) => program)
    .filter((program) => programs.some((path) => path === program)) as GuestPath[];
  for (const path of new Set(named)) {
    const entry = await image.stat(path);
    if (entry?.type === 'file' && entry.size > 0 && !isExecutable(entry))
      changes.push(...(await withExecuteBits(image, path)));
    if (entry) continue;
    for (const other of programs)
      if (await isProgram(image, other)) changes.push(...(await link(image, path, other)));
  }
  return changes;
}

async function withExecuteBits(image: Image, path: GuestPath): Promise<Change[]> {
  const real = (await image.realPath(path)) ?? path;
  const content = (await image.readFile(real, Number.MAX_SAFE_INTEGER)) ?? Buffer.alloc(0);
  return write(image, real, content, { mode: 0o755 });
}

/**
 * Changes after which this is the datasource list in force: a small file that comes last in cloud.cfg.d. What
 * ds-identify was told outright goes, since it is stronger. Nothing when the list is in force already.
 */
export async function setDatasources(image: Image, list: readonly string[]): Promise<Change[]> {
  const { datasources } = await readConfig(image);
  const told = await readDsIdentify(image);
  const simple = list.length === 1 || (list.length === 2 && list[1] === 'None');
  const same = datasources?.list.join(' ') === list.join(' ') && !(simple && datasources.probed);
  if (same && !told.datasource) return [];
  const changes = await dropBootWords(image, (word) => /^ci\.(?:ds|datasource)=/.test(word));
  if (told.datasource?.evidence.path === dsIdentifyFile) {
    changes.push(...(await commentOutLines(image, dsIdentifyFile, [told.datasource.evidence.line])));
  }
  const text = `# Where this server learns who it is.\ndatasource_list: [ ${list.join(', ')} ]\n`;
  return [...changes, ...(await write(image, await strongestName(image, 'datasource'), text))];
}

/**
 * Changes after which cloud-init configures the network, or leaves it alone. To turn it off, a small file that comes
 * last in cloud.cfg.d; to turn it on, every `config: disabled` that would be in force is taken out of its file.
 * Nothing when it is that way already.
 * @throws {ImageError} code `unsupported` when a stanza cannot be taken out without harm to the rest of its file
 */
export async function setNetwork(image: Image, wanted: 'enabled' | 'disabled'): Promise<Change[]> {
  const { network } = await readConfig(image);
  if (network.enabled === (wanted === 'enabled')) return [];
  if (wanted === 'disabled') {
    const text = '# The network is configured by nova-agent.\nnetwork: {config: disabled}\n';
    return [
      ...(await dropBootWords(
        image,
        (word) => word.startsWith(networkWord) && word !== `${networkWord}disabled`,
      )),
      ...(await write(image, await strongestName(image, 'network'), text)),
    ];
  }
  const words = await networkWords(image, 'disabled');
  const changes = [
    ...(await remove(image, upgradedNetwork)),
    ...(await dropBootWords(image, (word) => words.has(word))),
  ];
  for (;;) {
    const now = await overlay(image, changes);
    const stanza = networkStanza(await configFiles(now));
    if (!stanza) return changes;
    const { file, keys } = stanza;
    const text = await withoutKey(file.text, keys);
    if (text === undefined) {
      throw new ImageError(
        'unsupported',
        `the line in ${file.path} that turns the network off cannot be taken out by itself`,
      );
    }
    changes.push(
      ...(text.trim() === '' ? await remove(now, file.path) : await rewrite(now, file.path, text)),
    );
  }
}

/**
 * A name in cloud.cfg.d that sorts after all that are there, so that what it says is in force. `_` sorts after the
 * dot of `.cfg`, so a stem with `_` and more comes right behind the last file.
 */
async function strongestName(image: Image, topic: string): Promise<GuestPath> {
  const own = `99-hallmark-${topic}.cfg`;
  const names = ((await image.readDir(configDirectory)) ?? []).map(({ name }) => name);
  const last = names.findLast((name) => name.endsWith('.cfg') && name !== own);
  const wins = last === undefined || last < own;
  return join(configDirectory, wins ? own : `${last.slice(0, -'.cfg'.length)}_hallmark-${topic}.cfg`);
}

async function allowSearch(image: Image): Promise<Change[]> {
  const { policy } = await readDsIdentify(image);
  const inFile = policy?.value === 'disabled' && policy.evidence.path === dsIdentifyFile;
  return inFile ? commentOutLines(image, dsIdentifyFile, [policy.evidence.line]) : [];
}

function isDisabledPolicy(word: string): boolean {
  return /^ci\.di\.policy=(?:.*,)?disabled(?:,|$)/.test(word);
}

async function commentOutLines(image: Image, path: GuestPath, lines: readonly number[]): Promise<Change[]> {
  return rewrite(image, path, commentOut((await image.readText(path)) ?? '', lines));
}

/** New content for the file that a path leads to, so that a link stays one. */
async function rewrite(image: Image, path: GuestPath, text: string): Promise<Change[]> {
  return write(image, (await image.realPath(path)) ?? path, text);
}
