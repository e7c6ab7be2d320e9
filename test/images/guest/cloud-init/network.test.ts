import assert from 'node:assert/strict';
import type { Change, GuestPath } from '../../../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import { readConfig } from '../../../../images/guest/cloud-init/config.js';
import { setNetwork } from '../../../../images/guest/cloud-init/changes.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

type Files = Record<string, MemoryNode>;

describe('guest/cloud-init: network', () => {
  const main = '/etc/cloud/cloud.cfg';
  const d = '/etc/cloud/cloud.cfg.d';
  const off: [string, Files, GuestPath, number | undefined][] = [
    ['a flow stanza', { [`${d}/99-x.cfg`]: 'network: {config: disabled}\n' }, `${d}/99-x.cfg`, 1],
    ['a block stanza', { [main]: 'a: 1\nnetwork:\n  config: disabled\n' }, main, 3],
    [
      'a stanza under another with other keys',
      {
        [`${d}/50.cfg`]: '# off\nnetwork: {config: disabled}\n',
        [`${d}/99.cfg`]: 'network: {version: 2, ethernets: {}}\n',
      },
      `${d}/50.cfg`,
      2,
    ],
    ['a nested stanza', { [main]: 'network:\n  network: {config: disabled}\n' }, main, 2],
    [
      'a stanza under a list',
      { [`${d}/5.cfg`]: 'network: {config: disabled}\n', [`${d}/9.cfg`]: 'network: [a]\n' },
      `${d}/5.cfg`,
      1,
    ],
    [
      'a stanza under a word',
      { [`${d}/5.cfg`]: 'network: {config: disabled}\n', [`${d}/9.cfg`]: 'network: a\n' },
      `${d}/5.cfg`,
      1,
    ],
    [
      'two stanzas',
      { [main]: 'network: {config: disabled}\n', [`${d}/9.cfg`]: 'network: {config: disabled}\n' },
      `${d}/9.cfg`,
      1,
    ],
    [
      'the kernel',
      { '/boot/grub/grub.cfg': 'linux /v network-config=disabled ro\n' },
      '/boot/grub/grub.cfg',
      1,
    ],
    [
      'the kernel, in base64',
      { '/boot/grub/grub.cfg': `linux /v network-config=${base64('network: {config: disabled}')} ro\n` },
      '/boot/grub/grub.cfg',
      1,
    ],
    [
      'a stanza, whatever empty thing the kernel has',
      { '/boot/grub/grub.cfg': 'linux /v network-config=e30= ro\n', [main]: 'network: {config: disabled}\n' },
      main,
      1,
    ],
    [
      'an upgrade',
      { '/var/lib/cloud/data/upgraded-network': '' },
      '/var/lib/cloud/data/upgraded-network',
      undefined,
    ],
  ];
  for (const [name, files, path, line] of off) {
    it(`is off by ${name}, and can be turned on`, async () => {
      const image = memoryImage({ [main]: 'a: 1 # kept\n', ...files });
      assert.deepEqual((await readConfig(image)).network, {
        enabled: false,
        evidence: line === undefined ? { path } : { path, line },
      });
      const after = await overlay(image, await setNetwork(image, 'enabled'));
      assert.equal((await readConfig(after)).network.enabled, true);
      assert.deepEqual(await setNetwork(after, 'enabled'), []);
    });
  }

  const on: [string, Files][] = [
    ['by default', { [main]: 'a: 1\n' }],
    [
      'with a configuration of its own',
      { [`${d}/50.cfg`]: 'network: {config: disabled}\n', [`${d}/60.cfg`]: 'network: {config: []}\n' },
    ],
    [
      'when something that is no mapping hides the stanza',
      { [main]: 'network: {config: disabled}\n', [`${d}/1.cfg`]: 'network:\n' },
    ],
    ['when the stanza is in no valid YAML', { [`${d}/1.cfg`]: 'network: {config: disabled\na: b: c\n' }],
    ['with a late name', { [`${d}/zzz.cfg`]: 'network: {version: 1, config: []}\n' }],
    [
      'from the kernel',
      {
        '/boot/grub/grub.cfg': `linux /v network-config=${base64('{version: 1, config: []}')} ro\n`,
        [main]: 'network: {config: disabled}\n',
      },
    ],
  ];
  for (const [name, files] of on) {
    it(`is on ${name}, and can be turned off`, async () => {
      const image = memoryImage({ [main]: '', ...files });
      assert.equal((await readConfig(image)).network.enabled, true);
      const changes: Change[] = await setNetwork(image, 'disabled');
      const after = await overlay(image, changes);
      assert.equal((await readConfig(after)).network.enabled, false);
      assert.deepEqual(await setNetwork(after, 'disabled'), []);
    });
  }

  it('keeps comments of a file that turned it off', async () => {
    const path = `${d}/99-disable-network-config.cfg`;
    const image = memoryImage({
      [path]: '# by the image team\nnetwork: {config: disabled}\nusers: [] # none\n',
    });
    const after = await overlay(image, await setNetwork(image, 'enabled'));
    assert.equal(await after.readText(path as GuestPath), '# by the image team\nusers: [] # none\n');
  });

  it('will not tear a stanza out of an alias', async () => {
    const image = memoryImage({ [main]: 'x: &n {config: disabled, a: 1}\nnetwork: {<<: *n, b: 1}\n' });
    await assert.rejects(setNetwork(image, 'enabled'), /cannot be taken out by itself/);
  });
});
