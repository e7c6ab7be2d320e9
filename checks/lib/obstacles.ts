import type { Obstacle } from '../../images/guest/init/obstacle.js';
import type { Finding } from './check.js';

/** Messages of a check whether the boot starts an enabled service. */
export const startMessages = {
  'not-started': '{{service}} is enabled, but the boot does not start it: {{because}}',
  'start-undecided': '{{service}} is enabled; whether the boot starts it is not in the image: {{because}}',
} as const;

/** Messages of a check whether a service's process can do its work. */
export const workMessages = {
  'cannot-work': '{{service}} starts, but cannot do its work: {{because}}',
  'work-undecided': '{{service}} starts; whether it can do its work is not in the image: {{because}}',
} as const;

/** Messages of a check that asks both. */
export const obstacleMessages = { ...startMessages, ...workMessages } as const;

/** Findings for what keeps a service from being started; the check has {@link startMessages}. */
export function notStarted(service: string, obstacles: readonly Obstacle[]): Iterable<Finding> {
  return findings(service, obstacles, 'not-started', 'start-undecided');
}

/** Findings for what keeps a service's process from doing its work; the check has {@link workMessages}. */
export function cannotWork(service: string, obstacles: readonly Obstacle[]): Iterable<Finding> {
  return findings(service, obstacles, 'cannot-work', 'work-undecided');
}

function* findings(
  service: string,
  obstacles: readonly Obstacle[],
  certainly: keyof typeof obstacleMessages,
  perhaps: keyof typeof obstacleMessages,
): Iterable<Finding> {
  for (const { certain, evidence, because } of obstacles) {
    const data = { service, because };
    if (certain) yield { message: certainly, data, evidence };
    else yield { message: perhaps, severity: 'warning', data, evidence };
  }
}
