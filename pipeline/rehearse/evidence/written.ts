import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';
import type { Guest } from './guest.js';

/** What no first boot writes to: programs, the kernel, and what belongs to people. */
const untouchable = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/boot', '/root', '/home', '/opt', '/srv'];

/** Python keeps what it has compiled beside its modules. */
const isCompiled = (path: string): boolean => /\/__pycache__\//.test(path);

/** Half of a change: an agent that was at work when it ended. */
const unfinished = /\.tmp~$|\.tmp\.\d+$|\/shadow\.(?:tmp|lock)\b/;
const putAside = /\.bak~?$|\.bak\./;

const limit = 100_000;

/**
 * What was written during the rehearsal: only where it may be, and nothing left half done.
 * @param allowed - what was asked for, wherever it is
 */
export async function writtenClaims(guest: Guest, allowed: readonly string[]): Promise<ProvenClaim[]> {
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
      'only what a first boot may write to was written to',
      strange.length === 0,
      some(strange) || `${paths.length} files were written, none among programs or people’s own`,
    ),
    claimed(
      'left-behind',
      'nothing was left half done',
      half.length === 0,
      some(half) ||
        (aside.length > 0 ? `what was replaced was kept: ${some(aside)}` : 'nothing was left behind'),
    ),
  ];
}

/** Files and links whose content is from after the start. */
export async function writtenPaths({ sandbox, startedAt }: Guest): Promise<string[]> {
  const { root } = sandbox.layer;
  const what = ['(', '-type', 'f', '-o', '-type', 'l', ')', '-newermt', `@${startedAt.clock / 1000}`];
  const { stdout } = await sandbox.namespaces.run('find', [root, '-xdev', ...what, '-printf', '/%P\\0']);
  return stdout.split('\0').filter(Boolean).slice(0, limit).sort();
}

function some(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ');
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown;
}
