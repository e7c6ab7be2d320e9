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

const said: Readonly<Record<StageRun['state'], string>> = {
  waiting: 'not begun',
  running: 'not done',
  done: 'done',
  failed: 'failed',
  'not-started': 'not started',
};

/** In words, what is the same told once: "not started (it is masked): cloud-config.service, cloud-final.service". */
export function tell(stages: readonly StageRun[]): string {
  const names = new Map<string, string[]>();
  for (const { name, state, why } of stages) {
    const how = why === undefined ? said[state] : `${said[state]} (${why})`;
    names.set(how, [...(names.get(how) ?? []), name]);
  }
  return quote([...names].map(([how, of]) => `${how}: ${of.join(', ')}`).join('; '));
}
