import type { Change, GuestPath } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { InitSystem } from './init-system.js';
import type { BootEdge, BootGraph } from './boot-graph.js';
import type { BootGoal } from './boot-goal.js';
import type { Obstacle } from './obstacle.js';
import type { Process } from './process/process.js';

export type ServiceState =
  /** Started at boot. */
  | 'enabled'
  /** Could be, but is not. */
  | 'disabled'
  /** Forbidden: systemd's /dev/null. */
  | 'masked'
  /** No way to enable it: a unit without [Install], a script without any header. */
  | 'static';

/** A program that a service starts. */
export interface Exec {
  readonly program: string;
  readonly evidence: Evidence;
}

/** A unit or an init script. */
export interface Service {
  /** As its init system names it: "nova-agent.service", or the script's name under SysV. */
  readonly id: string;
  /** Without the suffix: "nova-agent". */
  readonly name: string;
  /** Other names it answers to: Alias= links, an LSB header's Provides. */
  readonly aliases: readonly string[];
  readonly origin: 'unit' | 'script';
  /** The unit file or script, as first found (it may be a link). */
  readonly path: GuestPath;
  readonly state: ServiceState;
  /** Of a service that does not start: where the boot leads to in place of what would start it. */
  readonly withheldBy?: Obstacle | undefined;
  /** What says so: the links that start it, the mask, or the file that lacks them. Never empty. */
  readonly evidence: readonly Evidence[];
  /** ExecStart of a unit; of a script, the script. */
  readonly exec: readonly Exec[];
}

/** What starts a service although the boot does not ask for it. */
export interface Starter {
  /** "nova-agent.timer". */
  readonly by: string;
  readonly evidence: Evidence;
  /** "OnBootSec=1min". */
  readonly because: string;
  /** It does so some day, not in the course of the boot: at a date, or when somebody connects. */
  readonly isLater: boolean;
}

/** Whether one service is started before another, in one boot graph. */
export interface Ordering {
  /** The graph's name. */
  readonly graph: string;
  readonly verdict: 'before' | 'after' | 'unordered';
  /** The chain of edges that shows it; empty for `unordered`. */
  readonly chain: readonly BootEdge[];
  /** What to point at when it is wrong: the links, units or header lines of the two. */
  readonly evidence: readonly Evidence[];
  /** In words, for a finding: "both have number 20 in runlevel 3". */
  readonly because: string;
}

/**
 * What an init system makes of the guest's services: one interface, one module for each system. The changes it
 * describes are what the system's own tool would do (`systemctl --root enable`, `insserv`, `chkconfig`).
 */
export interface Services {
  readonly system: InitSystem;
  /** Every service, sorted by id. */
  readonly all: readonly Service[];
  /** One graph for systemd, one for each start runlevel (2 to 5) for SysV. Lazy: drawing it may read many units. */
  graphs(): Promise<readonly BootGraph[]>;
  /** By name, with or without suffix, or by alias; undefined when the guest has none such. */
  find(name: string): Service | undefined;
  /**
   * Whether `first` starts before `then`, in every graph that starts both (none: empty).
   * Under SysV the same sequence number is `unordered`, and a runlevel that starts `then` but not `first` is, too.
   */
  order(first: Service, then: Service): Promise<readonly Ordering[]>;
  /**
   * Ordering cycles of the boot in which at least one of these ids takes part; each as its edges: every edge begins where the one before it ends.
   */
  cycles(through: readonly string[]): Promise<readonly (readonly BootEdge[])[]>;
  /** Where the boot leads to, and what keeps it from being that of a server. */
  goal(): Promise<BootGoal>;
  /** Changes after which the guest itself asks for a server's boot; the kernel command line may still ask for another. */
  setDefaultGoal(): Promise<Change[]>;
  /**
   * What keeps the boot from starting an enabled service, or may keep it from that; nothing when it is started. Of a
   * service that is not enabled the answer is empty: its state says why.
   */
  obstacles(service: Service): Promise<readonly Obstacle[]>;
  /** What is executed for a service, with which settings; read when it is asked for. */
  process(service: Service): Promise<Process>;
  /**
   * Why a service that somebody has enabled is not: its links are below a target that no boot reaches, say, or what would
   * make a unit of its script is gone. Nothing when nobody has enabled it, and nothing of an enabled service.
   */
  enabledInVain(service: Service): Promise<readonly Obstacle[]>;
  /** What of the boot starts a service that is not enabled: a timer, a command of another service. */
  starters(service: Service): Promise<readonly Starter[]>;
  /**
   * Changes that start it at boot (unmasked first), as the system's own tool would make them. Where those would not,
   * because the service names no target or one that no boot reaches, a link that does.
   */
  enable(service: Service): Promise<Change[]>;
  /** Changes that no longer start it at boot. */
  disable(service: Service): Promise<Change[]>;
  /**
   * Changes after which `first` starts before `then` wherever both start, without adding an ordering cycle:
   * every candidate is laid over the image and its graph solved before it is offered.
   * @returns undefined when no candidate does it
   */
  putBefore(first: Service, then: Service): Promise<Change[] | undefined>;
}
