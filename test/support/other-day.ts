/**
 * Loaded before a program (`NODE_OPTIONS=--import=…`), makes it another day for it: the date of the environment
 * variable OTHER_DAY, at which the clock stands still.
 */
const then = Date.parse(process.env['OTHER_DAY'] ?? '');
if (Number.isNaN(then)) throw new Error('OTHER_DAY is not a date');

const Real = globalThis.Date;
globalThis.Date = new Proxy(Real, {
  construct: (target, given: [] | [string | number]) =>
    given.length === 0 ? new target(then) : new target(given[0]),
  get: (target, name): unknown => (name === 'now' ? () => then : Reflect.get(target, name)),
});
