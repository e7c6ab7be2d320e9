import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../base/errors.js';
import { leftIn } from './work-folder.js';

export interface GroupLimits {
  /** Bytes of memory, swap included. */
  readonly memory: number;
  /** Processes and threads at a time. */
  readonly processes: number;
}

/** Where hierarchies are mounted: cgroups(7). */
const mountPoint = '/sys/fs/cgroup';

/**
 * A control group of our own in each hierarchy that matters, under the root: the limits of a sandbox, and the list of
 * what runs in it. Version 1 (memory and pids each a hierarchy), version 2, or the two side by side.
 */
export class ControlGroup implements AsyncDisposable {
  private constructor(
    private readonly folders: readonly string[],
    /** Limits that this host cannot enforce, in words. */
    readonly unlimited: readonly string[],
  ) {}

  /** Makes the group, with limits where the host's kernel offers them. Needs root. */
  static create(name: string, limits: GroupLimits): ControlGroup {
    const folders = hierarchies().map((hierarchy) => join(hierarchy, name));
    for (const folder of folders) mkdirSync(folder);
    const settings = [
      { what: 'memory', files: ['memory.max', 'memory.limit_in_bytes'], value: limits.memory },
      { what: 'number of processes', files: ['pids.max'], value: limits.processes },
    ];
    const unlimited = settings
      .filter(({ files, value }) => !files.some((file) => set(folders, file, String(value))))
      .map(({ what }) => what);
    set(folders, 'memory.swap.max', '0');
    return new ControlGroup(folders, unlimited);
  }

  /** The files that take a process into the group by its number. */
  get entrances(): string[] {
    return this.folders.map((folder) => join(folder, 'cgroup.procs'));
  }

  /** Every process in the group, by the host's numbers. */
  processes(): number[] {
    const found = this.folders.flatMap((folder) => descendants(folder)).flatMap(processesOf);
    return [...new Set(found)];
  }

  /** Ends everything that runs in it. */
  kill(): void {
    for (const pid of this.processes()) kill(pid);
  }

  /** Ends whatever still runs in it, and removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      this.kill();
      if (this.folders.every(removeTree)) return;
      await sleep(20);
    }
  }
}

/** Removes the groups that killed runs left; their processes died with their namespaces. */
export function clearControlGroups(): void {
  for (const hierarchy of hierarchies()) for (const folder of leftIn(hierarchy)) removeTree(folder);
}

function hierarchies(): string[] {
  const version1 = ['systemd', 'unified', 'memory', 'pids'].map((name) => join(mountPoint, name));
  const candidates = [mountPoint, ...version1];
  return candidates.filter((folder) => existsSync(join(folder, 'cgroup.procs')));
}

/** @returns whether one of the folders has that file and took the value */
function set(folders: readonly string[], file: string, value: string): boolean {
  return folders.some((folder) => {
    try {
      writeFileSync(join(folder, file), value, { flag: 'r+' });
      return true;
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return false;
    }
  });
}

/** A group and those below it, the deepest first. */
function descendants(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap(({ name }) => descendants(join(folder, name))), folder];
}

function processesOf(folder: string): number[] {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch (error) {
    // The group went while we looked.
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENODEV') return [];
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

/** @returns false when something in it is still at work */
function removeTree(folder: string): boolean {
  try {
    for (const group of descendants(folder)) rmdirSync(group);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true;
    if (systemCode(error) === 'EBUSY') return false;
    throw error;
  }
}
