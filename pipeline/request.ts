import type { AgentFate, Check, Metadata, Severity, Target } from '../checks/lib/check.js';
import type { Fixer } from '../fixers/lib/fixer.js';
import type { Destination, ImageSource } from '../images/sources/source.js';
import type { Waiver } from './judge.js';
import type { InstallRequest } from './installer.js';
import type { Selection } from './judge.js';
import type { Wish } from './plan.js';
import type { RehearsalOrder } from './rehearse/order.js';
import type { Command, Report } from './report/report.js';

/** Which rules are asked, and which repairs may be made. */
export interface Rules {
  readonly checks: readonly Check[];
  readonly fixers: readonly Fixer[];
}

/** What a run is asked to do. */
export interface Request {
  readonly command: Command;
  readonly source: ImageSource;
  readonly target: Target | 'auto';
  /** What of it was said on a command line, in words: the report's next steps repeat it. */
  readonly options?: readonly string[] | undefined;
  /** The least severity that keeps the image from being golden. */
  readonly failOn: Severity;
  /** In place of all that an image is judged by. */
  readonly rules?: Rules | undefined;
  /** Whether it is about a snapshot of a server: the report then says how that goes on. */
  readonly snapshot?: true;
  readonly selection: Selection;
  readonly waivers: readonly Waiver[];
  /** The image's Glance properties; undefined when nobody said. */
  readonly metadata: Metadata | undefined;
  /** By which ends of life and expiry dates are judged: YYYY-MM-DD. */
  readonly today: string;
  /** What is written into the image as the day of a change, YYYY-MM-DD; today unless given. */
  readonly imageDay?: string;
  /** For `prepare` and `rescue`. */
  readonly destination: Destination;
  /** Where `properties.json` goes; without it, the properties are in the report alone. */
  readonly propertiesFolder?: string | undefined;
  /** For `prepare` and `rescue`: shown the plan before anything is written; `false` leaves everything as it is. */
  readonly confirm?: ((plan: Report) => Promise<boolean>) | undefined;
  /** For `prepare`: called once the changes are written, before the image is judged again. */
  readonly onDelivered?: (() => Promise<void>) | undefined;
  readonly onStage?: ((name: string) => void) | undefined;
  /** Told what a person should know about what was written. */
  readonly onWarning?: ((warning: string) => void) | undefined;
  /** What is to be changed besides the repairs. */
  readonly wish?: Wish | undefined;
  /** For `rehearse`, and for `prepare` when its result is to be rehearsed. */
  readonly rehearsal?: RehearsalWish | undefined;
  /** What is to become of an agent that is there, when cloud-init is to own the server. */
  readonly agentFate?: AgentFate | undefined;
  /** What may be installed; nothing unless given. */
  readonly install?: InstallRequest | undefined;
  /** Told every line that a program of the guest says while something is installed. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Durations in the report; without them it is the same for the same image. */
  readonly timings?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a rehearsal is to be held. */
interface RehearsalWish extends Pick<RehearsalOrder, 'scenario' | 'patient' | 'keep' | 'onEntry'> {
  /** Whether a tunnel is there before the agent is; undefined: when the guest has a VPN that starts at boot. */
  readonly tunnel?: boolean | undefined;
}
