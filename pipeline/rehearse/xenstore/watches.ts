import { findNode } from './node.js';
import { type StorePath, isWithin, namesOf } from './paths.js';
import { hostDomain, mayRead } from './permissions.js';
import type { Change } from './view.js';

export interface Watch {
  /** Who watches: a guest is told only of what it may read. */
  readonly domain: number;
  /** Absolute; or special, with an @, which no node's change matches. */
  readonly path: string;
  readonly onEvent: (path: StorePath) => void;
}

/** Who is told of which changes. */
export class Watches {
  readonly #watches = new Set<Watch>();
  readonly #waiting: Change[] = [];
  #telling = false;

  add(watch: Watch): Disposable {
    this.#watches.add(watch);
    return { [Symbol.dispose]: () => void this.#watches.delete(watch) };
  }

  /**
   * Tells of changes in their order. One that is made while others are told of waits its turn, so that no watcher
   * hears of a later change first.
   */
  tell(changes: readonly Change[]): void {
    this.#waiting.push(...changes);
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let change = this.#waiting.shift(); change; change = this.#waiting.shift())
        for (const watch of [...this.#watches]) {
          const path = this.#watches.has(watch) ? eventPath(watch, change) : undefined;
          if (path) watch.onEvent(path);
        }
    } finally {
      this.#telling = false;
      this.#waiting.length = 0;
    }
  }
}

/**
 * What the watcher is told (xenstore.txt, WATCH_EVENT): the path that was changed, if it is below the watched one;
 * the watched one, if it was removed with a node above it. Undefined when it is told nothing.
 */
function eventPath({ path, domain }: Watch, change: Change): StorePath | undefined {
  if (isWithin(change.path, path)) {
    const { before, after, parent } = change;
    const readable = [before, after, parent].some((node) => node && mayRead(node.permissions, domain));
    return readable ? change.path : undefined;
  }
  if (change.after || !change.before || !isWithin(path, change.path)) return undefined;
  const names = namesOf(path as StorePath).slice(namesOf(change.path).length);
  const removed = findNode(change.before, names);
  const above = findNode(change.before, names.slice(0, -1));
  if (!removed || !above) return undefined;
  const readable =
    domain === hostDomain || [removed, above].some((node) => mayRead(node.permissions, domain));
  return readable ? (path as StorePath) : undefined;
}
