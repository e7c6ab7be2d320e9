import assert from 'node:assert/strict';
import fc from 'fast-check';
import { factsOf } from '../../../../images/guest/fact.js';
import { networkLeftovers, withoutLeftovers } from '../../../../images/guest/cloud-init/leftovers.js';
import type { Image } from '../../../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import { assertDeclared } from '../../../support/declared.js';

const program = { content: '#!/bin/sh\n', mode: 0o755 };
const main = '/etc/network/interfaces';
const readers: Record<string, MemoryNode> = { '/sbin/ifup': program, '/usr/sbin/netplan': program };

async function left(image: Image): Promise<string[]> {
  const found = await factsOf(image)(networkLeftovers);
  return found.map(({ path, line, device, gives }) => `${path}:${line ?? ''} ${device} ${gives}`);
}

async function imageOf(files: Record<string, MemoryNode>): Promise<Image> {
  const image = memoryImage({ ...readers, ...files });
  await assertDeclared(networkLeftovers.inputs, image, (watched) => factsOf(watched)(networkLeftovers));
  return image;
}

describe('guest/network-leftovers', () => {
  it('finds the stanzas of network cards, and takes nothing else', async () => {
    const text = [
      'auto lo eth0',
      'iface lo inet loopback',
      'iface eth0 inet static',
      '    address 10.0.0.5',
      '    gateway 10.0.0.1',
      'allow-hotplug ens3',
      'iface ens3 inet dhcp',
      'iface eth0:1 inet static',
      '    address 10.0.0.6',
      'iface eth1 inet manual',
      'auto tun0 br0 eth0.100',
      'iface tun0 inet static',
      '    address 10.8.0.1',
      'iface br0 inet static',
      'iface eth0.100 inet static',
      '    address 10.9.0.1',
      '',
    ].join('\n');
    const image = await imageOf({ [main]: text });
    assert.deepEqual(await left(image), [
      `${main}:3 eth0 address`,
      `${main}:7 ens3 dhcp`,
      `${main}:8 eth0:1 address`,
    ]);
    const after = await overlay(image, await withoutLeftovers(image));
    assert.deepEqual(await left(after), []);
    assert.deepEqual(await withoutLeftovers(after), []);
    const live = ((await after.readText(main)) ?? '').split('\n').filter((line) => !line.startsWith('#'));
    assert.deepEqual(live, ['auto lo', 'iface lo inet loopback', ...text.split('\n').slice(9)]);
  });

  it('finds them in files that are taken in, but for cloud-init’s own', async () => {
    const stanza = 'iface eth0 inet static\n address 10.0.0.5\n';
    const image = await imageOf({
      [main]: 'source /etc/network/interfaces.d/*\n',
      '/etc/network/interfaces.d/eth0': stanza,
      '/etc/network/interfaces.d/50-cloud-init': stanza,
    });
    assert.deepEqual(await left(image), ['/etc/network/interfaces.d/eth0:1 eth0 address']);
    const unread = await imageOf({ [main]: 'auto lo\n', '/etc/network/interfaces.d/eth0': stanza });
    assert.deepEqual(await left(unread), []);
  });

  it('finds none where nothing reads them', async () => {
    const files = {
      [main]: 'iface eth0 inet static\n',
      '/etc/netplan/rackspace-cloud.yaml': 'network: {ethernets: {eth0: {addresses: [10.0.0.5/24]}}}\n',
    };
    assert.deepEqual(await left(memoryImage(files)), []);
    assert.deepEqual(await withoutLeftovers(memoryImage(files)), []);
  });

  it('takes netplan’s files away, or the network cards out of them', async () => {
    const cards = '  ethernets:\n    eth0:\n      addresses: [10.0.0.5/24]\n      gateway4: 10.0.0.1\n';
    const image = await imageOf({
      '/etc/netplan/50-cloud-init.yaml': `network:\n${cards}`,
      '/etc/netplan/rackspace-cloud.yaml': `network:\n  version: 2\n  renderer: networkd\n${cards}`,
      '/etc/netplan/60-bridge.yaml': `network:\n  version: 2\n${cards}  bridges:\n    br0: {dhcp4: true}\n`,
      '/etc/netplan/70-manager.yaml': 'network:\n  version: 2\n  renderer: NetworkManager\n',
      '/etc/netplan/80-dhcp.yaml':
        'network:\n  ethernets:\n    ens3: {dhcp4: yes}\n    ens4: {optional: true}\n',
      '/etc/netplan/90-broken.yaml': 'network: {\n',
    });
    assert.deepEqual(await left(image), [
      '/etc/netplan/60-bridge.yaml:4 eth0 address',
      '/etc/netplan/80-dhcp.yaml:3 ens3 dhcp',
      '/etc/netplan/rackspace-cloud.yaml:5 eth0 address',
    ]);
    const after = await overlay(image, await withoutLeftovers(image));
    assert.deepEqual(await left(after), []);
    assert.deepEqual(
      (await after.readDir('/etc/netplan'))?.map(({ name }) => name),
      ['50-cloud-init.yaml', '60-bridge.yaml', '70-manager.yaml', '90-broken.yaml'],
    );
    assert.equal(
      await after.readText('/etc/netplan/60-bridge.yaml'),
      'network:\n  version: 2\n  bridges:\n    br0: {dhcp4: true}\n',
    );
  });

  it('refuses what it cannot take out without harm', async () => {
    const shared = 'a: &a\n  eth0: {addresses: [10.0.0.5/24]}\nnetwork:\n  ethernets: *a\n  x: *a\n';
    const image = await imageOf({ '/etc/netplan/1.yaml': shared });
    const changes = await withoutLeftovers(image).catch((error: unknown) => error as Error);
    if (changes instanceof Error) assert.match(changes.message, /cannot be taken out alone/);
    else assert.deepEqual(await left(await overlay(image, changes)), []);
  });

  it('never throws, and leaves nothing of them, whatever netplan’s file is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (cards) => {
        const text = JSON.stringify({ network: { version: 2, ethernets: cards } });
        const image = memoryImage({ ...readers, '/etc/netplan/1.yaml': text });
        assert.deepEqual(await left(await overlay(image, await withoutLeftovers(image))), []);
      }),
      { numRuns: 50 },
    );
  });
});
