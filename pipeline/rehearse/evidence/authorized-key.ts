import type { Entry, GuestPath, Image } from '../../../images/image/image.js';
import { join, parentOf } from '../../../images/image/resolve.js';
import { userBase } from '../../../images/sandbox/machine.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';
import { type RunningGuest, look } from '../running-guest.js';
import { isUnreadable, readable } from './unreadable.js';

/** A file in which a user's keys are, and whose it is. */
interface KeyFile {
  readonly user: string;
  readonly uid: number;
  readonly path: GuestPath;
}

/**
 * Whether somebody can log in with the key: it is in a file that sshd reads, that sshd trusts, and with it goes no command
 * that is run instead of a shell, such as cloud-init has for root ("Please login as the user …").
 */
export async function authorizedKeyClaim(guest: RunningGuest, publicKey: string): Promise<ProvenClaim> {
  await using image = look(guest);
  const [, key = ''] = publicKey.split(' ');
  const [may, mayNot]: [string[], string[]] = [[], []];
  for (const { user, uid, path } of await keyFiles(guest)) {
    const line = (await readable(image, path))
      ?.split('\n')
      .find((one) => one.includes(key) && !/^\s*#/.test(one));
    if (line === undefined) continue;
    const distrusted = await whyDistrusted(image, path, uid);
    if (distrusted !== undefined) mayNot.push(`${user} has the key, but ${distrusted}`);
    else if (/\bcommand=/.test(line)) mayNot.push(`${user} has the key, but only to run another command`);
    else may.push(`${user} has the key in ${path}`);
  }
  const seen = [...may, ...mayNot].join('; ') || 'no user has the key';
  return claimed('ssh-key', 'a user can log in with the key from the config drive', may.length > 0, seen);
}

/** Where sshd looks for the keys of those who can log in: sshd_config(5), AuthorizedKeysFile. */
export async function keyFiles(guest: RunningGuest): Promise<KeyFile[]> {
  await using image = look(guest);
  const patterns = await patternsOf(guest);
  const lines = ((await readable(image, '/etc/passwd')) ?? '').split('\n').map((line) => line.split(':'));
  return lines.flatMap(([user = '', , uid = '', , , home = '', shell = '']) =>
    !home.startsWith('/') || /\/(?:nologin|false|sync)$/.test(shell)
      ? []
      : patterns.map((pattern) => ({ user, uid: Number(uid), path: pathOf(pattern, user, uid, home) })),
  );
}

const builtIn = ['.ssh/authorized_keys', '.ssh/authorized_keys2'];

/** sshd itself says how it is configured, whatever files that is in. */
async function patternsOf({ machine }: RunningGuest): Promise<string[]> {
  try {
    const { stdout } = await machine.run('/usr/sbin/sshd', ['-T']);
    return /^authorizedkeysfile (.+)$/m.exec(stdout)?.[1]?.split(' ') ?? builtIn;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return builtIn;
  }
}

function pathOf(pattern: string, user: string, uid: string, home: string): GuestPath {
  const values: Readonly<Record<string, string>> = { h: home, u: user, U: uid, '%': '%' };
  const path = pattern.replace(/%([huU%])/g, (_, token: string) => values[token] ?? '');
  return path.startsWith('/') ? (path as GuestPath) : join(home as GuestPath, path);
}

/** sshd_config(5), StrictModes: the file and its folder are the user's own or root's, and no one else may write to them. */
async function whyDistrusted(image: Image, path: GuestPath, uid: number): Promise<string | undefined> {
  for (const one of [path, parentOf(path)]) {
    const entry = await image.stat(one);
    if (entry && !isTrusted(entry, uid)) return `sshd does not trust ${one}`;
  }
  return undefined;
}

function isTrusted(entry: Entry, uid: number): boolean {
  const owner = entry.uid - userBase;
  return (owner === 0 || owner === uid) && (entry.mode & 0o022) === 0;
}
