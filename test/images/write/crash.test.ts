import { killDrill } from '../../support/kill-drill.js';
import { share } from '../../support/share.js';

describe('a run killed at some steps', function () {
  this.timeout(300_000); // 25 processes: on a busy machine that takes its time
  killDrill((count) => share(count, 6));
});
