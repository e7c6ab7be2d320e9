import {
  cloud,
  enabled,
  ifupdown,
  networkManager,
  networkd,
  properties,
  unit,
  units,
  without,
} from './guests.js';
import { type SmallImage, bad, grub, ofCloud } from './image.js';

const pickle = Buffer.from([0x80, 0x05, 0x2e]);

const clouds: readonly SmallImage[] = [
  ofCloud(
    'cloud-init trusts the cache of the source server',
    {
      '/etc/cloud/cloud.cfg.d/99-local.cfg': 'manual_cache_clean: true\n',
      '/var/lib/cloud/instances/i-source/obj.pkl': pickle,
      '/var/lib/cloud/instance': { link: 'instances/i-source' },
    },
    bad(/manual_cache_clean/),
  ),
  ofCloud(
    'the instance is a folder',
    { '/var/lib/cloud/instance/boot-finished': 'x\n' },
    bad(/\/var\/lib\/cloud\/instance/),
  ),
  {
    name: 'the one process of all stages is masked',
    files: {
      ...without(
        cloud,
        `${units}/cloud-init.service`,
        '/etc/systemd/system/cloud-init.target.wants/cloud-init.service',
      ),
      '/var/lib/dpkg/status':
        'Package: cloud-init\nStatus: install ok installed\nArchitecture: all\nVersion: 25.1.4-1\n',
      ...enabled(
        'cloud-init-network.service',
        unit(
          '[Unit]',
          'DefaultDependencies=no',
          'After=cloud-init-local.service',
          '[Service]',
          'Type=oneshot',
          'ExecStart=/usr/bin/true',
          '[Install]',
          'WantedBy=cloud-init.target',
        ),
        'cloud-init.target',
      ),
      [`${units}/cloud-init-main.service`]: unit(
        '[Service]',
        'Type=notify',
        'ExecStart=/usr/bin/cloud-init --all-stages',
        '[Install]',
        'WantedBy=cloud-init.target',
      ),
      '/etc/systemd/system/cloud-init-main.service': { link: '/dev/null' },
    },
    lives: 'cloud-init',
    ...bad(/cloud-init-main/),
  },
  {
    name: 'the program of cloud-init is where pip puts it',
    files: {
      ...without(cloud, '/usr/bin/cloud-init'),
      '/usr/local/bin/cloud-init': { content: '#!/usr/bin/python3\n', mode: 0o755 },
    },
    lives: 'cloud-init',
    ...bad(/\/usr\/bin\/cloud-init/),
  },
  ofCloud(
    'a .cfg that is not UTF-8',
    { '/etc/cloud/cloud.cfg.d/99-local.cfg': Buffer.from('# caf\xe9\nssh_pwauth: false\n', 'latin1') },
    bad(/99-local\.cfg/),
  ),
  ofCloud(
    'an entry of systemd-boot below /boot/efi disables cloud-init',
    {
      '/boot/efi/loader/entries/debian.conf':
        'title Debian\nlinux /vmlinuz\noptions root=/dev/xvda2 ro cloud-init=disabled\n',
    },
    bad(/debian\.conf:3/),
  ),
  ofCloud(
    'a file that grub.cfg reads disables cloud-init',
    {
      '/boot/grub/grub.cfg': 'source /boot/grub/custom.cfg\n',
      '/boot/grub/custom.cfg': grub('cloud-init=disabled'),
    },
    bad(/custom\.cfg:2/),
  ),
  ofCloud(
    'the units of the stages are in a cycle with a service of the house',
    {
      ...networkd,
      ...enabled(
        'wait-online.service',
        unit(
          '[Unit]',
          'DefaultDependencies=no',
          'Requires=systemd-networkd.service',
          'After=systemd-networkd.service',
          'Before=network-online.target',
          '[Service]',
          'Type=oneshot',
          'ExecStart=/usr/bin/true',
          '[Install]',
          'WantedBy=network-online.target',
        ),
        'network-online.target',
      ),
      ...enabled(
        'dkms.service',
        unit(
          '[Unit]',
          'Before=network-pre.target',
          '[Service]',
          'Type=oneshot',
          'ExecStart=/usr/bin/true',
          '[Install]',
          'WantedBy=multi-user.target',
        ),
      ),
      [`${units}/network-pre.target`]: unit('[Unit]', 'Before=network.target'),
      [`${units}/systemd-networkd.service`]: unit(
        '[Unit]',
        'DefaultDependencies=no',
        'After=network-pre.target',
        '[Service]',
        'ExecStart=/usr/lib/systemd/systemd-networkd',
      ),
      [`${units}/cloud-init.service`]: unit(
        '[Unit]',
        'DefaultDependencies=no',
        'After=cloud-init-local.service wait-online.service',
        'Before=sysinit.target',
        '[Service]',
        'Type=oneshot',
        'ExecStart=/usr/bin/cloud-init init',
      ),
    },
    { ...bad(/boot-cycles[^]*dkms\.service/), silent: 'xe-ordering' },
  ),
];

const keyfile = unit(
  '[connection]',
  'id=eth0',
  'type=ethernet',
  'interface-name=eth0',
  '[ipv4]',
  'method=manual',
  'address1=192.0.2.10/24,192.0.2.1',
);

const networks: readonly SmallImage[] = [
  {
    name: "a profile of NetworkManager has the source server's address",
    files: {
      ...without(cloud, ...ifupdown),
      ...networkManager,
      '/etc/NetworkManager/system-connections/eth0.nmconnection': { content: keyfile, mode: 0o600 },
    },
    lives: 'cloud-init',
    ...bad(/eth0\.nmconnection/),
  },
  {
    name: "the first .network that matches has the source server's address",
    files: {
      ...without(cloud, ...ifupdown),
      ...networkd,
      '/etc/systemd/network/00-static.network': unit(
        '[Match]',
        'Name=en* eth*',
        '[Network]',
        'Address=192.0.2.10/24',
        'Gateway=192.0.2.1',
      ),
    },
    lives: 'cloud-init',
    ...bad(/00-static\.network/),
  },
];

const shown = (of: Readonly<Record<string, string>>): string =>
  JSON.stringify({ name: 'image', properties: of });

const propertyForms: readonly SmallImage[] = [
  ofCloud(
    'the properties have the names of today',
    {},
    {
      prints: shown({ img_config_drive: 'mandatory', hw_vm_mode: 'hvm', img_use_agent: 'False' }),
      verdict: 'golden',
    },
  ),
  ofCloud(
    'the newer of two names counts',
    {},
    { prints: shown({ ...properties, hw_vm_mode: 'xen' }), ...bad(/hw_vm_mode/) },
  ),
  ofCloud(
    'an older client prints a list of fields and values',
    {},
    {
      prints: JSON.stringify([
        { Field: 'name', Value: 'image' },
        {
          Field: 'properties',
          Value: "img_config_drive='mandatory', vm_mode='hvm', xenapi_use_agent='False'",
        },
      ]),
      verdict: 'golden',
    },
  ),
];

/** Of images that live by cloud-init. */
export const cloudImages: readonly SmallImage[] = [...clouds, ...networks, ...propertyForms];
