import type { Evidence } from '../evidence.js';

/** "`first` is started before `then`", and what says so. Ids are unit names, or init scripts at a runlevel. */
export interface BootEdge {
  readonly first: string;
  readonly then: string;
  /** The file and line that said so; undefined for what an init system implies by itself. */
  readonly evidence: Evidence | undefined;
  /** In words: "After=network-online.target", "default dependency", "S01 comes before S02". */
  readonly because: string;
}

/**
 * What one boot starts, and in which order. For systemd one graph, of the transaction of default.target; for
 * SysV one for each runlevel.
 */
export interface BootGraph {
  /** "default.target", or "runlevel 2". */
  readonly name: string;
  readonly nodes: ReadonlySet<string>;
  readonly edges: readonly BootEdge[];
}
