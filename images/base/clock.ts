import { UsageError } from './errors.js';

/** The last second of the year 9999, after which a date has no form of ten characters. */
const last = 253_402_300_799;

/**
 * The time that stands for "now" in whatever is written into an image, so that the same image and the same options
 * give the same bytes: https://reproducible-builds.org/specs/source-date-epoch/. Whether an image is golden is judged
 * by the real day all the same: a waiver or an operating system that has expired does not come back.
 * @returns seconds since 1970; undefined when the variable is not set, and the real time counts
 * @throws {UsageError} code `bad-environment` when SOURCE_DATE_EPOCH is not a whole number of seconds
 */
export function sourceDate(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const text = environment['SOURCE_DATE_EPOCH'];
  if (text === undefined) return undefined;
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : Infinity;
  if (seconds <= last) return seconds;
  throw new UsageError(
    'bad-environment',
    `SOURCE_DATE_EPOCH is not a number of seconds since 1970: ${JSON.stringify(text)}`,
    { hint: 'Set it to what "date +%s" prints, or unset it to use the present time.' },
  );
}

/**
 * The day that is written into an image, in UTC.
 * @returns YYYY-MM-DD
 * @throws {UsageError} as {@link sourceDate}
 */
export function imageDay(environment: NodeJS.ProcessEnv = process.env): string {
  const seconds = sourceDate(environment);
  return dayOf(seconds === undefined ? new Date() : new Date(seconds * 1000));
}

/**
 * A change whose own time, if it has one, is not later than the time that stands for now.
 * @param now - seconds since 1970, as from {@link sourceDate}
 */
export function dated<T extends object>(change: T, now: number | undefined): T {
  const isLater = now !== undefined && 'modified' in change && Number(change.modified) > now;
  return isLater ? { ...change, modified: now } : change;
}

/** The real day in UTC, by which an image is judged: YYYY-MM-DD. */
export function today(): string {
  return dayOf(new Date());
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
