import { takesBackWhatFails } from '../../support/failing-steps.js';
import { rest } from '../../support/share.js';

describe('apply', () => {
  it('takes everything back when any other step fails', async function () {
    this.timeout(600_000);
    await takesBackWhatFails((count) => rest(count, 12));
  });
});
