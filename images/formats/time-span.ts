/** Seconds of each unit (systemd.time(7), "PARSING TIME SPANS"). */
const units: ReadonlyMap<string, number> = new Map(
  (
    [
      [1e-6, 'usec us μs µs'],
      [1e-3, 'msec ms'],
      [1, 'seconds second sec s'],
      [60, 'minutes minute min m'],
      [3600, 'hours hour hr h'],
      [86_400, 'days day d'],
      [604_800, 'weeks week w'],
      [2_629_800, 'months month M'],
      [31_557_600, 'years year y'],
    ] as const
  ).flatMap(([seconds, names]) => names.split(' ').map((name) => [name, seconds] as const)),
);

/**
 * A time span as systemd has it: "1min 30s", "90", "infinity".
 * @returns seconds; undefined when it is none
 */
export function parseTimeSpan(text: string): number | undefined {
  const span = text.trim();
  if (span === 'infinity') return Infinity;
  const parts = [...span.matchAll(/\s*(\d+(?:\.\d+)?)\s*([a-zA-Zμµ]*)/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('').length !== span.length) return undefined;
  let seconds = 0;
  for (const [, count = '', unit = ''] of parts) {
    const each = unit === '' ? 1 : units.get(unit);
    if (each === undefined) return undefined;
    seconds += Number(count) * each;
  }
  return seconds;
}
