import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { sh } from './real-roots.js';

/**
 * What the sandboxes of a process could leave on the host: mounts, work folders, control groups, processes, interfaces.
 * Others may be at work at the same time.
 */
export function leftovers(pid: number): string[] {
  const mark = `hallmark-sandbox.${pid}.`;
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(mark));
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(mark));
  const groups = sh('find', '/sys/fs/cgroup', '-type', 'd', '-name', `${mark}*`).split('\n');
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOf(mark, name));
  const links = sh('ip', '-o', 'link')
    .split('\n')
    .filter((line) => /\bout-eth/.test(line));
  return [...mounts, ...folders, ...groups, ...processes, ...links].filter((one) => one !== '').sort();
}

function isOf(mark: string, pid: string): boolean {
  try {
    const isDead = / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')); // init has yet to reap it
    return !isDead && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(mark);
  } catch {
    return false; // it ended while we looked
  }
}
