import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';
import type { RunningGuest } from '../running-guest.js';
import { orRefuted } from './unreadable.js';

/** What no first boot writes to: programs, the kernel, and what belongs to people. */
const untouchable = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/boot', '/root', '/home', '/opt', '/srv'];

/** Python keeps what it has compiled beside its modules. */
const isCompiled = (path: string): boolean => /\/__pycache__\//.test(path);

/** Half of a change: an agent that was at work when it ended. */
const unfinished = /\.tmp~$|\.tmp\.\d+$|\/shadow\.(?:tmp|lock)\b/;
const putAside = /\.bak~?$|\.bak\./;

const writtenClaim = 'the guest wrote only where a first boot may write';

const limit = 100_000;

/**
 * What was written during the rehearsal: only where it may be, and nothing left half done.
 * @param allowed - what was asked for, wherever it is
 */
export async function writtenClaims(guest: RunningGuest, allowed: readonly string[]): Promise<ProvenClaim[]> {
  return orRefuted('written', writtenClaim, () => strayFiles(guest, allowed));
}

async function strayFiles(guest: RunningGuest, allowed: readonly string[]): Promise<ProvenClaim[]> {
  const paths = await writtenPaths(guest);
  const asked = new Set(allowed);
  const strange = paths.filter(
    (path) => untouchable.some((top) => path.startsWith(`${top}/`)) && !isCompiled(path) && !asked.has(path),
  );
  const [half, aside] = [
    paths.filter((path) => unfinished.test(path)),
    paths.filter((path) => putAside.test(path)),
  ];
  return [
    claimed(
      'written',
      writtenClaim,
      strange.length === 0,
      strange.length === 0
        ? `${paths.length} files were written, none of them a program or in a user’s home`
        : `it also wrote ${some(strange)}`,
    ),
    claimed(
      'left-behind',
      'no half-written file was left behind',
      half.length === 0,
      leftBehind(half, aside),
    ),
  ];
}

function leftBehind(half: readonly string[], aside: readonly string[]): string {
  if (half.length > 0) return `left behind: ${some(half)}`;
  return aside.length === 0 ? 'none was found' : `only copies of replaced files: ${some(aside)}`;
}

/** Files and links whose content is from after the start. */
export async function writtenPaths({ sandbox, startedAt }: RunningGuest): Promise<string[]> {
  const { root } = sandbox.layer;
  const find = `find "$1" -xdev \\( -type f -o -type l \\) -newermt "$2" -printf '/%P\\0' | head -z -n ${limit}`;
  const since = `@${startedAt.clock / 1000}`;
  const { stdout } = await sandbox.namespaces.run('sh', ['-c', find, 'sh', root, since]);
  return stdout.split('\0').filter(Boolean).sort();
}

function some(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ');
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown;
}
