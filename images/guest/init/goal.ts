import { bootEntries } from '../boot/entries.js';
import type { Fact } from '../fact.js';
import type { BootGoal } from './boot-goal.js';
import { earlyObstacles } from './init-word.js';
import { services } from './services.js';

/** Where the next boot leads to. Throws ImageError code `unsupported-init` where services cannot be judged. */
export const bootGoal: Fact<BootGoal> = {
  name: 'boot-goal',
  inputs: [...new Set([...services.inputs, ...bootEntries.inputs])],
  async gather(image, get) {
    const goal = await (await get(services)).goal();
    const early = await earlyObstacles(image, await get(bootEntries));
    return { ...goal, obstacles: [...early, ...goal.obstacles] };
  },
};
