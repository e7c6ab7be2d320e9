import type { Evidence } from '../evidence.js';

export interface CloudInit {
  readonly installed: boolean;
  readonly version: string | undefined;
  /** Whether it would run at boot; when not, `disabledBy` says why. */
  readonly enabled: boolean;
  readonly disabledBy: readonly (Evidence & { readonly how: string })[];
  /** The effective list (the last file in lexical order wins); undefined when no file sets one. */
  readonly datasources:
    | {
        readonly list: readonly string[];
        readonly evidence: Evidence;
        /**
         * Whether ds-identify looks for them at boot, and keeps cloud-init off when it finds none. A list of one, or
         * of one and `None`, is taken without a look. ds-identify reads only lists on a single line, so a longer
         * one is probed as if it were the default list.
         */
        readonly probed: boolean;
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
