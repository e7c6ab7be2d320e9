import { type FileHandle, constants, open, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../base/errors.js';
import type { GuestPath } from '../image/image.js';
import type { Observation } from './observation.js';
import { runningSystem } from './running-system.js';
import { question, readAnswer } from './xenstore-packet.js';

/** A way to XenStore, and what came of trying it. */
export interface Door {
  readonly path: GuestPath;
  /**
   * open: it was asked, and answered. refused: it could not be opened. silent: nothing answered in time.
   * strange: there is something else at that path, or what came back is not a XenStore packet.
   */
  readonly state: 'open' | 'refused' | 'silent' | 'strange';
  /** "EACCES", "a file", … */
  readonly detail: string;
}

/**
 * The device of kernels from 3.3 on, the file of xenfs before, and the socket of a domain that has a xenstored of its
 * own. In this order agents look for them.
 */
const devices: readonly GuestPath[] = ['/dev/xen/xenbus', '/proc/xen/xenbus'];
const sockets: readonly GuestPath[] = ['/run/xenstored/socket', '/var/run/xenstored/socket'];

/** Milliseconds: XenStore answers within one or two; a hypervisor under load is given a hundred times that. */
const patience = 2000;

/** Every way to XenStore that the running system has, in order; none of an image that is not running. */
export const xenstoreDoors: Observation<readonly Door[]> = {
  name: 'xenstore-doors',
  gather: async (_, get) => ((await get(runningSystem)) === true ? knock() : []),
};

/**
 * Tries each way to XenStore by asking for the domain's own id, up to the first that answers. Reading a key changes
 * nothing, and every open file has a conversation of its own, so no agent is disturbed.
 * @param root - below which /dev, /proc and /run are looked for
 * @param timeout - milliseconds for each
 */
export async function knock(root = '', timeout = patience): Promise<Door[]> {
  const found: Door[] = [];
  for (const path of [...devices, ...sockets]) {
    const door = await tryDoor(path, `${root}${path}`, timeout);
    if (door) found.push(door);
    if (door?.state === 'open') break;
  }
  return found;
}

async function tryDoor(path: GuestPath, at: string, timeout: number): Promise<Door | undefined> {
  try {
    const stats = await stat(at);
    if (sockets.includes(path)) {
      if (!stats.isSocket()) return { path, state: 'strange', detail: 'is not a socket' };
      return { path, ...(await askSocket(at, timeout)) };
    }
    // xenfs(5) shows a plain file; anything that is not read at once could keep us waiting.
    if (!stats.isCharacterDevice() && !(stats.isFile() && path.startsWith('/proc/')))
      return { path, state: 'strange', detail: 'is not a character device' };
    return { path, ...(await askDevice(at, timeout)) };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { path, state: 'refused', detail: code };
  }
}

type DoorState = Pick<Door, 'state' | 'detail'>;

async function askDevice(at: string, timeout: number): Promise<DoorState> {
  const file = await open(at, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    await file.write(question);
    return await collect((until) => readSome(file, until), timeout);
  } finally {
    await file.close();
  }
}

/** What is there to be read: a device that has nothing says so at once, and is asked again. */
async function readSome(file: FileHandle, until: number): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(4096);
  while (performance.now() < until) {
    try {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    } catch (error) {
      if (systemCode(error) !== 'EAGAIN') throw error;
    }
    await sleep(5);
  }
  return undefined;
}

async function askSocket(at: string, timeout: number): Promise<DoorState> {
  const socket = connect(at);
  try {
    const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
    socket.write(question);
    return await collect(async (until) => {
      const late = sleep(Math.max(0, until - performance.now()), undefined, { ref: false });
      const next = await Promise.race([chunks.next(), late]);
      return next?.value;
    }, timeout);
  } finally {
    socket.destroy();
  }
}

/** Reads until the answer is whole, makes no sense, or does not come. */
async function collect(
  next: (until: number) => Promise<Buffer | undefined>,
  timeout: number,
): Promise<DoorState> {
  const until = performance.now() + timeout;
  let received = Buffer.alloc(0);
  for (;;) {
    const answer = readAnswer(received);
    if (answer === 'whole') return { state: 'open', detail: 'answers' };
    if (answer === 'strange') return { state: 'strange', detail: 'does not speak the XenStore protocol' };
    const chunk = await next(until);
    if (!chunk) return { state: 'silent', detail: 'does not answer' };
    received = Buffer.concat([received, chunk]);
  }
}
