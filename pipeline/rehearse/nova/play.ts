import type { Performance, Stage } from './performance.js';

/** Plays. */
export async function play(stage: Stage): Promise<Performance> {
  throw new Error(`not yet: ${stage.scenario.name}`);
}
