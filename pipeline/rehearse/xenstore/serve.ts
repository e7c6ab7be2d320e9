import { once } from 'node:events';
import { type Socket, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemCode } from '../../../images/base/errors.js';
import { Connection, type RequestSeen } from './connection.js';
import { LostSync, PacketReader } from './packet-reader.js';
import type { XenStore } from './store.js';
import { encodePacket } from '../../../images/formats/xenstore-wire.js';

interface ServeOptions {
  /** Whose rights the client has; the store's guest if absent. */
  readonly domain?: number;
  /** Told of each request once it was answered. Must not throw. */
  readonly onRequest?: (seen: RequestSeen) => void;
}

export interface StreamOptions extends ServeOptions {
  /**
   * The stream is a device that several processes may open, such as a pty: {@link PacketReader} says how the next
   * packet is found when one of them ends in the middle of its own. Without it a stream that is out of step is closed.
   */
  readonly shared?: boolean;
}

/**
 * closed: by the client, or broken. malformed: it sent what no packet can be. unread: it did not read what it was
 * sent. disposed: by us.
 */
type ServingEnd = 'closed' | 'malformed' | 'unread' | 'disposed';

export interface Serving extends Disposable {
  /** Rejected only for a bug of ours, or of a callback. */
  readonly ended: Promise<ServingEnd>;
}

/**
 * Serves a store to the client at the other end of a stream, until either closes it; then the client's watches and
 * transactions are gone, and the stream is destroyed. A client that sends faster than it reads is not heard until it
 * has read; one that does not read events at all is closed at a limit.
 */
export function serveStream(store: XenStore, stream: Duplex, options: StreamOptions = {}): Serving {
  const { domain = store.domain, shared = false, onRequest } = options;
  const gone = new AbortController();
  let end: ServingEnd | undefined;
  const close = (why: ServingEnd): void => {
    end ??= why;
    stream.destroy();
  };
  const connection = new Connection(store, {
    domain,
    shared,
    onRequest,
    send: (packet) => {
      if (stream.destroyed) return;
      stream.write(encodePacket(packet));
      if (stream.writableLength > store.limits.unreadBytes) close('unread');
    },
  });
  const closed = new Promise<void>((resolve) => {
    stream.once('close', () => {
      gone.abort();
      resolve();
    });
  });
  let broken: unknown;
  stream.on('error', (error) => {
    broken = error;
  });
  // How reading and waiting fail when the stream is closed, by the client or by us.
  const isEnd = (error: unknown): boolean =>
    error === broken || ['ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(systemCode(error) ?? '');

  const converse = async (): Promise<void> => {
    using _connection = connection;
    const reader = new PacketReader({ shared });
    // Not destroyed at its end: a client that has said all may still wait for answers.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      reader.push(chunk as Buffer);
      for (let packet = reader.next(); packet; packet = reader.next()) {
        connection.handle(packet);
        if (stream.destroyed) return;
        if (stream.writableNeedDrain) await once(stream, 'drain', { signal: gone.signal });
      }
    }
  };
  const serve = async (): Promise<ServingEnd> => {
    try {
      await converse();
      stream.end(() => stream.destroy());
    } catch (error) {
      stream.destroy();
      if (error instanceof LostSync) end ??= 'malformed';
      else if (!isEnd(error)) throw error;
    }
    if (!stream.closed) await closed;
    return end ?? 'closed';
  };
  return {
    ended: serve(),
    [Symbol.dispose]: () => {
      close('disposed');
    },
  };
}

/** The longest path of a Unix socket: `sun_path` of unix(7), less its NUL. */
const socketPathLimit = 107;

/**
 * Serves a store at a Unix socket, as xenstored does for libxenstore and the xenstore-* programs. Each connection
 * has watches and transactions of its own.
 * @returns ends the connections, and removes the socket
 * @throws the system's error when the socket cannot be made (EADDRINUSE, EACCES …)
 */
export async function serveSocket(
  store: XenStore,
  path: string,
  options: StreamOptions = {},
): Promise<AsyncDisposable> {
  if (Buffer.byteLength(path) > socketPathLimit)
    throw new RangeError(`a socket's path has at most ${socketPathLimit} bytes: ${path}`);
  const servings = new Set<Serving>();
  const server = createServer((socket: Socket) => {
    const serving = serveStream(store, socket, options);
    servings.add(serving);
    void serving.ended.finally(() => servings.delete(serving));
  });
  server.maxConnections = store.limits.connections;
  server.listen(path);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      for (const serving of servings) serving[Symbol.dispose]();
      await once(server, 'close');
    },
  };
}
