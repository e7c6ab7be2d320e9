import {
  mkdirSync,
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { RepairError, systemCode } from '../base/errors.js';
import { imageName } from './place.js';

/** Names a process for as long as the machine is up, and after: a process id alone is used again. */
export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks since boot when it started: field 22 of /proc/PID/stat (proc(5)). */
  readonly started: string;
  /** First eight digits of the boot's id. */
  readonly boot: string;
  /** Inode of the process id namespace: in another one the number means another process. */
  readonly namespace: string;
}

/** How often two runs that start in the same moment try again before one of them gives up. */
const attempts = 5;

/**
 * The lock that keeps two runs off one image. An image is its root's device and inode, so two mount points of
 * one file system are one image.
 *
 * First claim, then look: every run makes a claim named for its process, and holds the lock when no other
 * living process has one. Of two that start together at least one sees the other. A claim is never taken over,
 * so no race can hit a living one: a dead one is simply ignored, and removed.
 * @param stateDirectory - where claims are kept
 * @throws {RepairError} code `locked`, naming the process that holds it
 */
export async function lock(stateDirectory: string, root: string): Promise<Disposable> {
  const folder = path.join(stateDirectory, 'locks');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { dev, ino } = statSync(root, { bigint: true });
  const image = `${dev}-${ino}`;
  const own = `${image}.${print(ownMark())}`;
  for (let attempt = 1; ; attempt++) {
    const holder = claim(folder, image, own);
    if (!holder)
      return {
        [Symbol.dispose]: () => {
          rmSync(path.join(folder, own), { force: true });
        },
      };
    if (attempt === attempts) throw locked(root, holder, folder);
    await sleep(Math.random() * 20 * attempt);
  }
}

/** Whether the process is still there. One in another process id namespace counts as living, because it cannot be looked up. */
export function isAlive(mark: ProcessMark): boolean {
  const own = ownMark();
  if (mark.boot !== own.boot) return false;
  if (mark.namespace !== own.namespace) return true;
  return startOf(mark.pid) === mark.started;
}

export function ownMark(): ProcessMark {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  const namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  return { pid: process.pid, started: startOf(process.pid) ?? '', boot, namespace };
}

/** As part of a file name. */
export function print(mark: ProcessMark): string {
  return [mark.pid, mark.started, mark.boot, mark.namespace].join('.');
}

/** The inverse of {@link print}; undefined for anything else. */
export function parse(text: string): ProcessMark | undefined {
  const [, pid, started = '', boot = '', namespace = ''] =
    /^(\d+)\.(\d+)\.([0-9a-f]+)\.(\d+)$/.exec(text) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), started, boot, namespace };
}

/** Makes the claim, and takes it back when another living process has one: that one is returned. */
function claim(folder: string, image: string, own: string): ProcessMark | undefined {
  try {
    closeSync(openSync(path.join(folder, own), 'wx', 0o600));
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return ownMark(); // another run in this process
    throw error;
  }
  for (const name of readdirSync(folder)) {
    if (name === own || !name.startsWith(`${image}.`)) continue;
    const other = parse(name.slice(image.length + 1));
    if (other && isAlive(other)) {
      rmSync(path.join(folder, own), { force: true });
      return other;
    }
    rmSync(path.join(folder, name), { force: true });
  }
  return undefined;
}

function locked(root: string, holder: ProcessMark, folder: string): RepairError {
  const who = holder.namespace === ownMark().namespace ? '' : ' of another container';
  return new RepairError(
    'locked',
    `another run (process ${holder.pid}${who}) is working on ${imageName(root)}; nothing was changed`,
    {
      hint: `Wait until it has ended. If there is no such process, remove its file in ${folder}.`,
    },
  );
}

/** When a process started; undefined when it is gone, or dead and only not yet reaped by its parent. */
function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ESRCH') return undefined;
    throw error;
  }
  // The second field is the command's name in parentheses, with whatever characters it likes.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}
