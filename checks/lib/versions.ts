/** The leading numbers of a version: "1.39.1-2" is [1, 39, 1]; undefined when it does not begin with one. */
function numbersOf(version: string): readonly number[] | undefined {
  return /^\d{1,9}(?:\.\d{1,9})*/.exec(version)?.[0].split('.').map(Number);
}

/**
 * Whether a version is older than another, by its leading numbers alone ("1.39" is older than "1.39.1").
 * @returns undefined when either does not begin with a number: what is not known is not judged
 */
export function olderThan(version: string | undefined, limit: string): boolean | undefined {
  const [a, b] = [numbersOf(version ?? ''), numbersOf(limit)];
  if (!a || !b) return undefined;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** The first number of a version: "7.2.1511" is 7. */
export function majorOf(version: string | undefined): number | undefined {
  return numbersOf(version ?? '')?.[0];
}
