import type { Permissions } from './permissions.js';

/**
 * One node with all below it. Nodes are never changed: a change makes new ones from it up to the root, so a root is a
 * snapshot of the whole store that costs nothing to take.
 */
export interface Node {
  readonly value: Uint8Array;
  readonly permissions: Permissions;
  readonly children: ReadonlyMap<string, Node>;
  /**
   * Another number whenever the value, the permissions or the names of the children were changed, but not when
   * something changed in a child: what two transactions that conflict have both touched.
   */
  readonly generation: number;
  /** How many nodes there are here and below. */
  readonly size: number;
}

export function newNode(
  permissions: Permissions,
  generation: number,
  value: Uint8Array = new Uint8Array(),
): Node {
  return { value, permissions, children: new Map(), generation, size: 1 };
}

/**
 * The nodes on the way to a path, root first, as far as they exist: all of them are there when there is one more
 * than names.
 */
export function chainTo(root: Node, names: readonly string[]): [Node, ...Node[]] {
  const chain: [Node, ...Node[]] = [root];
  let node: Node | undefined = root;
  for (const name of names) {
    node = node.children.get(name);
    if (!node) break;
    chain.push(node);
  }
  return chain;
}

export function findNode(root: Node, names: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const name of names) node = node?.children.get(name);
  return node;
}

/**
 * The parent with another child of that name, or without one.
 * @param generation - of the parent when its names change
 */
export function withChild(parent: Node, name: string, child: Node | undefined, generation: number): Node {
  const before = parent.children.get(name);
  const children = new Map(parent.children);
  if (child) children.set(name, child);
  else children.delete(name);
  return {
    ...parent,
    children,
    generation: before && child ? parent.generation : generation,
    size: parent.size - (before?.size ?? 0) + (child?.size ?? 0),
  };
}

/**
 * The root when the node at the end of the names was put there, or removed.
 * @param chain - the existing nodes above it, root first, its parent last
 * @param generation - of the parent when its names change
 */
export function graft(
  [root, ...inner]: readonly [Node, ...Node[]],
  names: readonly string[],
  node: Node | undefined,
  generation: number,
): Node {
  const below = inner.reduceRight<Node | undefined>(
    (child, parent, at) => withChild(parent, names[at + 1] ?? '', child, generation),
    node,
  );
  return withChild(root, names[0] ?? '', below, generation);
}

/** A node and all below it, in no special order, with the names that lead there from it. */
export function* walk(node: Node): Generator<{ names: readonly string[]; node: Node }> {
  const open: { names: readonly string[]; node: Node }[] = [{ names: [], node }];
  for (let next = open.pop(); next; next = open.pop()) {
    yield next;
    for (const [name, child] of next.node.children) open.push({ names: [...next.names, name], node: child });
  }
}
