import type { Evidence } from '../../images/guest/evidence.js';
import type { Fact, Gatherable } from '../../images/guest/fact.js';
import type { GuestFamily } from '../../images/guest/guest-family.js';
import type { Observation } from '../../images/live/observation.js';

export type Severity = 'error' | 'warning' | 'info';

/** Who configures the server: nova-agent over XenStore, or cloud-init from a config drive. */
export type Target = 'nova-agent' | 'cloud-init';

/** What `--agent` asks for a nova-agent in an image that cloud-init configures. */
export type AgentFate = 'disable' | 'remove';

export type Category = 'agent' | 'xe' | 'boot' | 'vpn' | 'cloud-init' | 'metadata' | 'os';

/** The image's Glance properties. Values as JSON had them: a check looks at their type, too. */
export type Metadata = Readonly<Record<string, unknown>>;

export interface Reference {
  readonly title: string;
  /** A section of it, a man page's name, a link. */
  readonly where: string;
}

interface CheckMeta {
  readonly id: string;
  /** What is true when it passes: "nova-agent is enabled". */
  readonly title: string;
  /** What is true when it fails: "nova-agent is not enabled". */
  readonly failureTitle: string;
  readonly category: Category;
  /** Of a finding that does not say otherwise. */
  readonly severity: Severity;
  /** The targets for which this check is asked at all. */
  readonly targets: readonly Target[];
  /** The families of guest that it can judge; for the others it does not apply. */
  readonly families: readonly GuestFamily[];
  /**
   * Which commands ask it. `image`: every command. `snapshot`: only `hallmark snapshot`, for what is true of one moment
   * or of one server; an image is judged by what it is, so that the same guest has the same verdict as a tarball, a
   * mounted root and the live host.
   */
  readonly scope: 'image' | 'snapshot';
  /** It judges what runs at this moment, so no repair of files is verified against it. */
  readonly live?: true | undefined;
  /** Every message by id, with `{{name}}` for what a finding's data fills in. */
  readonly messages: Readonly<Record<string, string>>;
  readonly docs: {
    /** What happens to the server when this is wrong, and why. */
    readonly why: string;
    /** What to do by hand. */
    readonly remedy: string;
    readonly references: readonly Reference[];
  };
}

/** One thing that is wrong, as a check yields it. */
export interface Finding {
  /** A key of the check's `messages`. */
  readonly message: string;
  readonly data?: Readonly<Record<string, string | number>> | undefined;
  readonly evidence?: Evidence | undefined;
  /** When this finding weighs more or less than its check usually does. */
  readonly severity?: Severity | undefined;
  /** Where the check has a repair that can do nothing about this finding: advice must not offer it. */
  readonly byHand?: boolean | undefined;
}

export interface CheckContext {
  readonly target: Target;
  /** The guest's family: a check that is not for it does not apply. */
  readonly family: GuestFamily;
  /** Undefined when `--metadata` was not given: what is not known is not judged. */
  readonly metadata: Metadata | undefined;
  /** Undefined when `--agent` was not given: the agent is then left alone. */
  readonly agentFate?: AgentFate | undefined;
  /** Today, for ends of life and expiry dates; given, so that a result can be repeated. */
  readonly today: string;
}

/** The facts and observations a check declares, by the name under which it receives them. */
export type Needs = Readonly<Record<string, Fact<unknown> | Observation<unknown>>>;

export type Gathered<N extends Needs> = {
  readonly [K in keyof N]: N[K] extends Gatherable<infer T> ? T : never;
};

/**
 * A rule: a pure function of declared facts. It yields nothing when all is well; when it throws, its outcome is
 * `error`, never a pass.
 */
export interface Check<N extends Needs = Needs> {
  readonly meta: CheckMeta;
  readonly needs: N;
  /** `true`, or why there is nothing to judge ("no nova-agent is installed"). */
  appliesTo?(facts: Gathered<N>, context: CheckContext): true | string;
  run(facts: Gathered<N>, context: CheckContext): AsyncIterable<Finding> | Iterable<Finding>;
}

/** Gives a check its types: `needs` decides what `run` receives. */
export function defineCheck<N extends Needs>(check: Check<N>): Check {
  return check;
}

const ranks: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1 };

/** Whether a severity is at or above another. */
export function atLeast(severity: Severity, threshold: Severity): boolean {
  return ranks[severity] >= ranks[threshold];
}
