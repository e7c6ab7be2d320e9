import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { sh } from './real-roots.js';

/** What a sandbox could leave on the host: mounts, work folders, control groups, processes, interfaces. */
export function leftovers(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes('hallmark-sandbox'));
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith('hallmark-sandbox'));
  const groups = sh('find', '/sys/fs/cgroup', '-type', 'd', '-name', 'hallmark-sandbox*').split('\n');
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOfSandbox(name));
  const links = sh('ip', '-o', 'link')
    .split('\n')
    .filter((line) => /\bout-eth/.test(line));
  return [...mounts, ...folders, ...groups, ...processes, ...links].filter((one) => one !== '').sort();
}

function isOfSandbox(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes('hallmark-sandbox');
  } catch {
    return false; // it ended while we looked
  }
}
