import { type FileHandle, constants, open } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../base/errors.js';

/** Bytes to XenStore and back. */
export interface Channel extends AsyncDisposable {
  send(bytes: Buffer): Promise<void>;
  /** The next bytes; undefined when there are none until then, or the other end is gone. */
  receive(until: number): Promise<Buffer | undefined>;
}

/**
 * Opens a device, or a file of xenfs. Every open file has a conversation of its own, so no agent is disturbed.
 * @throws the system's error
 */
export async function openDevice(path: string): Promise<Channel> {
  const file = await open(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  return {
    async send(bytes) {
      await file.write(bytes);
    },
    receive: (until) => readSome(file, until),
    [Symbol.asyncDispose]: () => file.close(),
  };
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

/** Opens the socket of a xenstored. Errors of connecting come with the first bytes. */
export function openSocket(path: string): Channel {
  const socket: Socket = connect(path);
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  let next: Promise<IteratorResult<Buffer, undefined>> | undefined;
  return {
    async send(bytes) {
      socket.write(bytes);
    },
    async receive(until) {
      next ??= chunks.next();
      const late = sleep(Math.max(0, until - performance.now()), undefined, { ref: false });
      const came = await Promise.race([next, late]);
      if (!came) return undefined;
      next = undefined;
      return came.value;
    },
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
    },
  };
}
