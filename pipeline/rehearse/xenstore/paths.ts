import { XenStoreError } from './errors.js';

/** An absolute path of the store. */
export type StorePath = `/${string}`;

/** XENSTORE_ABS_PATH_MAX and XENSTORE_REL_PATH_MAX of xs_wire.h, in bytes. */
const absoluteLimit = 3072;
const relativeLimit = 2048;

/** Where a domain's relative paths start. */
export function homeOf(domain: number): StorePath {
  return `/local/domain/${domain}`;
}

/**
 * A path as a client sent it, made absolute.
 * @param domain - whose home relative paths start at
 * @throws {XenStoreError} EINVAL for what xenstore.txt forbids: other characters than A-Z a-z 0-9 - / _ @, empty
 * names, a slash at the end, an empty path, too many bytes
 */
export function resolvePath(text: string, domain: number): StorePath {
  const relative = !text.startsWith('/');
  const path: StorePath = relative ? `${homeOf(domain)}/${text}` : (text as StorePath);
  const wrong =
    !/^[A-Za-z0-9\-/_@]+$/.test(text) ||
    text.startsWith('@') || // a special watch is no node
    path.includes('//') ||
    (path.endsWith('/') && path !== '/') ||
    path.length > absoluteLimit ||
    (relative && text.length > relativeLimit);
  if (wrong) throw new XenStoreError('EINVAL', `not a path: ${JSON.stringify(text.slice(0, 80))}`);
  return path;
}

/** Whether a watch is set on an event that is no node's: `@introduceDomain`, `@releaseDomain`. */
export function isSpecial(text: string): boolean {
  return text.startsWith('@') && text.length <= relativeLimit;
}

/** From the root to the node; none for the root itself. */
export function namesOf(path: StorePath): string[] {
  return path === '/' ? [] : path.slice(1).split('/');
}

/** The inverse of {@link namesOf}. */
export function pathOf(names: readonly string[]): StorePath {
  return `/${names.join('/')}`;
}

/** Whether a path is an ancestor's, or the same: "child" in the words of xenstore.txt. */
export function isWithin(path: string, ancestor: string): boolean {
  return ancestor === '/' || path === ancestor || path.startsWith(`${ancestor}/`);
}
