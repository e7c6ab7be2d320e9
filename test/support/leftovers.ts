import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { sh } from './real-roots.js';

/**
 * What sandboxes could leave on the host: mounts, work folders, control groups, processes, interfaces.
 * @param pid - those of this process alone; otherwise those whose process is gone, since others may be at work
 */
export function leftovers(pid?: number): string[] {
  const isLeft = (text: string): boolean => {
    const [, maker] = /hallmark-sandbox\.(\d+)\./.exec(text) ?? [];
    if (maker === undefined) return false;
    return pid === undefined ? !existsSync(`/proc/${maker}`) : Number(maker) === pid;
  };
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const groups = sh('find', '/sys/fs/cgroup', '-type', 'd', '-name', 'hallmark-sandbox*').split('\n');
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isLeft(groupsOf(name)));
  const links = sh('ip', '-o', 'link').split('\n');
  return [
    ...[...mounts, ...readdirSync(tmpdir()), ...groups].filter(isLeft),
    ...processes,
    ...links.filter((line) => /\bout-eth/.test(line)),
  ].sort();
}

/** None of a process that has ended, and only waits for the host's init to take note. */
function groupsOf(pid: string): string {
  try {
    if (/^State:\t[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return '';
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return ''; // it ended while we looked
  }
}
