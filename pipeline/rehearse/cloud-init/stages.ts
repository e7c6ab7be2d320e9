import { quote } from '../evidence/claim.js';
import type { Guest } from '../evidence/guest.js';
import { stagesOfScripts } from './scripts.js';
import { stagesOfUnits } from './units.js';

/** The stages of a boot, in order, as cloud-init calls them. */
export const stageNames = ['init-local', 'init', 'modules-config', 'modules-final'] as const;
export type StageName = (typeof stageNames)[number];

/** A stage of cloud-init's, as it went. */
export interface StageRun {
  /** "cloud-init-local.service", or as cloud-init itself calls it: "init-local". */
  readonly name: string;
  /** As cloud-init calls it; undefined of the process that does the work of all. */
  readonly stage: StageName | undefined;
  /** waiting: it has not begun, but may. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'not-started';
  /** Why it failed or was not started. */
  readonly why?: string;
  /** Milliseconds since the guest was started; absent of what has not come to pass. */
  readonly atMs?: number;
  readonly endMs?: number;
}

/**
 * How far cloud-init has come: by the record of the guest's systemd; of another init's guest, by its own.
 * @returns undefined when the guest cannot tell yet
 */
export async function stagesOf(guest: Guest): Promise<readonly StageRun[] | undefined> {
  return guest.known.init.system === 'systemd' ? stagesOfUnits(guest) : stagesOfScripts(guest);
}

export function isOpen({ state }: StageRun): boolean {
  return state === 'waiting' || state === 'running';
}

/** In words: "cloud-final.service failed: exit-code". */
export function tell({ name, state, why }: StageRun): string {
  const said = {
    waiting: 'waits',
    running: 'runs',
    done: 'is done',
    failed: 'failed',
    'not-started': 'was not started',
  };
  return quote(`${name} ${said[state]}${why === undefined ? '' : `: ${why}`}`);
}
