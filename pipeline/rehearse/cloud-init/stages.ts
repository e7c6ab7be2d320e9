import { quote } from '../evidence/claim.js';

/** The stages of a boot, in order, as cloud-init calls them. */
export const cloudInitStageNames = ['init-local', 'init', 'modules-config', 'modules-final'] as const;
export type CloudInitStageName = (typeof cloudInitStageNames)[number];

/** A stage of cloud-init's boot, and what became of it. */
export interface CloudInitStage {
  /** "cloud-init-local.service", or as cloud-init itself calls it: "init-local". */
  readonly name: string;
  /** As cloud-init calls it; undefined of the process that does the work of all. */
  readonly stage: CloudInitStageName | undefined;
  /** waiting: it has not begun, but may. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'not-started';
  /** Why it failed or was not started. */
  readonly why?: string | undefined;
  /** Milliseconds since the guest was started; undefined of what has not happened. */
  readonly atMs?: number | undefined;
  readonly endMs?: number | undefined;
}

/** Whether it may still do something. */
export function isOpen({ state }: CloudInitStage): boolean {
  return state === 'waiting' || state === 'running';
}

const said: Readonly<Record<CloudInitStage['state'], string>> = {
  waiting: 'not begun',
  running: 'not done',
  done: 'done',
  failed: 'failed',
  'not-started': 'not started',
};

/** In words, grouped by what became of them: "not started (it is masked): cloud-config.service, cloud-final.service". */
export function stagesInWords(stages: readonly CloudInitStage[]): string {
  const names = new Map<string, string[]>();
  for (const { name, state, why } of stages) {
    const how = why === undefined ? said[state] : `${said[state]} (${why})`;
    names.set(how, [...(names.get(how) ?? []), name]);
  }
  return quote([...names].map(([how, of]) => `${how}: ${of.join(', ')}`).join('; '));
}
