/**
 * A share of many like cases, for `npm test`; `npm run test:slow` tries the others.
 * @returns so many of the numbers from 1 to `count`, evenly apart, the first and the last among them
 */
export function share(count: number, size: number): readonly number[] {
  if (count <= size) return Array.from({ length: count }, (_, at) => at + 1);
  return Array.from({ length: size }, (_, at) => 1 + Math.round((at * (count - 1)) / (size - 1)));
}

/** @returns the numbers from 1 to `count` that are not in {@link share} */
export function rest(count: number, size: number): readonly number[] {
  const chosen = new Set(share(count, size));
  return Array.from({ length: count }, (_, at) => at + 1).filter((number) => !chosen.has(number));
}
