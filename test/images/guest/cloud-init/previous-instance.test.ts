import assert from 'node:assert/strict';
import {
  previousInstance,
  withoutPreviousInstance,
} from '../../../../images/guest/cloud-init/previous-instance.js';
import { services } from '../../../../images/guest/init/services.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import type { Image } from '../../../../images/image/image.js';
import { exampleGuestFiles } from '../../../guests/example-guests.js';
import { assertDeclared } from '../../../support/declared.js';

type Files = Record<string, MemoryNode>;

const cloud = '/var/lib/cloud';
const config = '/etc/cloud/cloud.cfg.d/99-x.cfg';
const instance: Files = {
  [`${cloud}/instance`]: { link: `${cloud}/instances/i-1` },
  [`${cloud}/instances/i-1/obj.pkl`]: 'a pickle',
  [`${cloud}/instances/i-1/datasource`]: 'DataSourceConfigDrive: DataSourceConfigDrive [net,ver=2]\n',
  [`${cloud}/instances/i-1/boot-finished`]: 'x',
  [`${cloud}/instances/i-1/sem/config_ssh`]: '',
  [`${cloud}/data/instance-id`]: 'i-1\n',
};
const metadata = '{"uuid": "i-1"}\n';

async function left(files: Files): Promise<string[]> {
  const image = memoryImage({ ...exampleGuestFiles['cloud-init'], ...files });
  const found = await factsOf(image)(previousInstance);
  await assertDeclared([...previousInstance.inputs, ...services.inputs], image, async (watched) =>
    factsOf(watched)(previousInstance),
  );
  const repaired = await overlay(image, await withoutPreviousInstance(image, found));
  if (!found.some(({ remove }) => remove.startsWith('/etc/'))) assert.deepEqual(await remains(repaired), []);
  return found.map(({ kind, path, line, detail }) => `${kind} ${path}:${line ?? ''} ${detail}`);
}

async function remains(image: Image): Promise<unknown> {
  return factsOf(image)(previousInstance);
}

describe('guest/previous-instance', () => {
  const harmless: [string, Files][] = [
    ['nothing', {}],
    ['a first boot of another server, as every snapshot has it', instance],
    ['manual_cache_clean without a cache', { [config]: 'manual_cache_clean: true\n' }],
    [
      'an empty cache',
      { ...instance, [`${cloud}/instances/i-1/obj.pkl`]: '', [config]: 'manual_cache_clean: true\n' },
    ],
    ['manual_cache_clean that says no', { ...instance, [config]: 'manual_cache_clean: "no"\n' }],
    [
      'a stronger file that says no',
      {
        ...instance,
        [config]: 'manual_cache_clean: true\n',
        '/etc/cloud/cloud.cfg.d/99-y.cfg': 'manual_cache_clean: false\n',
      },
    ],
    [
      'the cache of another Python, which is thrown away',
      {
        ...instance,
        [config]: 'manual_cache_clean: true\n',
        [`${cloud}/data/python-version`]: '3.9',
        '/usr/bin/cloud-init': { content: '#!/usr/bin/python3\n', mode: 0o755 },
        '/usr/bin/python3': { link: 'python3.11' },
        '/usr/bin/python3.11': { content: 'ELF', mode: 0o755 },
      },
    ],
    ['a link that leads nowhere', { [`${cloud}/instance`]: { link: '/nowhere' } }],
    ['an empty seed', { [`${cloud}/seed/config_drive/openstack/x`]: '' }],
    ['an empty place to mount the drive', { '/config-drive/.keep': '' }],
    [
      'a seed of a datasource that is not asked',
      { [`${cloud}/seed/nocloud/meta-data`]: 'instance-id: x\n', [`${cloud}/seed/nocloud/user-data`]: '' },
    ],
    [
      'a seed of a datasource that is asked later',
      {
        [config]: 'datasource_list: [ ConfigDrive, NoCloud ]\n',
        [`${cloud}/seed/nocloud/meta-data`]: 'instance-id: x\n',
        [`${cloud}/seed/nocloud/user-data`]: '',
      },
    ],
  ];
  for (const [name, files] of harmless) {
    it(`finds nothing in ${name}`, async () => {
      assert.deepEqual(await left(files), []);
    });
  }

  const harmful: [string, Files, string[]][] = [
    [
      'a cache that the configuration trusts',
      { ...instance, [config]: 'a: 1\nmanual_cache_clean: yes\n' },
      [`cache ${config}:2 manual_cache_clean`],
    ],
    [
      'a cache that the source server’s own data trusts',
      {
        ...instance,
        [`${cloud}/instances/i-1/cloud-config.txt`]: '#cloud-config\nmanual_cache_clean: true\n',
      },
      [`cache ${cloud}/instance/cloud-config.txt:2 manual_cache_clean`],
    ],
    [
      'a cache that a marker trusts',
      { ...instance, [`${cloud}/instances/i-1/manual-clean`]: '' },
      [`cache ${cloud}/instance/manual-clean: this marker`],
    ],
    [
      'a cache of NoCloud, whose seed still says the same',
      {
        ...instance,
        [`${cloud}/instances/i-1/datasource`]: 'DataSourceNoCloud: DataSourceNoCloud [seed=x]\n',
        [`${cloud}/seed/nocloud/meta-data`]: 'instance-id: i-1\n',
      },
      [`cache ${cloud}/seed/nocloud/meta-data: the instance id in this seed`],
    ],
    [
      'a directory for the link',
      { [`${cloud}/instance/boot-finished`]: 'x' },
      [`crash ${cloud}/instance: a link to the folder of an instance`],
    ],
    [
      'a file for the link',
      { [`${cloud}/instance`]: 'x' },
      [`crash ${cloud}/instance: a link to the folder of an instance`],
    ],
    ['a file for a folder', { [`${cloud}/data`]: 'x' }, [`crash ${cloud}/data: a directory`]],
    ['a file for all of it', { [cloud]: 'x' }, [`crash ${cloud}: a directory`]],
    [
      'a copy of a drive',
      { [`${cloud}/seed/config_drive/openstack/latest/meta_data.json`]: metadata },
      [`seed ${cloud}/seed/config_drive/openstack/latest/meta_data.json: ConfigDrive`],
    ],
    [
      'a drive that was copied to the root',
      { '/config-drive/openstack/2015-10-15/meta_data.json': metadata },
      ['seed /config-drive/openstack/2015-10-15/meta_data.json: ConfigDrive'],
    ],
    [
      'a copy that is torn',
      { [`${cloud}/seed/config_drive/openstack/latest/meta_data.json`]: '{' },
      [`broken-seed ${cloud}/seed/config_drive/openstack/latest/meta_data.json: ConfigDrive`],
    ],
    [
      'a seed of a datasource that is asked before',
      {
        [config]: 'datasource_list: [ NoCloud, ConfigDrive ]\n',
        [`${cloud}/seed/nocloud/meta-data`]: 'instance-id: x\n',
        [`${cloud}/seed/nocloud/user-data`]: '',
      },
      [`seed ${cloud}/seed/nocloud/meta-data: NoCloud`],
    ],
    [
      'data of such a datasource in the configuration',
      {
        [config]:
          'datasource_list: [ NoCloud, ConfigDrive ]\ndatasource:\n  NoCloud:\n    meta-data: {instance-id: x}\n',
      },
      [`seed ${config}:4 NoCloud`],
    ],
    [
      'a cache where the configuration puts it',
      {
        [config]: 'manual_cache_clean: true\nsystem_info: {paths: {cloud_dir: /srv/cloud}}\n',
        '/srv/cloud/instance': { link: 'instances/i' },
        '/srv/cloud/instances/i/obj.pkl': 'x',
      },
      [`cache ${config}:1 manual_cache_clean`],
    ],
  ];
  for (const [name, files, expected] of harmful) {
    it(`finds ${name}, and takes it away`, async () => {
      assert.deepEqual(await left(files), expected);
    });
  }

  it('removes no more than so many entries', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 2100 }, (_, at) => [`${cloud}/instance/sem/${at}`, '']),
    );
    await assert.rejects(left(many), /more than 2000 entries/);
  });
});
