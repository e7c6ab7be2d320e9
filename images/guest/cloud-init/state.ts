import type { Evidence } from '../evidence.js';
import type { Obstacle } from '../init/obstacle.js';

export interface CloudInit {
  readonly installed: boolean;
  readonly version: string | undefined;
  /** Whether it would run at boot and could do its work, as far as the image tells; when not, `disabledBy` says why. */
  readonly enabled: boolean;
  readonly disabledBy: readonly Obstacle[];
  /** The list in force; undefined when it is cloud-init's own, which has ConfigDrive. */
  readonly datasources:
    | {
        readonly list: readonly string[];
        readonly evidence: Evidence;
        /** Whether ds-identify looks for them at boot, and keeps cloud-init off when it finds none. */
        readonly probed: boolean;
        /** What stands there is no list, and nothing at boot makes one of it: cloud-init then finds no datasource. */
        readonly malformed?: true | undefined;
      }
    | undefined;
  /** Whether cloud-init configures the network; off with `network: {config: disabled}`. */
  readonly network: { readonly enabled: boolean; readonly evidence: Evidence | undefined };
  /**
   * Configuration files that cloud-init passes over with a warning, because they are no valid YAML or no mapping:
   * what they were meant to say is not in force.
   */
  readonly ignored: readonly (Evidence & { readonly reason: string })[];
}
