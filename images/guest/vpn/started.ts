import { remove } from '../../image/change.js';
import { parseUnitFile, printUnitFile, withoutWords } from '../../formats/unit-file.js';
import type { Change, Image } from '../../image/image.js';
import { overlay } from '../../image/overlay.js';
import { baseName, parentOf } from '../../image/resolve.js';
import type { Evidence } from '../evidence.js';
import type { Service, Services } from '../init/service.js';
import { mask } from '../init/systemd/keep-off.js';
import type { Guest } from './mechanism.js';
import { rewrite } from './rewrite.js';
import type { Vpn } from './vpn.js';

/** What says that a boot starts a service, one after the other: each turn takes one away. */
const maxTurns = 8;

/** Whether the boot starts a service: it is enabled, and nothing keeps it from that for certain. */
export async function isStarted(services: Services, service: Service | undefined): Promise<boolean> {
  if (service?.state !== 'enabled') return false;
  return !(await services.obstacles(service)).some(({ certain }) => certain);
}

/** What a service is as a VPN, besides what the service itself says. */
type About = Pick<Vpn, 'product' | 'tunnelLink'> & Partial<Pick<Vpn, 'name' | 'how'>>;

/** A service as a VPN, when the boot starts it; none otherwise. */
export async function startedService(
  guest: Guest,
  service: Service | undefined,
  about: About,
): Promise<Vpn[]> {
  if (!service || !(await isStarted(guest.services, service))) return [];
  const [evidence = { path: service.path }]: readonly Evidence[] = service.evidence;
  return [
    {
      name: service.name,
      evidence,
      how: `${service.id} is enabled`,
      ...about,
      disable: (image) => keepFromStarting(guest, image, service.id),
    },
  ];
}

/** "multi-user.target" of a link in its directory; of a setting, the file that has it. */
export function wantedBy({ path }: Evidence): string {
  const folder = baseName(parentOf(path));
  return /\.(?:wants|requires|upholds)$/.test(folder) ? folder.replace(/\.[a-z]+$/, '') : path;
}

/**
 * Changes after which a boot no longer starts a service: what its init system does to disable it; what then still wants it
 * below /etc loses the link or the word; and where a file of the vendor does, the service is masked.
 */
export async function keepFromStarting(
  { servicesOf }: Pick<Guest, 'servicesOf'>,
  image: Image,
  id: string,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (let turn = 0; turn < maxTurns; turn++) {
    const now = await overlay(image, changes);
    const services = await servicesOf(now);
    const service = services.find(id);
    if (service?.state !== 'enabled') break;
    const disabled = turn === 0 ? (await services.disable(service)).filter(keepsFolders) : [];
    const step = disabled.length > 0 ? disabled : await withoutOne(now, service);
    if (step.length === 0) break;
    changes.push(...step);
  }
  return changes;
}

/** systemctl removes what it leaves empty, too; but a folder is nothing that can be recorded. */
function keepsFolders({ kind, expect }: Change): boolean {
  return kind !== 'remove' || expect.type !== 'directory';
}

/** Takes away the first thing that says that the boot starts a unit. */
async function withoutOne(image: Image, { id, path, evidence }: Service): Promise<Change[]> {
  const own = evidence.find((one) => one.path.startsWith('/etc/') && one.path !== path);
  if (own) {
    const entry = await image.lstat(own.path);
    if (entry?.type === 'link' && own.line === undefined) return remove(image, own.path);
    const edited = await withoutWord(image, own, id);
    if (edited.length > 0) return edited;
  }
  return mask(image, id);
}

/** Takes a unit's name out of the settings of a line. */
export async function withoutWord(image: Image, { path, line }: Evidence, id: string): Promise<Change[]> {
  return rewrite(image, path, (text) =>
    printUnitFile(
      withoutWords(parseUnitFile(text), (setting, word) => setting.line === line && namesUnit(word, id)),
    ),
  );
}

/** `%i` and the like count: the line says that this unit is started, so a pattern in it is meant. */
function namesUnit(word: string, id: string): boolean {
  return word === id || (word.includes('%') && word.split('@')[0] === id.split('@')[0]);
}
