/**
 * What a new server's hypervisor knows of it, and what is asked of its agent, in order: `scenario.yaml` is the one
 * that is played by default, `scenario.schema.json` says what can be written.
 */
export interface Scenario {
  readonly name: string;
  /** The server's name; it becomes the guest's host name. */
  readonly hostName: string;
  readonly provider?: Provider;
  /** What the user told the cloud about the server. */
  readonly userMetadata?: Readonly<Record<string, string>>;
  /** Whether the cloud resizes the root partition. */
  readonly autoDiskConfig?: boolean;
  /** There from the start. */
  readonly interfaces: readonly Interface[];
  readonly limits: Limits;
  /** Played one after the other. */
  readonly rounds: readonly Round[];
}

/** `vm-data/provider_data`: the 2.x agent wants to read "Rackspace" there, or ends. */
export interface Provider {
  readonly name: string;
  readonly region?: string;
  readonly roles?: readonly string[];
  readonly ipWhitelist?: readonly string[];
}

/** A network interface of the server. */
export interface Interface {
  /** The guest's name for it: "eth0". */
  readonly device: string;
  /** "BC:76:4E:04:CF:E5". */
  readonly mac: string;
  /** The name of its network: "public". */
  readonly label: string;
  /** With the length of the prefix: "203.0.113.124/24". */
  readonly ipv4?: readonly string[];
  readonly ipv6?: readonly string[];
  readonly gateway?: string;
  readonly gateway6?: string;
  readonly dns?: readonly string[];
  readonly routes?: readonly Route[];
}

interface Route {
  /** "10.208.0.0/12". */
  readonly to: string;
  readonly via: string;
}

/** How long Nova waits, in seconds. */
export interface Limits {
  /** For the first answer to `version`, which it asks again and again (`agent_version_timeout`). */
  readonly version: number;
  /** For any other answer (`agent_timeout`). */
  readonly call: number;
  /** `agent_resetnetwork_timeout`. */
  readonly resetnetwork: number;
  /** For the whole play. */
  readonly total: number;
}

/**
 * Commands that are sent together, and so cost the agent one poll. The next round begins when all are answered.
 */
export interface Round {
  readonly name: string;
  /** Networks that the server gets before the commands are sent. */
  readonly add?: readonly Interface[];
  /** Labels of networks that it loses. */
  readonly remove?: readonly string[];
  readonly send: readonly Step[];
}

/** A command; the password that is sent is made at run time. */
export type Step =
  | 'version'
  | 'features'
  | 'keyinit'
  | 'password'
  | 'resetnetwork'
  | { readonly resetnetwork: { readonly accept: readonly string[] } }
  | { readonly injectfile: InjectedFile };

export interface InjectedFile {
  /** Absolute, in the guest. */
  readonly path: string;
  readonly contents: string;
  /** What its permission bits are to be, in octal: "0644". Without it, what the agent's own release makes of them. */
  readonly mode?: string;
}

export type CommandName = 'version' | 'features' | 'keyinit' | 'password' | 'resetnetwork' | 'injectfile';

/** @returns the name that the agent knows it by */
export function commandOf(step: Step): CommandName {
  if (typeof step === 'string') return step;
  return 'injectfile' in step ? 'injectfile' : 'resetnetwork';
}
