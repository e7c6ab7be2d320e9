import fc from 'fast-check';
import { setting } from './switches.js';

/**
 * Loaded before the tests: HALLMARK_FUZZ_SEED gives every property the numbers of one seed, so that a run can be
 * repeated. A property that fails prints the seed that it had.
 */
const seed = setting('HALLMARK_FUZZ_SEED');
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
