import type { Root } from '../root.js';
import { rowsOf } from '../row.js';
import { broken, configuration, works } from './cloud-init-drafts.js';

/** What the source server's cloud-init has left. */
const leftInstance = (root: Root): Root =>
  root
    .put('/var/lib/cloud/instances/i-source/datasource', 'DataSourceConfigDrive: DataSourceConfigDrive\n')
    .put('/var/lib/cloud/data/instance-id', 'i-source\n')
    .link('/var/lib/cloud/instance', '/var/lib/cloud/instances/i-source');

const seedOf = (folder: string) => (root: Root) =>
  root.put(
    `${folder}/openstack/latest/meta_data.json`,
    '{"uuid": "11111111-2222-4333-8444-555555555555", "hostname": "source-server", "name": "source-server"}\n',
  );

const installed = ['cloud-init-installed', 'cloud-init-enabled'];
const datasource = ['cloud-init-data', 'cloud-init-datasource', 'cloud-init-enabled'];

/** On whose data cloud-init works. */
export const cloudInitData = rowsOf('cloud-init-data', [
  broken(
    'manual-cache-clean',
    ['debian12-ci', 'debian13-ci'],
    'manual_cache_clean, and the instance of the source server',
    (root) => {
      configuration('manual_cache_clean: true\n')(root);
      // The cache is what cloud-init itself has pickled: the row makes it with the guest's own.
      leftInstance(root).run('python3', '-c', pickle);
    },
    datasource,
    /manual_cache_clean/,
  ),
  works(
    'manual-cache-clean-alone',
    'debian12-ci',
    'manual_cache_clean, and no instance',
    configuration('manual_cache_clean: true\n'),
    datasource,
    datasource,
  ),
  works(
    'instance-left',
    ['debian11-ci', 'debian12-ci', 'debian13-ci'],
    'the instance of the source server is left',
    leftInstance,
    datasource,
    datasource,
  ),
  broken(
    'instance-a-folder',
    ['debian12-ci', 'debian13-ci'],
    '/var/lib/cloud/instance is a folder that is not empty',
    (root) => root.put('/var/lib/cloud/instance/boot-finished', 'x\n'),
    [...installed, ...datasource],
    /\/var\/lib\/cloud\/instance/,
  ),
  works(
    'instance-nowhere',
    'debian12-ci',
    '/var/lib/cloud/instance leads nowhere',
    (root) => root.link('/var/lib/cloud/instance', '/var/lib/cloud/instances/i-gone'),
    datasource,
  ),
  broken(
    'seed-left',
    ['debian12-ci', 'debian13-ci'],
    'the seed of a config drive is left, and comes before any drive',
    seedOf('/var/lib/cloud/seed/config_drive'),
    datasource,
    /seed\/config_drive/,
  ),
  works(
    'seed-of-nobody',
    'debian12-ci',
    'the seed of a datasource is left that is not in the list',
    (root) =>
      root
        .put('/var/lib/cloud/seed/nocloud/meta-data', 'instance-id: i-seed\n')
        .put('/var/lib/cloud/seed/nocloud/user-data', ''),
    datasource,
  ),
  works(
    'boot-finished',
    'debian12-ci',
    'logs of an earlier boot are left',
    (root) => root.put('/var/log/cloud-init.log', 'x\n').put('/var/lib/cloud/data/result.json', '{}\n'),
    datasource,
  ),
]);

/** Pickles a datasource of another server, as that server's cloud-init has done. */
const pickle = `
import os, pickle
from cloudinit import distros, helpers, util
from cloudinit.sources import DataSourceNone
paths = helpers.Paths({"cloud_dir": "/var/lib/cloud", "run_dir": "/run/cloud-init"})
distro = distros.fetch("debian")("debian", {}, paths)
source = DataSourceNone.DataSourceNone({}, distro, paths)
source.metadata = {"instance-id": "i-source"}
with open("/var/lib/cloud/instances/i-source/obj.pkl", "wb") as file:
    pickle.dump(source, file)
`;
