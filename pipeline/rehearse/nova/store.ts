/**
 * What Nova needs of the guest's XenStore. Paths are relative to the guest's home (`data/host/…`), values are text.
 * All of it happens at once: what is written between two turns of the event loop, the guest sees as one.
 */
export interface Store {
  /** @returns undefined when there is no such node */
  read(path: string): string | undefined;
  /** Makes what is missing above it. */
  write(path: string, value: string): void;
  /** Removes a node with all below it; one that is not there is none the less gone. */
  remove(path: string): void;
  /** The names below a node; none when there is no such node. */
  list(path: string): readonly string[];
  /**
   * Tells of every change at a path or below it, whoever makes it.
   * @returns ends the telling
   */
  watch(path: string, onChange: () => void): () => void;
}
