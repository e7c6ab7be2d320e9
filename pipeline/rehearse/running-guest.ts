import { openDirectory } from '../../../images/image/directory.js';
import type { Agent } from '../../../images/guest/agents/agent.js';
import type { Init } from '../../../images/guest/init/init.js';
import type { Service } from '../../../images/guest/init/service.js';
import type { Image } from '../../../images/image/image.js';
import type { Sandbox } from '../../../images/sandbox/sandbox.js';
import type { Machine } from '../../../images/sandbox/machine.js';

/** What was known of a guest before it was started. */
export interface Known {
  readonly init: Init;
  /** The agent whose first boot it is; undefined when cloud-init is to do the work. */
  readonly agent: Agent | undefined;
  /** What starts it; undefined when nothing does, or services could not be judged. */
  readonly agentService: Service | undefined;
  /** The guest utilities' service. */
  readonly xeService: Service | undefined;
  /** How many lines each log had: what is new comes after. By path. */
  readonly logLines: ReadonlyMap<string, number>;
}

/** A guest that runs, as evidence is taken from it. */
export interface Guest {
  readonly known: Known;
  readonly sandbox: Sandbox;
  readonly machine: Machine;
  /** Its console, so far. */
  readonly console: readonly string[];
  /** Whether its own init was booted. */
  readonly booted: boolean;
  /** When it was started, in milliseconds of the clock, and of the monotonic one that all of a machine share. */
  readonly startedAt: { readonly clock: number; readonly monotonic: number };
}

/** Its root file system as it is now, without what the guest has mounted in it. */
export function look({ sandbox }: Pick<Guest, 'sandbox'>): Image {
  return openDirectory(sandbox.root);
}
