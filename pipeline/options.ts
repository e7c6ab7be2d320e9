import type { Severity, Target } from '../checks/lib/check.js';
import type { OpenKind } from '../images/open.js';
import type { InstallOptions } from './install/request.js';
import type { Format } from './reporters/index.js';

/** What the command line said, for the commands that judge an image. */
export interface RunOptions extends InstallOptions {
  readonly kind?: OpenKind;
  readonly target?: Target | 'auto';
  readonly failOn?: Severity;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly metadata?: string;
  readonly config?: string;
  readonly format: Format;
  readonly json?: true;
  readonly report?: string;
  readonly output?: string;
  readonly inPlace?: true;
  readonly yes?: true;
  /** Of `prepare`. */
  readonly rehearse?: true;
  readonly scenario?: string;
  readonly tunnel?: boolean;
  readonly keep?: true;
  readonly timings?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly debug?: true;
}
