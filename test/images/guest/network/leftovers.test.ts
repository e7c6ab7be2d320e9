import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { factsOf } from '../../../../images/guest/fact.js';
import { networkLeftovers, withoutLeftovers } from '../../../../images/guest/network/leftovers.js';
import { cloudInit } from '../../../../images/guest/cloud-init/cloud-init.js';
import { cloudInitNetwork } from '../../../../images/guest/cloud-init/network.js';
import { services } from '../../../../images/guest/init/services.js';
import { os } from '../../../../images/guest/os.js';
import { exampleGuestFiles } from '../../../guests/example-guests.js';
import type { Image } from '../../../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import { assertDeclared } from '../../../support/declared.js';

const program = { content: '#!/bin/sh\n', mode: 0o755 };
const main = '/etc/network/interfaces';
const base = exampleGuestFiles['cloud-init'];
const readers: Record<string, MemoryNode> = { ...base, '/usr/sbin/netplan': program };

async function left(image: Image): Promise<string[]> {
  const found = await factsOf(image)(networkLeftovers);
  return found
    .filter(({ owners }) => owners.includes('cloud-init'))
    .map(({ path, line, device, gives }) => `${path}:${line ?? ''} ${device} ${gives}`);
}

async function imageOf(files: Record<string, MemoryNode>): Promise<Image> {
  return imageOnly({ ...readers, ...files });
}

async function imageOnly(files: Record<string, MemoryNode>): Promise<Image> {
  const image = memoryImage(files);
  const inputs = [networkLeftovers, services, cloudInitNetwork, cloudInit, os].flatMap((fact) => fact.inputs);
  await assertDeclared(inputs, image, (watched) => factsOf(watched)(networkLeftovers));
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
    const after = await overlay(image, await withoutLeftovers(image, 'cloud-init'));
    assert.deepEqual(await left(after), []);
    assert.deepEqual(await withoutLeftovers(after, 'cloud-init'), []);
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
    const unread = memoryImage({
      ...Object.fromEntries(Object.entries(base).filter(([path]) => !path.startsWith('/sbin/if'))),
      ...files,
    });
    assert.deepEqual(await left(unread), []);
    assert.deepEqual(await withoutLeftovers(unread, 'cloud-init'), []);
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
    const after = await overlay(image, await withoutLeftovers(image, 'cloud-init'));
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

  it('reads the folder of packages as well, but for what /etc hides', async () => {
    const cards = 'network: {ethernets: {eth0: {addresses: [10.0.0.5/24]}}}\n';
    for (const folder of ['/lib/netplan', '/usr/lib/netplan']) {
      const image = await imageOf({
        ...(folder.startsWith('/usr') ? { '/lib/netplan': { link: '../usr/lib/netplan' } } : {}),
        [`${folder}/50-cloud-init.yaml`]: cards,
        [`${folder}/60-old.yaml`]: cards,
        [`${folder}/70-hidden.yaml`]: cards,
        [`${folder}/80-manager.yaml`]: 'network: {version: 2, renderer: NetworkManager}\n',
        [`${folder}/90-bridge.yaml`]: `network:\n  ethernets:\n    eth1: {dhcp4: true}\n  bridges:\n    br0: {}\n`,
        '/etc/netplan/70-hidden.yaml': '',
        '/etc/netplan/90-both.yaml': cards,
        [`${folder}/90-both.yaml`]: cards,
      });
      assert.deepEqual(await left(image), [
        '/etc/netplan/90-both.yaml:1 eth0 address',
        '/lib/netplan/60-old.yaml:1 eth0 address',
        '/lib/netplan/90-bridge.yaml:3 eth1 dhcp',
      ]);
      const after = await overlay(image, await withoutLeftovers(image, 'cloud-init'));
      assert.deepEqual(await left(after), []);
      assert.equal(await after.readText('/etc/netplan/60-old.yaml'), '');
      assert.equal(
        await after.readText('/etc/netplan/90-bridge.yaml'),
        'network:\n  bridges:\n    br0: {}\n',
      );
    }
  });

  it('refuses what it cannot take out without harm', async () => {
    const shared = 'a: &a\n  eth0: {addresses: [10.0.0.5/24]}\nnetwork:\n  ethernets: *a\n  x: *a\n';
    const image = await imageOf({ '/etc/netplan/1.yaml': shared });
    const changes = await withoutLeftovers(image, 'cloud-init').catch((error: unknown) => error as Error);
    if (changes instanceof Error) assert.match(changes.message, /cannot be taken out alone/);
    else assert.deepEqual(await left(await overlay(image, changes)), []);
  });

  it('never throws, and leaves nothing of them, whatever netplan’s file is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (cards) => {
        const text = JSON.stringify({ network: { version: 2, ethernets: cards } });
        const image = memoryImage({ ...readers, '/etc/netplan/1.yaml': text });
        assert.deepEqual(await left(await overlay(image, await withoutLeftovers(image, 'cloud-init'))), []);
      }),
      { numRuns: 50 },
    );
  });

  type Files = Record<string, MemoryNode>;
  const enabled = (name: string): Files => ({
    [`/lib/systemd/system/${name}.service`]: `[Service]\nExecStart=/usr/sbin/${name}\n[Install]\nWantedBy=multi-user.target\n`,
    [`/etc/systemd/system/multi-user.target.wants/${name}.service`]: {
      link: `/lib/systemd/system/${name}.service`,
    },
  });
  const withoutIfupdown = Object.fromEntries(
    Object.entries(base).filter(([path]) => !path.startsWith('/sbin/if')),
  );
  const modules = '/usr/lib/python3/dist-packages/cloudinit/net';
  const cloud: Files = Object.fromEntries(
    ['__init__', 'eni', 'sysconfig', 'netplan', 'network_manager', 'networkd'].map((name) => [
      `${modules}/${name}.py`,
      '',
    ]),
  );
  const init = { '/usr/lib/python3/dist-packages/cloudinit/__init__.py': '' };
  const manager: Files = {
    ...withoutIfupdown,
    ...cloud,
    ...init,
    ...enabled('NetworkManager'),
    '/usr/bin/nmcli': program,
  };
  const daemon: Files = {
    ...withoutIfupdown,
    ...cloud,
    ...init,
    ...enabled('systemd-networkd'),
    '/usr/sbin/ip': program,
    '/bin/systemctl': program,
  };
  const redhat: Files = {
    ...manager,
    '/etc/os-release': 'ID=centos\nVERSION_ID="7"\nNAME="CentOS Linux"\nID_LIKE="rhel fedora"\n',
    '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)\n',
    '/sbin/ifup': program,
    '/sbin/ifdown': program,
    '/etc/sysconfig/network-scripts/network-functions': '',
    ...enabled('network'),
  };

  const folder = '/etc/NetworkManager/system-connections';
  const profile = (...lines: string[]): string =>
    ['[connection]', 'id=x', 'type=ethernet', ...lines, ''].join('\n');
  const fixed = ['[ipv4]', 'method=manual', 'address1=192.0.2.10/24,192.0.2.1'];
  const networkFile = (match: string, network = 'Address=192.0.2.10/24'): string =>
    `[Match]\n${match}\n[Network]\n${network}\n`;

  const tables: [string, Files, string, string, string[]][] = [
    // NetworkManager's profiles.
    ['a profile', manager, `${folder}/a`, profile('interface-name=eth0', ...fixed), [':7 eth0 address']],
    ['one of any card', manager, `${folder}/a`, profile(...fixed), [':6 every card address']],
    [
      'one by a pattern',
      manager,
      `${folder}/a`,
      profile('[match]', 'interface-name=e*;', ...fixed),
      [':8 e*; address'],
    ],
    ['one that asks', manager, `${folder}/a`, profile('[ipv4]', 'method=auto'), [':5 every card dhcp']],
    [
      'one by the old name of the type',
      manager,
      `${folder}/a`,
      '[connection]\ntype=802-3-ethernet\n[ipv4]\naddresses=192.0.2.1/24\n',
      [':4 every card address'],
    ],
    [
      'one of a package',
      manager,
      '/usr/lib/NetworkManager/system-connections/a',
      profile(...fixed),
      [':6 every card address'],
    ],
    ['one that does not connect', manager, `${folder}/a`, profile('autoconnect=false', ...fixed), []],
    [
      'one of another card',
      manager,
      `${folder}/a`,
      profile(...fixed, '[ethernet]', 'mac-address=00:16:3e:00:00:01'),
      [],
    ],
    [
      'one of a bridge’s port',
      manager,
      `${folder}/a`,
      profile('master=br0', 'slave-type=bridge', ...fixed),
      [],
    ],
    [
      'one of a bridge',
      manager,
      `${folder}/a`,
      '[connection]\ntype=bridge\ninterface-name=br0\n[ipv4]\naddress1=192.0.2.1/24\n',
      [],
    ],
    ['one of docker0', manager, `${folder}/a`, profile('interface-name=docker0', ...fixed), []],
    ['cloud-init’s own', manager, `${folder}/cloud-init-eth0.nmconnection`, profile(...fixed), []],
    ['a copy of an editor', manager, `${folder}/a~`, profile(...fixed), []],
    [
      'one that NetworkManager may not use',
      {
        ...manager,
        '/etc/NetworkManager/conf.d/x.conf':
          '[keyfile]\nunmanaged-devices=interface-name:eth*;except:interface-name:eth9\n',
      },
      `${folder}/a`,
      profile('interface-name=eth0', ...fixed),
      [],
    ],
    [
      'one that cloud-init’s own wins over',
      { ...manager, [`${modules}/network_manager.py`]: '            "autoconnect-priority": "120",\n' },
      `${folder}/a`,
      profile(...fixed),
      [],
    ],
    [
      'one with as much priority',
      { ...manager, [`${modules}/network_manager.py`]: '            "autoconnect-priority": "120",\n' },
      `${folder}/a`,
      profile('autoconnect-priority=120', ...fixed),
      [':7 every card address'],
    ],
    [
      'one where ifupdown configures the cards',
      { ...base, ...enabled('NetworkManager'), '/usr/bin/nmcli': program },
      `${folder}/a`,
      profile(...fixed),
      [],
    ],
    [
      'one where NetworkManager does not run',
      { ...manager, ...{ '/etc/systemd/system/multi-user.target.wants/NetworkManager.service': '' } },
      `${folder}/a`,
      profile(...fixed),
      [],
    ],
    // systemd-networkd's files.
    [
      'a file that comes first',
      daemon,
      '/etc/systemd/network/00-a.network',
      networkFile('Name=en* eth*'),
      [':4 en* eth* address'],
    ],
    [
      'one of a package',
      daemon,
      '/usr/lib/systemd/network/00-a.network',
      networkFile('Type=ether'),
      [':4 every card address'],
    ],
    [
      'one that asks',
      daemon,
      '/etc/systemd/network/05-a.network',
      networkFile('Name=e*', 'DHCP=ipv4'),
      [':4 e* dhcp'],
    ],
    [
      'one that gives nothing',
      daemon,
      '/etc/systemd/network/05-a.network',
      networkFile('Name=e*', 'LLDP=yes'),
      [': e* none'],
    ],
    [
      'one with a section of routes',
      daemon,
      '/etc/systemd/network/05-a.network',
      '[Match]\nName=eth0\n[Route]\nGateway=192.0.2.1\n',
      [':4 eth0 address'],
    ],
    ['one that comes later', daemon, '/etc/systemd/network/20-a.network', networkFile('Name=en* eth*'), []],
    [
      'one of another card',
      daemon,
      '/etc/systemd/network/00-a.network',
      networkFile('MACAddress=00:16:3e:00:00:01'),
      [],
    ],
    ['one of a bridge', daemon, '/etc/systemd/network/00-a.network', networkFile('Name=br0 docker*'), []],
    ['one of all but the cards', daemon, '/etc/systemd/network/00-a.network', networkFile('Name=!e*'), []],
    [
      'one of the loopback device',
      daemon,
      '/etc/systemd/network/00-a.network',
      networkFile('Type=loopback'),
      [],
    ],
    [
      'an address beside cloud-init’s own',
      daemon,
      '/etc/systemd/network/10-cloud-init-eth0.network.d/x.conf',
      '[Network]\nAddress=192.0.2.10/24\n',
      [':2 eth0 address'],
    ],
    [
      'one of a package beside it',
      daemon,
      '/usr/lib/systemd/network/10-cloud-init-eth0.network.d/x.conf',
      '[Network]\nDHCP=yes\n',
      [':2 eth0 dhcp'],
    ],
    [
      'an address beside netplan’s',
      { ...daemon, '/usr/sbin/netplan': program },
      '/etc/systemd/network/10-netplan-eth0.network.d/x.conf',
      '[Address]\nAddress=192.0.2.10/24\n',
      [':2 eth0 address'],
    ],
    [
      'one beside netplan’s that nobody writes',
      daemon,
      '/etc/systemd/network/10-netplan-eth0.network.d/x.conf',
      '[Network]\nAddress=192.0.2.10/24\n',
      [],
    ],
    [
      'one that gives nothing',
      daemon,
      '/etc/systemd/network/10-cloud-init-eth0.network.d/x.conf',
      '[Network]\nDNS=192.0.2.1\nDHCP=no\n',
      [],
    ],
    [
      'a file that is no drop-in',
      daemon,
      '/etc/systemd/network/10-cloud-init-eth0.network.d/x.conf.bak',
      '[Network]\nAddress=192.0.2.10/24\n',
      [],
    ],
    ['one that is masked', daemon, '/etc/systemd/network/00-a.network', '', []],
    [
      'cloud-init’s own',
      daemon,
      '/etc/systemd/network/10-cloud-init-eth0.network',
      networkFile('Name=eth0'),
      [],
    ],
    [
      'one beside ifupdown, wherever it sorts',
      { ...base, ...enabled('systemd-networkd') },
      '/etc/systemd/network/99-a.network',
      networkFile('Name=eth0'),
      [':4 eth0 address'],
    ],
    [
      'one where networkd does not run',
      base,
      '/etc/systemd/network/00-a.network',
      networkFile('Name=eth0'),
      [],
    ],
    // ifcfg files.
    [
      'one that cloud-init writes anew',
      redhat,
      '/etc/sysconfig/network-scripts/ifcfg-eth0',
      'DEVICE=eth0\nIPADDR=192.0.2.1\n',
      [],
    ],
    [
      'one of another name',
      redhat,
      '/etc/sysconfig/network-scripts/ifcfg-lan',
      'DEVICE=eth0\nIPADDR=192.0.2.1\n',
      [':2 eth0 address'],
    ],
    [
      'a second address',
      redhat,
      '/etc/sysconfig/network-scripts/ifcfg-eth0:1',
      'DEVICE=eth0:1\nIPADDR=192.0.2.1\n',
      [':2 eth0:1 address'],
    ],
    [
      'one that asks',
      redhat,
      '/etc/sysconfig/network-scripts/ifcfg-lan',
      'DEVICE=eth0\nBOOTPROTO=dhcp\n',
      [':2 eth0 dhcp'],
    ],
    [
      'one that does not start',
      redhat,
      '/etc/sysconfig/network-scripts/ifcfg-lan',
      'DEVICE=eth0\nIPADDR=192.0.2.1\nONBOOT=no\n',
      [],
    ],
    [
      'one of another card',
      redhat,
      '/etc/sysconfig/network-scripts/ifcfg-lan',
      'DEVICE=eth0\nHWADDR=00:16:3e:00:00:01\nIPADDR=192.0.2.1\n',
      [],
    ],
    [
      'one of a bridge',
      redhat,
      '/etc/sysconfig/network-scripts/ifcfg-br0',
      'DEVICE=br0\nIPADDR=192.0.2.1\n',
      [],
    ],
  ];
  for (const [name, files, path, content, expected] of tables) {
    it(`${expected.length > 0 ? 'finds' : 'leaves'} ${path.slice(path.lastIndexOf('/') + 1)}: ${name}`, async () => {
      const image = await imageOnly({ ...files, [path]: content });
      assert.deepEqual(
        await left(image),
        expected.map((words) => `${path}${words}`),
      );
      const after = await overlay(image, await withoutLeftovers(image, 'cloud-init'));
      assert.deepEqual(await left(after), []);
    });
  }

  const d = '/etc/cloud/cloud.cfg.d';
  const curtin = '# by the installer\nnetwork:\n  config:\n  - {type: physical, name: eth0}\n  version: 1\n';
  const word = (content: string | Buffer): Files => ({
    '/boot/grub/grub.cfg': `linux /vmlinuz ro network-config=${Buffer.from(content).toString('base64')}\n`,
  });
  // Tried with cloud-init 22.4 and 25.1: _find_networking_config and read_kernel_cmdline_config.
  const given: [string, Files, string[]][] = [
    ['the installer’s', { [`${d}/50-curtin-networking.cfg`]: curtin }, [`${d}/50-curtin-networking.cfg:2`]],
    [
      'one in two files',
      { [`${d}/1.cfg`]: 'network: {version: 2}\n', [`${d}/2.cfg`]: 'network: {ethernets: {a: {}}}\n' },
      [`${d}/2.cfg:1`, `${d}/1.cfg:1`],
    ],
    ['one without cards', { [`${d}/1.cfg`]: 'network: {version: 2}\n' }, [`${d}/1.cfg:1`]],
    ['one inside another', { [`${d}/1.cfg`]: 'network: {network: {version: 1}}\n' }, [`${d}/1.cfg:1`]],
    ['an empty one', { [`${d}/1.cfg`]: 'network: {}\n', [`${d}/2.cfg`]: 'network: []\n' }, []],
    ['a null that hides one', { [`${d}/1.cfg`]: curtin, [`${d}/2.cfg`]: 'network:\n' }, []],
    ['an empty one inside another', { [`${d}/1.cfg`]: 'network: {network: {}}\n' }, []],
    ['one that is turned off', { [`${d}/1.cfg`]: 'network: {config: disabled, version: 1}\n' }, []],
    ['a setting of renderers', { [`${d}/1.cfg`]: 'system_info: {network: {renderers: [eni]}}\n' }, []],
    ['a file that is not read', { [`${d}/50-curtin-networking.cfg.bak`]: curtin }, []],
    ['one of the kernel', word('version: 2\n'), ['/boot/grub/grub.cfg:1']],
    ['a packed one of the kernel', word(gzipSync('network: {version: 2}')), ['/boot/grub/grub.cfg:1']],
    ['bytes that end the stage', word(Buffer.of(0x8e, 1)), ['/boot/grub/grub.cfg:1']],
    ['an empty one of the kernel', word('{}'), []],
    ['a list of the kernel', word('- a'), []],
    ['one of the kernel that turns it off', word('config: disabled'), []],
    ['a packed one that turns it off', word(gzipSync('network: {config: disabled}')), []],
    ['the plain word', { '/boot/grub/grub.cfg': 'linux /v network-config=disabled\n' }, []],
    ['no base64', { '/boot/grub/grub.cfg': 'linux /v network-config=dmVyc2lvbjogMQ=\n' }, []],
  ];
  for (const [name, files, expected] of given)
    it(`says what cloud-init takes instead of the config drive’s: ${name}`, async () => {
      const image = await imageOnly({ ...base, ...files });
      const words = expected.map((at) => `${at} every card address`);
      assert.deepEqual(await left(image), words);
      const after = await overlay(image, await withoutLeftovers(image, 'cloud-init'));
      assert.deepEqual(await left(after), []);
    });

  it('takes nothing but the network out of cloud-init’s files', async () => {
    const image = memoryImage({ ...base, [`${d}/1.cfg`]: `a: 1 # kept\n${curtin}`, ...word('version: 2') });
    const after = await overlay(image, await withoutLeftovers(image, 'cloud-init'));
    assert.equal(await after.readText(`${d}/1.cfg`), 'a: 1 # kept\n# by the installer\n');
    assert.equal(await after.readText('/boot/grub/grub.cfg'), 'linux /vmlinuz ro\n');
  });

  // A card of Xen: systemd.network(5), [MATCH]; shared/net-condition.c.
  const entry = { '/boot/grub/grub.cfg': 'linux /vmlinuz ro quiet console=hvc0\n' };
  const x86 = { '/lib64/ld-linux-x86-64.so.2': program };
  const matched: [string, 'yes' | 'no' | 'doubt'][] = [
    ['Name=eth*\nVirtualization=xen', 'yes'],
    ['Name=eth*\nVirtualization=vm', 'yes'],
    ['Name=eth*\nVirtualization=yes', 'yes'],
    ['Name=eth*\nVirtualization=!kvm', 'yes'],
    ['Name=eth*\nVirtualization=kvm\nVirtualization=', 'yes'],
    ['Name=eth*\nVirtualization=kvm', 'no'],
    ['Name=eth*\nVirtualization=!xen', 'no'],
    ['Name=eth*\nVirtualization=no', 'no'],
    ['Name=eth*\nVirtualization=container', 'no'],
    ['Driver=vif', 'yes'],
    ['Driver=virtio_net vif', 'yes'],
    ['Driver=!veth bridge', 'yes'],
    ['Driver=xen_netfront', 'no'],
    ['Driver=!vif', 'no'],
    ['Type=ether\nKind=!*', 'yes'],
    ['Type=!loopback', 'yes'],
    ['Type=ether\nType=!ether', 'no'],
    ['Name=eth0\nKind=bridge', 'no'],
    ['Name=!eth0 eth1 enX0 enX1 ens3 enp0s3', 'no'],
    ['Name=!eth0', 'yes'],
    ['Path=xen-vif-*', 'yes'],
    ['Path=pci-0000:00:03.0', 'no'],
    ['Name=e*\nArchitecture=x86-64', 'yes'],
    ['Name=e*\nArchitecture=!arm64', 'yes'],
    ['Name=e*\nArchitecture=arm64', 'no'],
    ['Name=e*\nKernelCommandLine=quiet', 'yes'],
    ['Name=e*\nKernelCommandLine=console', 'yes'],
    ['Name=e*\nKernelCommandLine=!quiet', 'no'],
    ['Name=e*\nKernelCommandLine=single', 'no'],
    ['Name=e*\nKernelVersion=>=5', 'yes'],
    ['Name=e*\nKernelVersion=<5', 'no'],
    ['Name=e*\nHost=old', 'doubt'],
    ['Name=e*\nHost=!old', 'doubt'],
    ['Name=e*\nFirmware=uefi', 'doubt'],
    ['Name=e*\nCredential=x', 'doubt'],
    ['Property=ID_NET_DRIVER=vif', 'doubt'],
    ['Name=e*\nHost=old\nVirtualization=kvm', 'no'],
    ['Name=e*\nPermanentMACAddress=00:16:3e:00:00:01', 'no'],
    ['MACAddress=00:16:3e:00:00:01\nMACAddress=\nName=eth0', 'yes'],
    ['SSID=home', 'no'],
  ];
  for (const [match, expected] of matched)
    it(`knows whether a .network file is for a card of the cloud: ${match.replaceAll('\n', ', ')}`, async () => {
      const files = {
        ...{ ...daemon, ...entry, ...x86 },
        '/etc/systemd/network/05-x.network': networkFile(match),
      };
      const found = await factsOf(memoryImage(files))(networkLeftovers);
      assert.deepEqual(
        found.map(({ doubt }) => (doubt === undefined ? 'yes' : 'doubt')),
        expected === 'no' ? [] : [expected],
      );
    });

  const networkPath = '/etc/systemd/network/05-x.network';
  const additions: [string, Files, string[]][] = [
    [
      'an address',
      { [`${networkPath}.d/a.conf`]: '[Network]\nAddress=192.0.2.10/24\n' },
      [`${networkPath}.d/a.conf:2 e*`],
    ],
    ['that it is for another card', { [`${networkPath}.d/a.conf`]: '[Match]\nName=\nName=wg0\n' }, []],
    [
      'a host',
      {
        [`${networkPath}.d/a.conf`]: '[Match]\nVirtualization=kvm\n[Network]\nAddress=192.0.2.10/24\n',
        [`${networkPath}.d/b.conf`]: '[Match]\nVirtualization=\n',
      },
      [`${networkPath}.d/a.conf:4 e*`],
    ],
    [
      'a host, by a stronger name of a weaker folder',
      {
        [`${networkPath}.d/a.conf`]: '[Network]\nAddress=192.0.2.10/24\n',
        '/usr/lib/systemd/network/05-x.network.d/b.conf': '[Match]\nVirtualization=kvm\n',
      },
      [],
    ],
    [
      'that nobody is asked',
      {
        [networkPath]: networkFile('Name=e*', 'DHCP=yes'),
        [`${networkPath}.d/a.conf`]: '[Network]\nDHCP=no\n',
      },
      [`${networkPath} e*`],
    ],
  ];
  for (const [what, files, expected] of additions)
    it(`adds to a .network file what its folder says: ${what}`, async () => {
      const image = memoryImage({
        ...daemon,
        ...x86,
        [networkPath]: networkFile('Name=e*', 'DNS=192.0.2.1'),
        ...files,
      });
      const found = await factsOf(image)(networkLeftovers);
      assert.deepEqual(
        found.map(({ path, line, device }) => `${path}${line === undefined ? '' : `:${line}`} ${device}`),
        expected,
      );
    });

  it('does not know the architecture and the command line of every image', async () => {
    for (const match of ['Name=e*\nArchitecture=x86-64', 'Name=e*\nKernelCommandLine=!quiet']) {
      const files = { ...daemon, '/etc/systemd/network/05-x.network': networkFile(match) };
      const [found] = await factsOf(memoryImage(files))(networkLeftovers);
      assert.match(found?.doubt ?? '', /only the running server knows/);
    }
  });

  // nm-settings(5), match; nms-keyfile-utils.c, check_file_permissions.
  const root = { mode: 0o600 };
  const judged: [string, MemoryNode, 'yes' | 'no' | RegExp][] = [
    ['of root alone', { content: profile(...fixed), ...root }, 'yes'],
    ['that others may read', { content: profile(...fixed), mode: 0o644 }, /as long as its mode is 0644/],
    ['that its group may read', { content: profile(...fixed), mode: 0o640 }, /mode is 0640/],
    ['of a user', { content: profile(...fixed), mode: 0o600, uid: 1000 }, /owner is not root/],
    ['of all but one', { content: profile('[match]', 'interface-name=!eth0;', ...fixed), ...root }, 'yes'],
    ['of none of them', { content: profile('[match]', 'interface-name=!e*;', ...fixed), ...root }, 'no'],
    ['of some of them', { content: profile('[match]', 'interface-name=e*;!en*;', ...fixed), ...root }, 'yes'],
    [
      'that two have to fit',
      { content: profile('[match]', 'interface-name=&e*;&b*', ...fixed), ...root },
      'no',
    ],
    [
      'that one has to fit',
      { content: profile('[match]', 'interface-name=b*;|e*', ...fixed), ...root },
      'yes',
    ],
    ['of a bridge', { content: profile('[match]', 'interface-name=br*', ...fixed), ...root }, 'no'],
    ['of Xen’s driver', { content: profile('[match]', 'driver=vif;', ...fixed), ...root }, 'yes'],
    ['of another driver', { content: profile('[match]', 'driver=virtio_net;', ...fixed), ...root }, 'no'],
    ['of a path', { content: profile('[match]', 'path=pci-0000:00:03.0', ...fixed), ...root }, 'no'],
    [
      'that asks the kernel',
      { content: profile('[match]', 'kernel-command-line=old', ...fixed), ...root },
      /only the running server knows its kernel-command-line/,
    ],
  ];
  for (const [name, file, expected] of judged)
    it(`knows whether NetworkManager takes a profile: ${name}`, async () => {
      const image = memoryImage({ ...manager, [`${folder}/a.nmconnection`]: file });
      const found = await factsOf(image)(networkLeftovers);
      if (expected instanceof RegExp) assert.match(found[0]?.doubt ?? '', expected);
      else
        assert.deepEqual(
          found.map(({ doubt }) => doubt),
          expected === 'yes' ? [undefined] : [],
        );
    });

  it('does not ask for the owner where nothing is root’s', async () => {
    const [mode, uid] = [0o600, 1000];
    const image = memoryImage({
      ...manager,
      '/': { type: 'directory', uid },
      [`${folder}/a.nmconnection`]: { content: profile(...fixed), mode, uid },
    });
    const [found] = await factsOf(image)(networkLeftovers);
    assert.deepEqual([found?.gives, found?.doubt], ['address', undefined]);
  });

  it('knows what competes with nova-agent', async () => {
    const text = 'auto eth0\niface eth0 inet static\n address 10.0.0.5\n';
    const plan = 'network: {ethernets: {eth0: {addresses: [10.0.0.5/24]}}}\n';
    const agents = async (files: Files): Promise<string[]> => {
      const found = await factsOf(memoryImage({ ...base, ...files }))(networkLeftovers);
      return found.filter(({ owners }) => owners.includes('nova-agent')).map(({ path }) => path);
    };
    // It writes the whole file.
    assert.deepEqual(await agents({ [main]: text }), []);
    const beside = {
      [main]: text,
      '/usr/sbin/netplan': program,
      '/etc/netplan/50-cloud-init.yaml': plan,
      '/etc/netplan/rackspace-cloud.yaml': plan,
      '/etc/netplan/10-dhcp.yaml': 'network: {ethernets: {eth0: {dhcp4: true}}}\n',
      '/etc/systemd/network/05-x.network': networkFile('Name=eth0'),
      '/etc/systemd/network/20-x.network': networkFile('Name=eth0'),
    };
    assert.deepEqual(await agents(beside), [
      main,
      '/etc/netplan/50-cloud-init.yaml',
      '/etc/systemd/network/05-x.network',
    ]);
    const seven = { ...redhat, [`${folder}/a`]: profile(...fixed) };
    assert.deepEqual(await agents(seven), []);
    const eight = { ...seven, '/etc/os-release': 'ID=rocky\nVERSION_ID="8.9"\nNAME=Rocky\n' };
    assert.deepEqual(await agents(eight), [`${folder}/a`]);
  });

  // A cloud server on Xen has eth0 and eth1 (enX0 and enX1 to later udev); QEMU's names are those of a rehearsal elsewhere.
  const keyfile = (match: string): string =>
    `[connection]\ntype=ethernet\n${match}\n[ipv4]\nmethod=manual\naddress1=192.0.2.5/24\n`;
  const plan = (key: string, more = ''): string =>
    `network:\n  ethernets:\n    ${key}:\n      addresses: [192.0.2.5/24]\n${more}`;
  const named: [string, Record<string, MemoryNode>, boolean][] = [
    ['a stanza of eth0', { [main]: 'iface eth0 inet static\n' }, true],
    ['a second address of eth1', { [main]: 'iface eth1:1 inet static\n' }, true],
    ['a stanza of eth9', { [main]: 'iface eth9 inet static\n' }, false],
    ['a stanza of ens192', { [main]: 'iface ens192 inet static\n' }, false],
    ['netplan for enX0', { '/etc/netplan/60-x.yaml': plan('enX0') }, true],
    ['netplan for eth9', { '/etc/netplan/60-x.yaml': plan('eth9') }, false],
    ['netplan for a pattern', { '/etc/netplan/60-x.yaml': plan('own', '      match: {name: "e*"}\n') }, true],
    [
      'netplan for a pattern of others',
      { '/etc/netplan/60-x.yaml': plan('own', '      match: {name: "wl*"}\n') },
      false,
    ],
    [
      'netplan for a driver',
      { '/etc/netplan/60-x.yaml': plan('own', '      match: {driver: xen_netfront}\n') },
      true,
    ],
  ];
  for (const [name, files, usual] of named)
    it(`says whether a new server has the card: ${name}`, async () => {
      const found = await factsOf(memoryImage({ ...readers, ...files }))(networkLeftovers);
      assert.deepEqual(
        found.map((each) => each.usual),
        [usual],
      );
    });
  for (const [match, usual] of [
    ['interface-name=eth0', true],
    ['interface-name=eth9', false],
    ['[match]\ninterface-name=eth*', true],
    ['id=any', true],
  ] as const)
    it(`says whether a new server has the card of a profile: ${match}`, async () => {
      const wants = '/etc/systemd/system/multi-user.target.wants/NetworkManager.service';
      const unit = '/lib/systemd/system/NetworkManager.service';
      const files = {
        ...base,
        '/usr/bin/nmcli': program,
        [unit]: '[Service]\nExecStart=/usr/sbin/NetworkManager\n[Install]\nWantedBy=multi-user.target\n',
        [wants]: { link: unit },
        '/etc/NetworkManager/system-connections/x.nmconnection': keyfile(match),
      };
      const given = Object.fromEntries(
        Object.entries(files).filter(([path]) => path !== main && !/\/(?:ifup|ifdown|ifquery)$/.test(path)),
      );
      const found = await factsOf(memoryImage(given))(networkLeftovers);
      assert.deepEqual(
        found.map((each) => each.usual),
        [usual],
      );
    });
});
