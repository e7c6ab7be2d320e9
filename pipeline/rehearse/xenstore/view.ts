import { XenStoreError } from './errors.js';
import type { Limits } from './limits.js';
import { type Node, chainTo, graft, newNode, walk, withChild } from './node.js';
import { type StorePath, namesOf, pathOf } from './paths.js';
import {
  type Permissions,
  hostDomain,
  inherited,
  isOwner,
  mayRead,
  mayWrite,
  ownerOf,
} from './permissions.js';
import { payloadLimit } from '../../../images/formats/xenstore-wire.js';

/** What watches are told of. */
export interface Change {
  readonly path: StorePath;
  /** The node before; absent when it was made. */
  readonly before?: Node;
  /** The node after; absent when it was removed, with all below it. */
  readonly after?: Node;
  /** Absent for the root; where several nodes were made at once, the nearest that was there. */
  readonly parent?: Node;
}

/** The store that a view sees: everything outside it stays as it is until somebody takes the view's root. */
export interface Scope {
  readonly root: Node;
  readonly limits: Limits;
  /** Another number at each call. */
  readonly nextGeneration: () => number;
  /** Told of each node that an answer depends on, be it there or not. May throw, and then nothing was changed. */
  readonly onLook?: (path: StorePath) => void;
}

type Need = (permissions: Permissions, domain: number) => boolean;

/** Where a path leads: the node if it exists, and the existing nodes above it. */
interface Found {
  readonly names: readonly string[];
  /** Root first; the node itself last, if it exists. */
  readonly chain: readonly [Node, ...Node[]];
  readonly node: Node | undefined;
}

/**
 * The store as one domain sees and changes it, with xenstored's rules: what a guest may do, and which error it is
 * told. Every change is made on the view's own root.
 */
export class View {
  #root: Node;
  #changes: Change[] = [];
  readonly #domain: number;
  readonly #scope: Scope;

  constructor(domain: number, scope: Scope) {
    this.#domain = domain;
    this.#scope = scope;
    this.#root = scope.root;
  }

  get root(): Node {
    return this.#root;
  }

  /** What was changed since the last call, in order. */
  takeChanges(): Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** @throws {XenStoreError} ENOENT, EACCES */
  node(path: StorePath): Node {
    const { node } = this.#find(path, mayRead);
    if (!node) throw absent(path);
    return node;
  }

  /**
   * Makes missing parents, with empty values.
   * @throws {XenStoreError} EACCES; ENOSPC for a guest's value or node beyond the limits; E2BIG for a value of the
   * host that no reply could carry
   */
  write(path: StorePath, value: Uint8Array): void {
    const isHost = this.#domain === hostDomain;
    if (value.length > (isHost ? payloadLimit : this.#scope.limits.valueBytes))
      throw new XenStoreError(isHost ? 'E2BIG' : 'ENOSPC', `${value.length} bytes for ${path}`);
    const found = this.#find(path, mayWrite);
    // A copy: the value may be a piece of a much larger buffer, which would be kept for as long as the node.
    const own = new Uint8Array(value);
    if (!found.node) this.#make(path, found, own);
    else this.#replace(path, found, { ...found.node, value: own });
  }

  /**
   * Leaves a node that exists as it is.
   * @throws {XenStoreError} EACCES; ENOSPC when a guest has made too many
   */
  makeDirectory(path: StorePath): void {
    const found = this.#find(path, mayWrite);
    if (!found.node) this.#make(path, found, new Uint8Array());
  }

  /**
   * Removes the node and all below it; a node that is not there is well removed if its parent is there.
   * @throws {XenStoreError} ENOENT without a parent; EACCES; EINVAL for the root
   */
  remove(path: StorePath): void {
    const { names, chain, node } = this.#find(path, mayWrite);
    if (!node) {
      if (chain.length < names.length) throw absent(path);
      return;
    }
    if (path === '/') throw new XenStoreError('EINVAL', 'the root stays');
    const above = chain.slice(0, -1) as [Node, ...Node[]];
    const parent = above.at(-1);
    this.#look(names.slice(0, -1));
    if (this.#scope.onLook) for (const below of walk(node)) this.#look([...names, ...below.names]);
    this.#root = graft(above, names, undefined, this.#scope.nextGeneration());
    this.#changes.push({ path, before: node, ...(parent && { parent }) });
  }

  /**
   * Only the owner may, and only the host may give a node to another.
   * @throws {XenStoreError} ENOENT; EACCES; EPERM for another owner; ENOSPC for too many entries
   */
  setPermissions(path: StorePath, permissions: Permissions): void {
    const isGuest = this.#domain !== hostDomain;
    if (isGuest && permissions.length > this.#scope.limits.permissions)
      throw new XenStoreError('ENOSPC', `${permissions.length} permissions for ${path}`);
    const found = this.#find(path, mayWrite);
    if (!found.node) throw absent(path);
    if (!isOwner(found.node.permissions, this.#domain)) throw new XenStoreError('EACCES', path);
    if (isGuest && ownerOf(permissions) !== ownerOf(found.node.permissions))
      throw new XenStoreError('EPERM', `another owner for ${path}`);
    this.#replace(path, found, { ...found.node, permissions });
  }

  /**
   * Where the node is or would be. What a domain may not do with it decides before whether it is there: where it is
   * not, the nearest node above is asked, so that an error tells nothing of what its receiver may not see.
   * @throws {XenStoreError} EACCES
   */
  #find(path: StorePath, need: Need): Found {
    const names = namesOf(path);
    const chain = chainTo(this.#root, names);
    const nearest = chain.at(-1) ?? chain[0];
    const node = chain.length > names.length ? nearest : undefined;
    if (!node) this.#look(names.slice(0, chain.length));
    this.#look(names.slice(0, chain.length - 1));
    if (!need(nearest.permissions, this.#domain)) throw new XenStoreError('EACCES', path);
    return { names, chain, node };
  }

  #look(names: readonly string[]): void {
    this.#scope.onLook?.(pathOf(names));
  }

  #make(path: StorePath, { names, chain }: Found, value: Uint8Array): void {
    const missing = names.length + 1 - chain.length;
    if (this.#domain !== hostDomain && this.#root.size + missing > this.#scope.limits.nodes)
      throw new XenStoreError('ENOSPC', `too many nodes for ${path}`);
    const nearest = chain.at(-1) ?? chain[0];
    const permissions = inherited(nearest.permissions, this.#domain);
    const generation = this.#scope.nextGeneration();
    const made = newNode(permissions, generation, value);
    let top = made;
    for (let depth = names.length - 1; depth >= chain.length; depth--)
      top = withChild(newNode(permissions, generation), names[depth] ?? '', top, generation);
    this.#root = graft(chain, names, top, generation);
    this.#changes.push({ path, after: made, parent: nearest });
  }

  #replace(path: StorePath, { names, chain, node: before }: Found, node: Node): void {
    const generation = this.#scope.nextGeneration();
    const after = { ...node, generation };
    const [root, ...inner] = chain;
    const above = inner.length === 0 ? undefined : ([root, ...inner.slice(0, -1)] as const);
    this.#root = above ? graft(above, names, after, generation) : after;
    const parent = above?.at(-1);
    this.#changes.push({ path, after, ...(before && { before }), ...(parent && { parent }) });
  }
}

function absent(path: StorePath): XenStoreError {
  return new XenStoreError('ENOENT', `no node ${path}`);
}
