import type { Root } from '../root.js';
import { type Draft, rowsOf } from '../row.js';

const all = ['debian11-ci', 'debian12-ci', 'debian13-ci'] as const;
const program = '/usr/bin/cloud-init';
const package_ = '/usr/lib/python3/dist-packages/cloudinit';
const list = (root: Root, value: string): Root =>
  root.put('/etc/cloud/cloud.cfg.d/90_dpkg.cfg', `datasource_list: ${value}\n`);
const configuration = (text: string | Buffer) => (root: Root) =>
  root.put('/etc/cloud/cloud.cfg.d/99-local.cfg', text);

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

const broken = (
  id: string,
  on: Draft['on'],
  what: string,
  put: (root: Root) => unknown,
  speaks: Draft['speaks'] & {},
  says?: RegExp,
): Draft => ({
  id,
  on,
  what,
  put: (root) => {
    put(root);
  },
  is: 'broken',
  speaks,
  ...(says ? { says } : {}),
});

const works = (
  id: string,
  on: Draft['on'],
  what: string,
  put: (root: Root) => unknown,
  guards: Draft['guards'] & {},
  may?: Draft['may'] & {},
): Draft => ({
  id,
  on,
  what,
  put: (root) => {
    put(root);
  },
  is: 'works',
  guards,
  ...(may === undefined ? {} : { may }),
});

const enabled = 'cloud-init-enabled';
const installed = ['cloud-init-installed', 'cloud-init-enabled'];
const datasource = ['cloud-init-data', 'cloud-init-datasource', 'cloud-init-enabled'];

export const cloudInit = rowsOf('cloud-init', [
  broken('program-gone', all, 'the program cloud-init is gone', (root) => root.take(program), installed),
  broken(
    'program-elsewhere',
    'debian12-ci',
    'the program is in /usr/local/bin, and the units start /usr/bin/cloud-init',
    (root) => root.run('mv', program, '/usr/local/bin/cloud-init'),
    installed,
    /\/usr\/bin\/cloud-init/,
  ),
  broken(
    'program-not-executable',
    'debian12-ci',
    'the program may not be executed',
    (root) => root.mode(program, 0o644),
    installed,
  ),
  broken(
    'interpreter-gone',
    ['debian12-ci', 'debian13-ci'],
    'the first line of the program names a Python that is gone',
    (root) => root.edit(program, /^#!.*/, '#!/usr/bin/python3.4'),
    installed,
    /python3\.4/,
  ),
  broken(
    'modules-gone',
    ['debian11-ci', 'debian12-ci'],
    'the modules of cloud-init are gone',
    (root) => root.take(package_),
    installed,
    /cloudinit/,
  ),
  broken(
    'yaml-gone',
    'debian12-ci',
    'the module yaml, which cloud-init needs, is gone',
    (root) => root.take('/usr/lib/python3/dist-packages/yaml'),
    installed,
    /yaml/,
  ),
  broken(
    'disabled-by-file',
    all,
    '/etc/cloud/cloud-init.disabled is there',
    (root) => root.put('/etc/cloud/cloud-init.disabled', ''),
    enabled,
    /cloud-init\.disabled/,
  ),
  works(
    'disabled-by-folder',
    ['debian12-ci', 'debian13-ci'],
    '/etc/cloud/cloud-init.disabled is a folder',
    (root) => root.folder('/etc/cloud/cloud-init.disabled'),
    enabled,
  ),
  broken(
    'local-masked',
    'debian12-ci',
    'cloud-init-local.service is masked',
    (root) => root.mask('cloud-init-local.service'),
    enabled,
    /cloud-init-local/,
  ),
  broken(
    'network-masked',
    'debian11-ci',
    'cloud-init.service is masked',
    (root) => root.mask('cloud-init.service'),
    enabled,
    /cloud-init\.service/,
  ),
  broken(
    'final-masked',
    'debian12-ci',
    'cloud-final.service is masked',
    (root) => root.mask('cloud-final.service'),
    enabled,
    /cloud-final/,
  ),
  broken(
    'main-masked',
    'debian13-ci',
    'cloud-init-main.service, which does the work of all stages, is masked',
    (root) => root.mask('cloud-init-main.service'),
    enabled,
    /cloud-init-main/,
  ),
  broken(
    'stages-unlinked',
    ['debian12-ci', 'debian13-ci'],
    'nothing wants the stages',
    (root) => root.take('/etc/systemd/system/cloud-init.target.wants'),
    enabled,
  ),
  broken(
    'ds-identify-gone',
    'debian12-ci',
    'ds-identify is gone',
    (root) => root.take('/usr/lib/cloud-init/ds-identify'),
    enabled,
    /ds-identify/,
  ),
  broken(
    'list-of-others',
    all,
    'datasource_list is [ NoCloud, None ]',
    (root) => list(root, '[ NoCloud, None ]'),
    'cloud-init-datasource',
  ),
  works(
    'list-of-one',
    'debian12-ci',
    'datasource_list is [ ConfigDrive ]',
    (root) => list(root, '[ ConfigDrive ]'),
    'cloud-init-datasource',
  ),
  works(
    'list-empty',
    'debian12-ci',
    'datasource_list is empty',
    (root) => list(root, '[]'),
    'cloud-init-datasource',
    'cloud-init-datasource',
  ),
  works(
    'list-a-string',
    'debian12-ci',
    'datasource_list is a string',
    (root) => list(root, 'ConfigDrive'),
    'cloud-init-datasource',
    'cloud-init-datasource',
  ),
  works(
    'list-none-first',
    'debian12-ci',
    'datasource_list is [ None, ConfigDrive ]',
    (root) => list(root, '[ None, ConfigDrive ]'),
    'cloud-init-datasource',
    'cloud-init-datasource',
  ),
  works(
    'list-gone',
    ['debian12-ci', 'debian13-ci'],
    'there is no datasource_list',
    (root) => root.take('/etc/cloud/cloud.cfg.d/90_dpkg.cfg'),
    'cloud-init-datasource',
    'cloud-init-datasource',
  ),
  broken(
    'latin1',
    ['debian11-ci', 'debian12-ci', 'debian13-ci'],
    'a .cfg is not UTF-8',
    configuration(Buffer.from('# caf\xe9\nssh_pwauth: false\n', 'latin1')),
    installed,
    /99-local\.cfg/,
  ),
  broken(
    'utf16',
    'debian12-ci',
    'a .cfg is UTF-16',
    configuration(Buffer.from('\ufeffssh_pwauth: false\n', 'utf16le')),
    installed,
    /99-local\.cfg/,
  ),
  broken(
    'apple-double',
    ['debian12-ci', 'debian13-ci'],
    'a Mac has left ._99-local.cfg',
    (root) =>
      root.put(
        '/etc/cloud/cloud.cfg.d/._99-local.cfg',
        Buffer.from([0, 5, 22, 7, 0, 2, 0, 0, 0x4d, 0xac, 0x4f, 0x53, 0x20, 0x58]),
      ),
    installed,
    /\._99-local\.cfg/,
  ),
  works(
    'latin1-of-nobody',
    'debian12-ci',
    'a file that is not UTF-8 does not end in .cfg',
    (root) => root.put('/etc/cloud/cloud.cfg.d/99-local.cfg.bak', Buffer.from('# caf\xe9\n', 'latin1')),
    installed,
  ),
  works(
    'utf8',
    'debian12-ci',
    'a .cfg has letters beyond ASCII in UTF-8',
    configuration('# café\nssh_pwauth: false\n'),
    installed,
  ),
  works(
    'no-yaml',
    ['debian12-ci', 'debian13-ci'],
    'a .cfg is not YAML, and cloud-init passes over it',
    configuration('ssh_pwauth: [false\n'),
    installed,
    [...installed, 'cloud-init-datasource'],
  ),
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
  broken(
    'network-disabled',
    all,
    'the configuration turns the network off',
    configuration('network: {config: disabled}\n'),
    ['cloud-init-network', 'network-owner'],
  ),
  works(
    'network-own-words',
    'debian12-ci',
    'a comment turns the network off',
    configuration('# network: {config: disabled}\n'),
    ['cloud-init-network', 'network-owner'],
  ),
  broken(
    'host-name-kept',
    ['debian12-ci', 'debian13-ci'],
    'preserve_hostname is true',
    configuration('preserve_hostname: true\n'),
    ['cloud-init-network', 'cloud-init-enabled', 'cloud-init-installed'],
  ),
  {
    ...broken(
      'disabled-prepared',
      ['debian12-ci', 'debian13-ci'],
      '/etc/cloud/cloud-init.disabled is there, and prepare is run',
      (root) => root.put('/etc/cloud/cloud-init.disabled', ''),
      enabled,
    ),
    prepared: true,
    is: 'works',
  },
  {
    ...broken(
      'list-prepared',
      'debian12-ci',
      'datasource_list is [ NoCloud, None ], and prepare is run',
      (root) => list(root, '[ NoCloud, None ]'),
      enabled,
    ),
    prepared: true,
    is: 'works',
  },
  {
    ...broken(
      'target-masked-prepared',
      'debian12-ci',
      'cloud-init.target is masked, and prepare is run',
      (root) => root.mask('cloud-init.target'),
      enabled,
    ),
    prepared: true,
    is: 'works',
  },
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
