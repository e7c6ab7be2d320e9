import assert from 'node:assert/strict';
import { cloudInitDatasource as check, example } from '../../checks/cloud-init-datasource.js';
import { cloudInitDatasource } from '../../fixers/cloud-init-datasource.js';
import { readConfig } from '../../images/guest/cloud-init/config.js';
import { memoryImage } from '../../images/image/memory.js';
import { aCloudInit, noCloudInit } from '../support/facts.js';
import { planFor, testRepair } from '../support/fixer-tester.js';

const directory = '/etc/cloud/cloud.cfg.d';
const files = {
  '/etc/cloud/cloud.cfg': 'users:\n - default\n',
  [`${directory}/90_dpkg.cfg`]: 'datasource_list: [ None, ConfigDrive ]\n',
};
describe('fixer cloud-init-datasource', () => {
  testRepair(cloudInitDatasource, check, example);

  it('puts ConfigDrive in front, in a file that wins, and then has nothing to do', async () => {
    const { after } = await planFor(cloudInitDatasource, memoryImage(files), { cloudInit: aCloudInit() });
    assert.deepEqual((await readConfig(after)).datasources?.list, ['ConfigDrive', 'None']);
    assert.equal(await after.readText(`${directory}/90_dpkg.cfg`), files[`${directory}/90_dpkg.cfg`]);
    assert.deepEqual((await planFor(cloudInitDatasource, after, { cloudInit: aCloudInit() })).changes, []);
  });

  it('does nothing where cloud-init is not installed', async () => {
    assert.deepEqual(
      (await planFor(cloudInitDatasource, memoryImage(files), { cloudInit: noCloudInit })).changes,
      [],
    );
  });
});
