/**
 * How much a guest may make us keep. The guest is hostile: every number here bounds memory. Names and numbers follow
 * the quotas of xenstored where it has one.
 */
export interface Limits {
  /** Nodes of the whole store beyond which a guest makes no more: ENOSPC. */
  readonly nodes: number;
  /** Bytes of a value that a guest writes: ENOSPC. */
  readonly valueBytes: number;
  /** Entries of the permissions that a guest sets on one node: ENOSPC. */
  readonly permissions: number;
  /** Watches of one connection: E2BIG. */
  readonly watches: number;
  /** Open transactions of all connections together; each keeps the store as it was: ENOSPC. */
  readonly transactions: number;
  /** Bytes of the paths and requests that one transaction has to remember: ENOSPC. */
  readonly transactionBytes: number;
  /** Bytes sent to a client that it has not read: the connection is closed. */
  readonly unreadBytes: number;
  /** Connections to one socket at a time: more are refused. */
  readonly connections: number;
}

export const defaultLimits: Limits = {
  nodes: 2048,
  valueBytes: 2048,
  permissions: 5,
  watches: 128,
  transactions: 16,
  transactionBytes: 256 * 1024,
  unreadBytes: 1024 * 1024,
  connections: 16,
};
