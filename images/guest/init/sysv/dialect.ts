import type { GuestPath, Image } from '../../../image/image.js';
import { type Layout, isExecutable } from './layout.js';
import type { RunlevelLink } from './links.js';

/**
 * Who numbers the links.
 * - `insserv`: Debian 6 to 8, and whoever installed it since: numbers follow from the LSB headers of all scripts.
 *   Told by the program together with its /etc/insserv.conf, which is what update-rc.d asks for, too.
 * - `chkconfig`: Red Hat and its kin: numbers stand in the script's chkconfig line. Told by the program.
 * - `plain`: update-rc.d alone. Before it learnt of LSB headers (Ubuntu's upstart years) it numbered everything
 *   20; since insserv became optional it numbers everything 01.
 */
export type Dialect = 'insserv' | 'chkconfig' | 'plain';

/**
 * What the LSB header of an init script decides.
 * - `order`: the links are numbered by it and by nothing else.
 * - `advice`: the script's name and number count, and the header beside them.
 * - `hint`: units decide, and a script without a header is started, too.
 */
export type LsbRole = 'order' | 'advice' | 'hint';

/** What the header of a script decides where `dialect` numbers the links: insserv obeys nothing else. */
export function lsbRoleUnder(dialect: Dialect): LsbRole {
  return dialect === 'insserv' ? 'order' : 'advice';
}

const insservPrograms: readonly GuestPath[] = [
  '/sbin/insserv',
  '/usr/sbin/insserv',
  '/usr/lib/insserv/insserv',
];
const chkconfigPrograms: readonly GuestPath[] = ['/sbin/chkconfig', '/usr/sbin/chkconfig'];

export async function dialectOf(image: Image, layout: Layout): Promise<Dialect> {
  const redHat = layout.scripts === '/etc/rc.d/init.d';
  if (redHat && (await anyExecutable(image, chkconfigPrograms))) return 'chkconfig';
  if ((await anyExecutable(image, insservPrograms)) && (await usesInsserv(image))) return 'insserv';
  if (redHat || (!layout.suse && (await anyExecutable(image, chkconfigPrograms)))) return 'chkconfig';
  return layout.suse ? 'insserv' : 'plain';
}

/**
 * Ubuntu kept insserv in /usr/lib while its update-rc.d went on numbering by hand; there only the .depend files,
 * which insserv alone writes, tell that somebody runs it.
 */
async function usesInsserv(image: Image): Promise<boolean> {
  if (await image.stat('/etc/init.d/.depend.start')) return true;
  if (!(await image.stat('/etc/insserv.conf'))) return false;
  return anyExecutable(image, ['/sbin/insserv', '/usr/sbin/insserv']);
}

/** The number that update-rc.d gives to every script: 01 since it stopped numbering by hand, 20 before. */
export function plainNumber(links: readonly RunlevelLink[]): number {
  const starts = links.filter((link) => link.kind === 'S' && '2345'.includes(link.level));
  return starts.length > 0 && starts.every((link) => link.number === 1) ? 1 : 20;
}

/** What makes sysv-rc start scripts side by side, by the rules of .depend.*, instead of by their numbers. */
export async function startsConcurrently(image: Image): Promise<boolean> {
  const programs: readonly GuestPath[] = [
    '/sbin/startpar',
    '/bin/startpar',
    '/usr/sbin/startpar',
    '/usr/bin/startpar',
  ];
  if (!(await anyExecutable(image, programs))) return false;
  for (const name of ['boot', 'start', 'stop'] as const) {
    const entry = await image.stat(`/etc/init.d/.depend.${name}`);
    if (!entry || entry.size === 0) return false;
  }
  if (await image.stat('/etc/init.d/.legacy-bootordering')) return false;
  const settings = (await image.readText('/etc/default/rcS')) ?? '';
  const mode = [...settings.matchAll(/^[ \t]*CONCURRENCY=["']?([a-z]*)/gm)].at(-1)?.[1];
  return mode !== 'none';
}

async function anyExecutable(image: Image, programs: readonly GuestPath[]): Promise<boolean> {
  for (const program of programs) if (await isExecutable(image, program)) return true;
  return false;
}
