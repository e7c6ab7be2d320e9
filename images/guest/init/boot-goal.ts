import type { BootWord } from '../boot/entry.js';
import type { Obstacle } from './obstacle.js';

/** Where a boot leads to, by the words that the boot loader gives the kernel and by what init is told. */
export interface BootGoal {
  /** "graphical.target", "runlevel 2". */
  readonly name: string;
  /** What keeps the boot from becoming that of a server: a rescue shell, a halt, a target that is not there. */
  readonly obstacles: readonly GoalObstacle[];
  /** Services that would start but for a word on the kernel command line, by id. */
  readonly withheld: ReadonlyMap<string, BootWord>;
}

export interface GoalObstacle extends Obstacle {
  /** The word on the kernel command line that is the cause; undefined when it is a file of the guest. */
  readonly word?: string | undefined;
}

/** Of systems that have no goal of their own. */
export const ordinaryGoal: BootGoal = { name: 'an ordinary boot', obstacles: [], withheld: new Map() };
