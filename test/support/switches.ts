/**
 * The environment variables that the tests, the benchmark and the end-to-end runner read: here and nowhere else.
 * docs/switches.md is made of this table.
 */
const table = {
  UPDATE_GOLDEN: {
    value: '1',
    effect:
      'The tests write the files that they compare with: the golden reports and this page. Read the diff.',
    example: 'UPDATE_GOLDEN=1 npm run t -- test/pipeline/report/formats.test.ts',
  },
  UPDATE_DOCS: {
    value: '1',
    effect: 'The test of the documentation writes what the commands in it print. Read the diff.',
    example: 'UPDATE_DOCS=1 npm run t -- test/docs/examples.test.ts',
  },
  HALLMARK_FUZZ_SEED: {
    value: 'a number',
    effect:
      'Every property, and the fuzz test of the XenStore server, takes its inputs from this seed. A failure names its seed.',
    example: 'HALLMARK_FUZZ_SEED=1234 npm run t -- test/pipeline/rehearse/xenstore/fuzz.test.ts',
  },
  HALLMARK_KILLS: {
    value: 'a number; 40 unless set',
    effect: 'How many times the end-to-end test kills each command.',
    example: 'HALLMARK_KILLS=400 npm run test:e2e -- cli',
  },
  HALLMARK_E2E_ROOTS: {
    value: 'a folder; `~/.cache/hallmark-roots` unless set',
    effect: 'Where the root file systems of the end-to-end tests are kept between runs.',
    example: 'HALLMARK_E2E_ROOTS=/var/tmp/roots npm run test:e2e',
  },
  HALLMARK_E2E_LANES: {
    value: 'a number; 3 unless set',
    effect: 'How many end-to-end files run at a time.',
    example: 'HALLMARK_E2E_LANES=1 npm run test:e2e',
  },
  BENCH_RUNS: {
    value: 'a number; 9 unless set',
    effect: 'How many times the benchmark runs each command.',
    example: 'BENCH_RUNS=3 npm run bench',
  },
} as const;

/** The name of a variable that changes what a test does. */
export type Switch = keyof typeof table;

/** The names of all of them. */
export const switches = Object.keys(table) as Switch[];

/** @returns what the variable is set to; undefined when it is not set, or empty */
export function setting(name: Switch): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** @returns whether the variable is set to anything but nothing and 0 */
export const isOn = (name: Switch): boolean => (setting(name) ?? '0') !== '0';

/**
 * @returns the variable as a number, `otherwise` when it is not set
 * @throws {Error} when it is set to something else
 */
export function numberOf(name: Switch, otherwise: number): number {
  const value = Number(setting(name) ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} must be a whole number.`);
  return value;
}

/** The page docs/switches.md. */
export function switchesPage(): string {
  const rows = Object.entries(table).map(
    ([name, { value, effect, example }]) => `| \`${name}\` | ${value} | ${effect} | \`${example}\` |`,
  );
  return [
    '# Switches of the tests',
    '',
    'Environment variables change what the tests do. `test/support/switches.ts` reads them; this page is made of it.',
    '',
    '| variable | value | effect | example |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
