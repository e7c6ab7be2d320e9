/** The errors that the protocol can name (`xsd_errors` of xen/include/public/io/xs_wire.h). */
export type ErrorName =
  | 'EINVAL'
  | 'EACCES'
  | 'EEXIST'
  | 'EISDIR'
  | 'ENOENT'
  | 'ENOMEM'
  | 'ENOSPC'
  | 'EIO'
  | 'ENOTEMPTY'
  | 'ENOSYS'
  | 'EROFS'
  | 'EBUSY'
  | 'EAGAIN'
  | 'EISCONN'
  | 'E2BIG'
  | 'EPERM';

/** A request that XenStore refuses: its client is told the name, and goes on. */
export class XenStoreError extends Error {
  readonly code: ErrorName;

  constructor(code: ErrorName, message: string) {
    super(`${code}: ${message}`);
    this.name = 'XenStoreError';
    this.code = code;
  }
}
