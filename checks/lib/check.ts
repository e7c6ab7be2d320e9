import type { Evidence } from '../../images/guest/evidence.js';
import type { Fact, Gatherable } from '../../images/guest/fact.js';
import type { Observation } from '../../images/live/observation.js';

export type Severity = 'error' | 'warning' | 'info';

/** What is to own the server: nova-agent over XenStore, or cloud-init over a config drive. */
export type Target = 'nova-agent' | 'cloud-init';

/** What somebody wants to become of a nova-agent in an image that cloud-init is to own. */
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
  /** It judges what runs at this moment: no repair of files is held to it. */
  readonly live?: true;
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
  readonly data?: Readonly<Record<string, string | number>>;
  readonly evidence?: Evidence;
  /** When this finding weighs more or less than its check usually does. */
  readonly severity?: Severity;
}

export interface CheckContext {
  readonly target: Target;
  /** undefined when the user gave none: what is not known is not judged. */
  readonly metadata: Metadata | undefined;
  /** Undefined when nobody said: then an agent is left as it is. */
  readonly agentFate?: AgentFate;
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
