import type { Metadata, Severity, Target } from '../checks/lib/check.js';
import type { OpenKind } from '../images/open.js';
import type { Waiver } from './config.js';
import type { Destination } from './destination.js';
import type { InstallRequest } from './install/request.js';
import type { Selection } from './judge.js';
import type { RehearsalOrder } from './rehearse/order.js';
import type { Command, Report } from './report.js';

/** What a run is asked to do. */
export interface Request {
  readonly command: Command;
  /** A directory, `/`, or a tarball. */
  readonly source: string;
  /** When the user says what it is; otherwise it is told by looking. */
  readonly kind?: OpenKind;
  readonly target: Target | 'auto';
  /** The least severity that keeps the image from being golden. */
  readonly failOn: Severity;
  readonly selection: Selection;
  readonly waivers: readonly Waiver[];
  /** The image's Glance properties; undefined when nobody said. */
  readonly metadata: Metadata | undefined;
  /** YYYY-MM-DD. */
  readonly today: string;
  /** For `prepare`. */
  readonly destination: Destination;
  /** Where journals are kept; never inside the image. */
  readonly stateDirectory: string;
  /** Where `properties.json` goes; without it, the properties are in the report alone. */
  readonly propertiesFolder?: string;
  /** For `prepare`: shown the plan before anything is written; `false` leaves everything as it is. */
  readonly confirm?: (plan: Report) => Promise<boolean>;
  readonly onStage?: (name: string) => void;
  /** Told what a person should know about what was written. */
  readonly onWarning?: (warning: string) => void;
  /** For `rehearse`, and for `prepare` when its result is to be rehearsed. */
  readonly rehearsal?: RehearsalWish;
  /** What may be installed; nothing unless given. */
  readonly install?: InstallRequest;
  /** Told every line that a program of the guest says while something is installed. */
  readonly onLine?: (line: string) => void;
  /** Durations in the report; without them it is the same for the same image. */
  readonly timings?: boolean;
  readonly signal?: AbortSignal;
}

/** How a rehearsal is to be held. */
export interface RehearsalWish extends Pick<RehearsalOrder, 'scenario' | 'keep' | 'onEntry'> {
  /** Whether a tunnel is there before the agent is; undefined: when the guest has a VPN that starts at boot. */
  readonly tunnel?: boolean;
}
