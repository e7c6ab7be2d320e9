/** An axis of time from 0, with its ticks. Everything is in milliseconds. */
export interface TimeAxis {
  readonly end: number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** More ticks than this, and their labels would run into each other. */
const mostTicks = 8;

/** Less than this and every entry would stand at its end. */
const shortest = 10;

/** Steps that people count time in; between one and the next there is at most a factor of 2.5. */
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((step) => step * second),
  ...[1, 2, 5, 10, 15, 30].map((step) => step * minute),
];

/**
 * An axis that ends with the last moment that it has to show.
 * @param last - milliseconds
 */
export function timeAxis(last: number): TimeAxis {
  const end = Math.max(last, shortest);
  const step = steps.find((one) => end / one <= mostTicks) ?? hoursFor(end);
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => at * step);
  return { end, ticks: ticks.map((at) => ({ at, label: label(at, step, ticks.at(-1) ?? 0) })) };
}

function hoursFor(end: number): number {
  let step = hour;
  while (end / step > mostTicks) step *= 2;
  return step;
}

/** All in the unit that suits the last one. */
function label(at: number, step: number, last: number): string {
  if (at === 0) return '0';
  if (last < second) return `${at} ms`;
  if (last <= 2 * minute) return `${at / second} s`;
  if (step % hour === 0) return `${at / hour} h`;
  if (step % minute === 0) return `${at / minute} min`;
  return `${Math.floor(at / minute)}:${String((at % minute) / second).padStart(2, '0')} min`;
}
