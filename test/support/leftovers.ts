import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { sh } from './real-roots.js';

/**
 * What a sandbox could leave on the host: mounts, work folders, control groups, processes, interfaces. What belongs to a
 * process that is still there, as another run of the tests, is not left but in use.
 */
export function leftovers(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes('hallmark-sandbox'));
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith('hallmark-sandbox'));
  const groups = sh('find', '/sys/fs/cgroup', '-type', 'd', '-name', 'hallmark-sandbox*').split('\n');
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isLeft(groupsOf(name)));
  const links = sh('ip', '-o', 'link')
    .split('\n')
    .filter((line) => /\bout-eth/.test(line));
  return [...[...mounts, ...folders, ...groups].filter(isLeft), ...processes, ...links].sort();
}

/** Sandboxes are named for the process that made them. */
function isLeft(text: string): boolean {
  const [, maker] = /hallmark-sandbox\.(\d+)\./.exec(text) ?? [];
  return maker !== undefined && !existsSync(`/proc/${maker}`);
}

/** None of a process that has ended, and only waits for the host's init to take note. */
function groupsOf(pid: string): string {
  try {
    if (/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return '';
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return ''; // it ended while we looked
  }
}
