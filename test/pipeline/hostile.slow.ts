import { attacks } from '../support/hostile.js';
import { withstands } from '../support/withstands.js';

describe('hostile images, the rest of them', () => {
  withstands(attacks.filter(({ isSlow }) => isSlow === true));
});
