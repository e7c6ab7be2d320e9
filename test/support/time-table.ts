/** How long something took. */
export interface Duration {
  readonly name: string;
  /** Seconds by the clock. */
  readonly wall: number;
  /** Seconds of processor time, of it and of all that it started and waited for. */
  readonly cpu: number;
}

/** The durations as a table, the longest first, with their sum. */
export function timeTable(durations: readonly Duration[]): string {
  const sum = (of: 'wall' | 'cpu'): number => durations.reduce((total, each) => total + each[of], 0);
  const rows = [...durations].sort((one, other) => other.wall - one.wall);
  return [...rows, { name: 'sum', wall: sum('wall'), cpu: sum('cpu') }]
    .map(({ name, wall, cpu }) => `${seconds(wall)} s ${seconds(cpu)} s processor  ${name}\n`)
    .join('');
}

const seconds = (value: number): string => value.toFixed(1).padStart(8);

/**
 * @param times - what the shell's `times` prints
 * @returns the seconds of processor time of what the shell started
 */
export function childrenSeconds(times: string): number {
  const [, children = ''] = times.trim().split('\n');
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`no times of the shell: ${times}`);
  return parts.reduce((total, [, minutes, rest]) => total + Number(minutes) * 60 + Number(rest), 0);
}
