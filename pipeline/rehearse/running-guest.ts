import type { Severity } from '../../checks/lib/check.js';
import type { Agent } from '../../images/guest/agents/agent.js';
import type { Init } from '../../images/guest/init/init.js';
import type { Owner } from '../../images/guest/network/leftover.js';
import type { Service } from '../../images/guest/init/service.js';
import { openDirectory } from '../../images/image/directory.js';
import type { Image } from '../../images/image/image.js';
import type { NameServers } from '../../images/sandbox/name-server.js';
import type { Machine } from '../../images/sandbox/machine.js';
import type { Sandbox } from '../../images/sandbox/sandbox.js';
import type { ProvenClaim } from '../report/rehearsal.js';
import type { CloudInitStage } from './cloud-init/stages.js';

/** What the image's files tell of a guest before it is started. */
export interface GuestFacts {
  readonly init: Init;
  /** The agent whose first boot it is; undefined when cloud-init is to do the work. */
  readonly agent: Agent | undefined;
  /** What starts it; undefined when nothing does, or services could not be judged. */
  readonly agentService: Service | undefined;
  /** The guest utilities' service. */
  readonly xeService: Service | undefined;
  /** Whether the files make the guest utilities start before the agent; undefined where they do not start both. */
  readonly isOrdered: boolean | undefined;
  /** How grave the wrong order is here, as the check `xe-ordering` has it. */
  readonly orderSeverity: Severity;
  /** Whose name servers may have no effect without being refuted by that, and why: "as in the image". */
  readonly nameServersInDoubt: Readonly<Partial<Record<Owner, string>>>;
  /** How many lines each log had: what is new comes after. By path. */
  readonly logLines: ReadonlyMap<string, number>;
}

/** A guest that runs, as evidence is taken from it. */
export interface RunningGuest {
  readonly facts: GuestFacts;
  readonly sandbox: Sandbox;
  readonly machine: Machine;
  /** Its console, so far. */
  readonly console: readonly string[];
  /** Whether its console has said that its boot is over. */
  readonly hasEndedBoot: () => boolean;
  /** Its own init; undefined when its agent runs without one. */
  readonly booted: BootedInit | undefined;
  /** The name servers that it can ask. */
  readonly names: NameServers | undefined;
  /** When it was started, in milliseconds of the clock, and of the monotonic one that all of a machine share. */
  readonly startedAt: { readonly clock: number; readonly monotonic: number };
}

/** When a service of the guest was started. */
export interface ServiceStart {
  /** Milliseconds since the guest was. */
  readonly atMs: number;
  /** How exact that is: what is no further apart may have come in any order. */
  readonly withinMs: number;
  /** "nova-agent.service was started". */
  readonly seen: string;
}

/**
 * All that differs between init systems that a container boots: how each is started, and how it is asked what it did.
 * Each system has one module, and nobody else in a rehearsal compares systems.
 */
export interface BootedInit {
  /** What it is told besides what the image's own files say. */
  readonly arguments: readonly string[];
  /** Whether it takes control groups of version 2. */
  takesUnifiedGroups(init: Init): boolean;
  /** Whether a line of the console says that the boot is over. */
  endsBoot(line: string): boolean;
  /** When a service was started; undefined when it was not. */
  startOf(guest: RunningGuest, service: Service): Promise<ServiceStart | undefined>;
  /** Whether all that is started at boot has been. */
  isUp(guest: RunningGuest): Promise<boolean>;
  /** Has it stop everything and end. */
  powerOff(guest: RunningGuest): Promise<void>;
  /** Whether the boot is over, and has not started the agent. */
  leftAgentUnstarted(guest: RunningGuest): Promise<boolean>;
  /** How far cloud-init has come; undefined when the guest cannot tell yet. */
  cloudInitStages(guest: RunningGuest): Promise<readonly CloudInitStage[] | undefined>;
  /** What can be said of the boot as a whole; nothing where the init keeps no account of it. */
  bootClaims(guest: RunningGuest): ProvenClaim[];
}

/** Its root file system as it is now, without what the guest has mounted in it. */
export function look({ sandbox }: Pick<RunningGuest, 'sandbox'>): Image {
  return openDirectory(sandbox.root);
}
