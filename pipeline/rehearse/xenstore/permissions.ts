import { XenStoreError } from './errors.js';

/** Domain 0 is the host: it may do everything. */
export const hostDomain = 0;

/** n: none, r: read, w: write, b: both. */
type Access = 'n' | 'r' | 'w' | 'b';

interface Permission {
  readonly access: Access;
  readonly domain: number;
}

/**
 * Who may do what to one node. The first entry names its owner, who may do everything, and what a domain may that no
 * other entry names.
 */
export type Permissions = readonly [Permission, ...Permission[]];

/**
 * Permissions as the protocol writes them: "n0", "r7".
 * @throws {XenStoreError} EINVAL when there are none, or one is not a letter of nrwb and a domain
 */
export function parsePermissions(texts: readonly string[]): Permissions {
  const [owner, ...others] = texts.map((text): Permission => {
    const [, access, domain] = /^([nrwb])(\d{1,5})$/.exec(text) ?? [];
    if (access === undefined || Number(domain) > 0xffff)
      throw new XenStoreError('EINVAL', `not a permission: ${JSON.stringify(text.slice(0, 20))}`);
    return { access: access as Access, domain: Number(domain) };
  });
  if (!owner) throw new XenStoreError('EINVAL', 'no permissions');
  return [owner, ...others];
}

/** The inverse of {@link parsePermissions}. */
export function printPermissions(permissions: Permissions): string[] {
  return permissions.map(({ access, domain }) => access + String(domain));
}

export function ownerOf(permissions: Permissions): number {
  return permissions[0].domain;
}

export function mayRead(permissions: Permissions, domain: number): boolean {
  return 'rb'.includes(accessOf(permissions, domain));
}

export function mayWrite(permissions: Permissions, domain: number): boolean {
  return 'wb'.includes(accessOf(permissions, domain));
}

/** Only its owner and the host may say who may do what to a node. */
export function isOwner(permissions: Permissions, domain: number): boolean {
  return domain === hostDomain || domain === ownerOf(permissions);
}

/** A new node has its parent's permissions, but a guest owns what it makes. */
export function inherited([owner, ...others]: Permissions, domain: number): Permissions {
  return [domain === hostDomain ? owner : { ...owner, domain }, ...others];
}

function accessOf(permissions: Permissions, domain: number): Access {
  if (isOwner(permissions, domain)) return 'b';
  const [owner, ...others] = permissions;
  return (others.find((entry) => entry.domain === domain) ?? owner).access;
}
