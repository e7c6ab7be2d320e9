import { killDrill } from '../../support/kill-drill.js';

describe('a run killed at any step', function () {
  this.timeout(1_200_000); // some 400 processes: on a busy machine that takes its time
  killDrill((count) => Array.from({ length: count }, (_, at) => at + 1));
});
