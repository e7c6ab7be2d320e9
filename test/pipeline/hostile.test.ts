import { attacks } from '../support/hostile.js';
import { withstands } from '../support/withstands.js';

describe('hostile images', () => {
  withstands(attacks.filter(({ isSlow }) => isSlow !== true));
});
