import { XenStoreError } from './errors.js';
import { type StorePath, homeOf, resolvePath } from './paths.js';
import { parsePermissions, printPermissions } from './permissions.js';
import type { Operation } from './transaction.js';
import {
  type MessageName,
  type Packet,
  decodeStrings,
  encodeStrings,
  payloadLimit,
} from '../../../images/formats/xenstore-wire.js';

/** What a request can do for the client that sends it: its watches, its transactions, and the store as it may see it. */
export interface RequestClient {
  readonly domain: number;
  /**
   * Does something to the store, within the transaction that the request names.
   * @throws {XenStoreError} of the operation; ENOENT for an unknown transaction
   */
  run<T>(request: Packet, operation: Operation<T>): T;
  /** @throws {XenStoreError} EBUSY within another transaction; ENOSPC when too many are open */
  begin(within: number): number;
  /** @throws {XenStoreError} ENOENT for an unknown transaction; EAGAIN when it came to nothing */
  end(id: number, commit: boolean): void;
  /**
   * @param text - the path as the client wrote it: it is told of changes in the same manner
   * @returns sends the first event, which tells that the watch is set
   * @throws {XenStoreError} EEXIST, EINVAL; E2BIG for too many
   */
  watch(text: string, token: string): () => void;
  /** @throws {XenStoreError} ENOENT, for what cannot be watched too */
  unwatch(text: string, token: string): void;
  /** Without its watches and transactions, as at its start. */
  reset(): void;
  isIntroduced(domain: number): boolean;
}

interface Reply {
  readonly payload: Uint8Array;
  /** What follows once the reply was sent. */
  readonly afterwards?: () => void;
}

type Handler = (client: RequestClient, request: Packet) => Reply;

const ok: Reply = { payload: encodeStrings(['OK']) };

/**
 * What a guest can ask for (xenstore.txt), each with the errors that xenstored gives. Absent ones are no requests:
 * ENOSYS.
 */
export const requests: Partial<Record<MessageName, Handler>> = {
  READ: (client, request) => {
    const path = onlyPath(client, request);
    return reply(client.run(request, (view) => view.node(path).value));
  },

  DIRECTORY: (client, request) => {
    const path = onlyPath(client, request);
    return reply(encodeStrings([...client.run(request, (view) => view.node(path).children.keys())]));
  },

  /** The same in pieces, for a list that no packet could carry: libxenstore asks for them after an E2BIG. */
  DIRECTORY_PART: (client, request) => {
    const [text = '', offset = ''] = strings(request, 2);
    const path = resolvePath(text, client.domain);
    const node = client.run(request, (view) => view.node(path));
    const generation = encodeStrings([String(node.generation)]);
    const list = encodeStrings([...node.children.keys()]);
    return reply(
      Buffer.concat([generation, pieceOf(list, number(offset), payloadLimit - generation.length)]),
    );
  },

  GET_PERMS: (client, request) => {
    const path = onlyPath(client, request);
    return reply(encodeStrings(printPermissions(client.run(request, (view) => view.node(path).permissions))));
  },

  SET_PERMS: (client, request) => {
    const [text, ...permissions] = decodeStrings(request.payload).strings;
    if (text === undefined || permissions.length === 0) throw malformed('a path and permissions');
    const wanted = parsePermissions(permissions);
    const path = resolvePath(text, client.domain);
    client.run(request, (view) => {
      view.setPermissions(path, wanted);
    });
    return ok;
  },

  WRITE: (client, request) => {
    const end = request.payload.indexOf(0);
    if (end < 0) throw malformed('a path');
    const path = resolvePath(decodeStrings(request.payload.subarray(0, end)).rest, client.domain);
    const value = new Uint8Array(request.payload.subarray(end + 1));
    client.run(request, (view) => {
      view.write(path, value);
    });
    return ok;
  },

  MKDIR: (client, request) => {
    const path = onlyPath(client, request);
    client.run(request, (view) => {
      view.makeDirectory(path);
    });
    return ok;
  },

  RM: (client, request) => {
    const path = onlyPath(client, request);
    client.run(request, (view) => {
      view.remove(path);
    });
    return ok;
  },

  WATCH: (client, request) => {
    const [path = '', token = ''] = strings(request, 2);
    return { ...ok, afterwards: client.watch(path, token) };
  },

  UNWATCH: (client, request) => {
    const [path = '', token = ''] = strings(request, 2);
    client.unwatch(path, token);
    return ok;
  },

  RESET_WATCHES: (client) => {
    client.reset();
    return ok;
  },

  TRANSACTION_START: (client, { transactionId }) =>
    reply(encodeStrings([String(client.begin(transactionId))])),

  TRANSACTION_END: (client, request) => {
    const answer = onlyString(request);
    if (answer !== 'T' && answer !== 'F') throw malformed('T or F');
    client.end(request.transactionId, answer === 'T');
    return ok;
  },

  GET_DOMAIN_PATH: (_client, request) => reply(encodeStrings([homeOf(domainIn(request))])),

  IS_DOMAIN_INTRODUCED: (client, request) =>
    reply(encodeStrings([client.isIntroduced(domainIn(request)) ? 'T' : 'F'])),

  CONTROL: onlyForHost,
  INTRODUCE: onlyForHost,
  RELEASE: onlyForHost,
  RESUME: onlyForHost,
  SET_TARGET: onlyForHost,
};

function onlyForHost(): never {
  throw new XenStoreError('EACCES', 'only domain 0 may');
}

/** @throws {XenStoreError} E2BIG for what no packet can carry */
function reply(payload: Uint8Array): Reply {
  if (payload.length > payloadLimit) throw new XenStoreError('E2BIG', `a reply of ${payload.length} bytes`);
  return { payload };
}

/** Whole names from an offset on, as many as fit; an empty name after the last one tells that it is the last. */
function pieceOf(list: Buffer, offset: number, room: number): Buffer {
  const rest = list.subarray(offset);
  if (rest.length < room) return Buffer.concat([rest, Buffer.of(0)]);
  return rest.subarray(0, rest.lastIndexOf(0, room - 1) + 1);
}

/** The one string of a payload, which ends with its only NUL. */
function onlyString({ payload }: Packet): string {
  const { strings: all, rest } = decodeStrings(payload);
  const [text] = all;
  if (text === undefined || all.length > 1 || rest !== '') throw malformed('one string');
  return text;
}

function onlyPath(client: RequestClient, request: Packet): StorePath {
  return resolvePath(onlyString(request), client.domain);
}

/** So many strings; what stands behind the last NUL is reserved, and ignored as xenstored does. */
function strings({ payload }: Packet, count: number): string[] {
  const { strings: all } = decodeStrings(payload);
  if (all.length !== count) throw malformed(`${count} strings`);
  return all;
}

function domainIn(request: Packet): number {
  const domain = number(onlyString(request));
  if (domain > 0xffff) throw malformed('a domain');
  return domain;
}

function number(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw malformed('a number');
  return Number(text);
}

function malformed(wanted: string): XenStoreError {
  return new XenStoreError('EINVAL', `not ${wanted}`);
}
