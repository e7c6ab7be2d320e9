import { booleanOf, wordsOf } from '../../../formats/unit-file.js';
import type { GuestPath, Image } from '../../../image/image.js';
import { join } from '../../../image/resolve.js';
import type { Obstacle } from '../obstacle.js';
import { type Process, type ProcessSetting, valueOf, valuesOf } from './process.js';

/** Where systemd-sysusers is told of accounts that it makes at boot (sysusers.d(5)). */
const sysusersFolders: readonly GuestPath[] = [
  '/etc/sysusers.d',
  '/usr/local/lib/sysusers.d',
  '/usr/lib/sysusers.d',
];

/** What is read to know who the users and groups of the system are. */
export const accountInputs: readonly string[] = [
  '/etc/passwd',
  '/etc/group',
  '/etc/nsswitch.conf',
  ...sysusersFolders.map((folder) => `${folder}/*.conf`),
];

type Kind = 'user' | 'group';

/**
 * Users and groups of a process that do not exist: systemd ends with 217/USER or 216/GROUP before anything starts.
 * @param asRoot - whether the process can do nothing without root's rights
 */
export async function accountObstacles(
  image: Image,
  process: Process,
  asRoot: boolean,
): Promise<readonly Obstacle[]> {
  const obstacles: Obstacle[] = [];
  const dynamic = valueOf(process, 'DynamicUser');
  const isDynamic = dynamic !== undefined && booleanOf(dynamic.value) === true;
  const user = valueOf(process, 'User');
  if (user && !isDynamic) obstacles.push(...(await missing(image, 'user', user, user.value)));
  if (!isDynamic)
    for (const setting of valuesOf(process, 'Group', 'SupplementaryGroups'))
      for (const name of wordsOf(setting.value))
        obstacles.push(...(await missing(image, 'group', setting, name)));
  const account = user ?? (isDynamic ? dynamic : undefined);
  if (asRoot && account && obstacles.length === 0 && !(await isRoot(image, user?.value)))
    obstacles.push({
      certain: true,
      evidence: account.evidence,
      because: `${account.key}=${account.value} takes root’s rights from it`,
    });
  return obstacles;
}

/** Root is whoever has the number 0, under any name. */
async function isRoot(image: Image, user: string | undefined): Promise<boolean> {
  if (user === undefined) return false;
  return user === 'root' || user === '0' || (await lineOf(image, 'user', user))?.split(':')[2] === '0';
}

async function missing(
  image: Image,
  kind: Kind,
  { key, evidence }: ProcessSetting,
  name: string,
): Promise<readonly Obstacle[]> {
  // A number needs no entry, and root has one of its own (systemd.exec(5), User=).
  if (/^\d+$/.test(name) || name === 'root' || /[%$]/.test(name)) return [];
  if ((await lineOf(image, kind, name)) !== undefined || (await isMadeAtBoot(image, kind, name))) return [];
  const elsewhere = await askedElsewhere(image, kind);
  const because = elsewhere
    ? `${key}=${name} is neither in the image nor made at boot; ${elsewhere} may know it`
    : `${key}=${name} does not exist`;
  return [{ certain: elsewhere === undefined, evidence, because }];
}

async function lineOf(image: Image, kind: Kind, name: string): Promise<string | undefined> {
  const text = await image.readText(kind === 'user' ? '/etc/passwd' : '/etc/group');
  return text?.split('\n').find((line) => line.startsWith(`${name}:`));
}

/** `u NAME …` makes a user and its group, `g NAME …` a group, `m USER GROUP` both of them (sysusers.d(5)). */
async function isMadeAtBoot(image: Image, kind: Kind, name: string): Promise<boolean> {
  for (const folder of sysusersFolders) {
    for (const file of (await image.readDir(folder)) ?? []) {
      const path = join(folder, file.name);
      if (!file.name.endsWith('.conf') || (await image.stat(path))?.type !== 'file') continue;
      for (const line of ((await image.readText(path)) ?? '').split('\n')) {
        const [type = '', first, second] = wordsOf(line);
        const makes = /^[um]!?$/.test(type) || (type === 'g' && kind === 'group');
        if (makes && (first === name || (type === 'm' && kind === 'group' && second === name))) return true;
      }
    }
  }
  return false;
}

/** Who else is asked for accounts (nsswitch.conf(5)): a directory service, which no image holds. */
async function askedElsewhere(image: Image, kind: Kind): Promise<string | undefined> {
  const database = kind === 'user' ? 'passwd' : 'group';
  const text = (await image.readText('/etc/nsswitch.conf')) ?? '';
  const line = text.split('\n').find((one) => one.trimStart().startsWith(`${database}:`));
  const sources = wordsOf(line?.split(':')[1]?.replace(/#.*|\[[^\]]*\]/g, '') ?? '');
  return sources.find((source) => !/^(?:files|systemd|compat|db|cache)$/.test(source));
}
