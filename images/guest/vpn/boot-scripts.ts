import { commentOut, splitLines } from '../../formats/lines.js';
import type { GuestPath } from '../../image/image.js';
import { regularTextsIn, textAt } from '../texts.js';
import type { Guest, Mechanism } from './mechanism.js';
import { initModules } from '../init/init-modules.js';
import { rewrite } from './rewrite.js';
import { scriptInputs, worldOf } from './scripts.js';
import { silence } from './silence.js';
import type { Vpn } from './vpn.js';

/** Scripts of the administrator that the last step of a boot runs, when they are executable. */
const scripts: readonly GuestPath[] = [
  '/etc/rc.local',
  '/etc/rc.d/rc.local',
  '/etc/init.d/boot.local',
  '/etc/init.d/after.local',
];

const crontabs: readonly GuestPath[] = [
  '/etc/cron.d',
  '/var/spool/cron/crontabs',
  '/var/spool/cron',
  '/var/spool/cron/tabs',
];

const inittab: GuestPath = '/etc/inittab';

/** Lines of rc.local, of cron's @reboot and of inittab that bring a VPN up. */
export const bootScripts: Mechanism = {
  inputs: [
    ...scripts,
    '/etc/crontab',
    inittab,
    ...crontabs.map((directory) => `${directory}/*`),
    ...scriptInputs,
  ],
  async find(guest) {
    return [...(await localScripts(guest)), ...(await rebootLines(guest)), ...(await inittabLines(guest))];
  },
};

async function localScripts(guest: Guest): Promise<Vpn[]> {
  const found: Vpn[] = [];
  for (const path of (await scriptsAtEnd(guest)).values())
    found.push(...(await scriptVpns(guest, path, `${path} runs it at the end of the boot`, ['start'])));
  return found;
}

/** The scripts that the last step of a boot runs, by their real paths: their VPNs are told here, whichever unit runs them. */
export async function scriptsAtEnd({ image, services }: Guest): Promise<ReadonlyMap<GuestPath, GuestPath>> {
  const found = new Map<GuestPath, GuestPath>();
  // The generator's link to a masked unit starts nothing.
  if (services.find('rc-local')?.state === 'masked') return found;
  for (const path of scripts) {
    const entry = await image.stat(path);
    if (entry?.type !== 'file' || (entry.mode & 0o111) === 0) continue;
    const real = (await image.realPath(path)) ?? path;
    if (!found.has(real)) found.set(real, path);
  }
  return found;
}

/** The VPNs that a script of the guest brings up when it is run with these arguments. */
export async function scriptVpns(
  { image, commands }: Guest,
  path: GuestPath,
  how: string,
  args: readonly (string | undefined)[],
): Promise<Vpn[]> {
  const found = new Map<number, Vpn>();
  const world = worldOf(image, args);
  for (const { text } of await textAt(image, path)) {
    for (const { product, device, command } of await commands.vpnsIn(text, world)) {
      const raw = text.slice(command.start, command.end);
      found.set(command.start, {
        product,
        name: product,
        evidence: { path, line: command.line },
        how,
        tunnelLink: device === 'tun',
        disable: (now) => silence(now, path, raw, worldOf(now, args)),
      });
    }
  }
  return [...found.values()];
}

/** A line of a table that names a command. */
interface CommandLine {
  readonly raw: string;
  readonly line: number;
  readonly command: string;
}

async function lineVpns(
  { commands }: Guest,
  path: GuestPath,
  lines: readonly CommandLine[],
  how: string,
): Promise<Vpn[]> {
  const found: Vpn[] = [];
  for (const { raw, line, command } of lines) {
    const [vpn] = await commands.vpnsIn(command);
    if (!vpn) continue;
    found.push({
      product: vpn.product,
      name: vpn.product,
      evidence: { path, line },
      how,
      tunnelLink: vpn.device === 'tun',
      disable: (now) =>
        rewrite(now, path, (was) => {
          const same = splitLines(was).flatMap(({ text }, at) => (text === raw ? [at + 1] : []));
          return commentOut(was, same);
        }),
    });
  }
  return found;
}

/** Names of cron's service: Debian, Red Hat and SUSE, and other crons. */
const crons = ['cron', 'crond', 'cronie', 'fcron', 'bcron', 'systemd-cron'];

async function rebootLines(guest: Guest): Promise<Vpn[]> {
  const { image, services } = guest;
  const there = crons.flatMap((name) => services.find(name) ?? []);
  if (there.length > 0 && there.every(({ state }) => state !== 'enabled')) return [];
  const files = await textAt(image, '/etc/crontab');
  for (const directory of crontabs)
    files.push(...(await regularTextsIn(image, directory, (name) => !name.startsWith('.'))));
  const found: Vpn[] = [];
  for (const { path, text } of files) {
    const lines = splitLines(text).flatMap(({ text: raw }, at): CommandLine[] => {
      const rest = /^\s*@reboot\s+(.*)$/s.exec(raw)?.[1];
      if (rest === undefined) return [];
      // In a system's crontab the user's name comes before the command.
      const command = path.startsWith('/etc/') ? rest.replace(/^\S+\s+/, '') : rest;
      return [{ raw, line: at + 1, command }];
    });
    found.push(...(await lineVpns(guest, path, lines, 'cron runs it at each boot (@reboot)')));
  }
  return found;
}

/** inittab(5): what init itself starts on its way to a runlevel. systemd reads no inittab. */
async function inittabLines(guest: Guest): Promise<Vpn[]> {
  if (!initModules[guest.services.system].readsInittab) return [];
  const found: Vpn[] = [];
  for (const { path, text } of await textAt(guest.image, inittab)) {
    const lines = splitLines(text).flatMap(({ text: raw }, at): CommandLine[] => {
      const entry = /^\s*[^#:\s][^:]*:([^:]*):(?:respawn|wait|once|boot|bootwait|sysinit):\+?(.*)$/.exec(raw);
      const isReached = entry?.[1] === '' || /[2-5]/.test(entry?.[1] ?? '');
      return entry && isReached ? [{ raw, line: at + 1, command: entry[2] ?? '' }] : [];
    });
    found.push(...(await lineVpns(guest, path, lines, 'init runs it, as inittab says')));
  }
  return found;
}
