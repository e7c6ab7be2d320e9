import { stat } from 'node:fs/promises';
import { systemCode } from '../base/errors.js';
import type { GuestPath } from '../image/image.js';
import type { Observation } from './observation.js';
import { runningSystem } from './running-system.js';
import { type Channel, openDevice, openSocket } from './xenstore-channel.js';
import { XenStoreClient, XenStoreFailure } from './xenstore-client.js';

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
 * Tries each way to XenStore by asking for the domain's own id, up to the first that answers.
 * @param root - below which /dev, /proc and /run are looked for
 * @param timeout - milliseconds for each
 */
export async function knock(root = '', timeout = patience): Promise<Door[]> {
  const { doors, client } = await openXenStore(root, timeout);
  await client?.[Symbol.asyncDispose]();
  return doors;
}

/** As {@link knock}, and keeps the way that answers open. */
export async function openXenStore(
  root = '',
  timeout = patience,
): Promise<{ readonly doors: Door[]; readonly client: XenStoreClient | undefined }> {
  const doors: Door[] = [];
  for (const path of [...devices, ...sockets]) {
    const tried = await tryDoor(path, `${root}${path}`, timeout);
    if (!tried) continue;
    if (tried instanceof XenStoreClient) {
      doors.push({ path, state: 'open', detail: 'answers' });
      return { doors, client: tried };
    }
    doors.push({ path, ...tried });
  }
  return { doors, client: undefined };
}

/** @returns undefined when there is nothing at that path */
async function tryDoor(
  path: GuestPath,
  at: string,
  timeout: number,
): Promise<XenStoreClient | Pick<Door, 'state' | 'detail'> | undefined> {
  let client: XenStoreClient | undefined;
  try {
    const channel = await channelAt(path, at);
    if (typeof channel === 'string') return { state: 'strange', detail: channel };
    client = new XenStoreClient(channel, timeout);
    // A key that every guest has; reading it changes nothing.
    await client.read('domid');
    return client;
  } catch (error) {
    await client?.[Symbol.asyncDispose]();
    if (error instanceof XenStoreFailure) return { state: error.state, detail: error.message };
    const code = systemCode(error);
    if (code === undefined) throw error;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { state: 'refused', detail: code };
  }
}

/** @returns why it is no way to XenStore, when it is a string */
async function channelAt(path: GuestPath, at: string): Promise<Channel | string> {
  const stats = await stat(at);
  if (sockets.includes(path)) return stats.isSocket() ? openSocket(at) : 'is not a socket';
  // xenfs(5) shows a plain file; anything that is not read at once could keep us waiting.
  const isDevice = stats.isCharacterDevice() || (stats.isFile() && path.startsWith('/proc/'));
  return isDevice ? openDevice(at) : 'is not a character device';
}
