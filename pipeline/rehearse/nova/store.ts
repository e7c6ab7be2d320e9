/**
 * What Nova needs of the guest's XenStore. Paths are relative to the guest's home (`data/host/…`), values are text.
 * All of it happens at once: what is written between two turns of the event loop, the guest sees as one.
 */
export interface Store {
  /** @returns undefined when there is no such node */
  read(path: string): string | undefined;
  /** Makes what is missing above it. */
  write(path: string, value: string): void;
  /** Removes a node with all below it, if there is one. */
  remove(path: string): unknown;
  /**
   * Tells of every change at a path or below it, whoever makes it.
   * @returns ends the telling
   */
  onChange(path: string, callback: () => void): Disposable;
}
