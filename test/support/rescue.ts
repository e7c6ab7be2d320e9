import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from './command.js';
import { type LoopDisk, mountsOf } from './loop-disk.js';
import { sh, survey } from './real-roots.js';
import { program } from './project.js';

/** Where the rescues of this process have their work folders: another test may hold a rescue at the same time. */
const temporary = mkdtempSync(join(tmpdir(), 'hallmark-e2e-rescues-'));
process.once('exit', () => {
  rmSync(temporary, { recursive: true, force: true });
});

const environment = (state: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  TMPDIR: temporary,
  XDG_STATE_HOME: state,
});

/** All there is to know of the file systems of a disk that are mounted below `root`. */
export function surveyAll(root: string, { parts }: LoopDisk): string[] {
  return parts.flatMap(({ at }) => (at === undefined ? [] : survey(join(root, at))));
}

/** Runs the command with something on its standard input. */
export function run(args: readonly string[], state: string, input: string): Run {
  const { pid, status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    input,
    env: environment(state),
  });
  return { pid, status, stdout, stderr };
}

/** Runs the command with a file on its descriptor 3. */
export function runWithFile(args: readonly string[], state: string, file: string): Run {
  const descriptor = openSync(file, 'r');
  try {
    const { pid, status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', descriptor],
      env: environment(state),
    });
    return { pid, status, stdout, stderr };
  } finally {
    closeSync(descriptor);
  }
}

/** Sends Ctrl-C to a run after some time, as to a process group at a terminal. @returns its exit code */
export async function interruptedAfter(
  args: readonly string[],
  state: string,
  milliseconds: number,
  times: number,
): Promise<{ readonly pid: number | undefined; readonly code: number | null }> {
  const child = spawn(process.execPath, [program, ...args], {
    env: environment(state),
    stdio: 'ignore',
    detached: true,
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  await sleep(milliseconds);
  for (let sent = 0; sent < times && child.exitCode === null && child.signalCode === null; sent++) {
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await sleep(20);
  }
  const [code] = await closed;
  return { pid: child.pid, code };
}

/** Ends a run as soon as it says that it begins a step. @returns its exit code */
export function endedAt(
  args: readonly string[],
  state: string,
  step: string,
  signal: NodeJS.Signals,
): Promise<number | null> {
  const child = spawn(process.execPath, [program, ...args], {
    env: environment(state),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // Ctrl-C reaches the whole process group
  });
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const before_ = said;
      said += text;
      if (before_.includes(`${step} …\n`) || !said.includes(`${step} …\n`)) return;
      process.kill(signal === 'SIGINT' ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
    });
    child.on('close', (code) => {
      if (said.includes(`${step} …\n`)) resolve(code);
      else reject(new Error(`it never came to "${step}": ${said}`));
    });
  });
}

/** The kernel takes a killed namespace down beside us. */
export async function untilUnmounted(on: LoopDisk): Promise<void> {
  while (mountsOf(on.device).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Types answers at a terminal; everything that it shows is returned. */
export function atTerminal(args: readonly string[], state: string, answers: readonly string[]): string {
  const script = `
import os, pty, sys, time
answers = sys.argv[1].split("\\n")
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown = b""
while True:
    try:
        chunk = os.read(fd, 4096)
    except OSError:
        break
    if not chunk:
        break
    shown += chunk
    if answers and (chunk.rstrip().endswith(b":") and (b"root:" in chunk or b"Again:" in chunk)):
        os.write(fd, answers.pop(0).encode() + b"\\r")
os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
`;
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-c', script, answers.join('\n'), process.execPath, program, ...args],
    {
      encoding: 'utf8',
      env: { ...environment(state), TERM: 'dumb' },
    },
  );
  return stdout + stderr;
}

/** As much of an NTFS as makes blkid sure that it is one: its boot sector, and the first record of its file table. */
export function putNtfs(device: string): void {
  const boot = Buffer.alloc(512);
  boot.write('\xeb\x52\x90NTFS    ', 'latin1');
  boot.writeUInt16LE(512, 0x0b); // bytes a sector
  boot.writeUInt8(8, 0x0d); // sectors a cluster
  boot.writeUInt8(0xf8, 0x15);
  boot.writeBigUInt64LE(65_000n, 0x28); // sectors
  boot.writeBigUInt64LE(4n, 0x30); // the cluster of $MFT
  boot.writeBigUInt64LE(8n, 0x38); // and of its mirror
  boot.writeInt8(-10, 0x40); // a record is 2^10 bytes
  boot.writeInt8(1, 0x44);
  boot.writeBigUInt64LE(0x1234567890abcdefn, 0x48); // serial number
  boot.writeUInt16LE(0xaa55, 510);
  const record = Buffer.alloc(1024);
  record.write('FILE');
  record.writeUInt16LE(48, 0x04);
  record.writeUInt16LE(56, 0x14); // where its attributes begin
  record.writeUInt32LE(0xffffffff, 56);
  const file = openSync(device, 'r+');
  try {
    writeSync(file, boot, 0, boot.length, 0);
    for (const cluster of [4, 8])
      for (const at of [0, 1, 2, 3]) writeSync(file, record, 0, 1024, cluster * 4096 + at * 1024);
  } finally {
    closeSync(file);
  }
}

/** Work folders that a rescue left. @param pid - of that process alone */
export function leftOver(pid?: number): string[] {
  const prefix = pid === undefined ? 'hallmark-rescue.' : `hallmark-rescue.${pid}.`;
  return readdirSync(temporary).filter((name) => name.startsWith(prefix));
}

/** Puts a server's root there, with an SELinux label on what must not lose it. */
export function fill(root: string, from: string, fstab: readonly string[]): void {
  sh('cp', '--archive', `${from}/.`, root);
  sh('setfattr', '-n', 'security.selinux', '-v', 'system_u:object_r:shadow_t:s0', join(root, 'etc/shadow'));
  writeFileSync(join(root, 'etc/fstab'), `${fstab.join('\n')}\n`);
}

/** Mounts a device where only its holder sees it: of all others, the kernel alone knows. */
export async function mountHidden(device: string): Promise<AsyncDisposable> {
  const script = 'mount "$1" /mnt && echo ready && exec sleep 600';
  const holder = spawn('unshare', ['--mount', '--propagation=private', 'sh', '-c', script, 'sh', device], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(holder, 'close');
  await once(holder.stdout, 'data');
  return {
    [Symbol.asyncDispose]: async () => {
      holder.kill('SIGKILL');
      await closed;
    },
  };
}
