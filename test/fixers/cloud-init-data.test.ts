import { cloudInitData as check, example } from '../../checks/cloud-init-data.js';
import { cloudInitData } from '../../fixers/cloud-init-data.js';
import { testRepair } from '../support/fixer-tester.js';

describe('fixer cloud-init-data', () => {
  testRepair(cloudInitData, check, example);
});
