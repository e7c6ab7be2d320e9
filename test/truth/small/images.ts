import type { Report } from '../../../pipeline/report/report.js';
import {
  type Table,
  cloud,
  debian,
  enabled,
  ifupdown,
  networkManager,
  networkd,
  program,
  properties,
  redHat,
  sysv,
  unit,
  units,
  wants,
  without,
} from './guests.js';

/** An image of a few dozen files, with what must be said of it. */
export interface SmallImage {
  readonly name: string;
  readonly files: Table;
  readonly lives?: 'nova-agent' | 'cloud-init';
  /** What the client prints of the image, in place of what suits cloud-init. */
  readonly prints?: string;
  /** Whether `prepare` is run first. */
  readonly prepared?: true;
  readonly verdict: Report['verdict'];
  /** What a finding must say, its place included. */
  readonly says?: RegExp;
  /** A check that must not speak. */
  readonly silent?: string;
}

const agent = 'python3-nova-agent.service';
const drop = `/etc/systemd/system/${agent}.d/50-local.conf`;
const grub = (words: string): string =>
  `menuentry "Debian" {\n  linux /vmlinuz root=/dev/xvda1 ro ${words}\n}\n`;

/** An image that lives by the agent. */
const ofAgent = (name: string, files: Table, rest: Omit<SmallImage, 'name' | 'files'>): SmallImage => ({
  name,
  files: { ...debian, ...files },
  ...rest,
});

/** An image that lives by cloud-init. */
const ofCloud = (
  name: string,
  files: Table,
  rest: Omit<SmallImage, 'name' | 'files' | 'lives'>,
): SmallImage => ({
  name,
  files: { ...cloud, ...files },
  lives: 'cloud-init',
  ...rest,
});

const bad = (says: RegExp): Pick<SmallImage, 'verdict' | 'says'> => ({ verdict: 'not-golden', says });
const vpn = /vpn-autostart/;

const starts: readonly SmallImage[] = [
  ofAgent(
    'the boot entry ends in the emergency target',
    { '/boot/grub/grub.cfg': grub('systemd.unit=emergency.target') },
    bad(/grub\.cfg:2 .*emergency\.target/),
  ),
  {
    name: 'the boot entry of SysV says single',
    files: { ...sysv, '/boot/grub/grub.cfg': grub('single') },
    ...bad(/grub\.cfg:2 .*single/),
  },
  ofAgent(
    'another service of the boot excludes the agent',
    enabled(
      'lab-net.service',
      unit(
        '[Unit]',
        `Conflicts=${agent}`,
        '[Service]',
        'Type=oneshot',
        'ExecStart=/usr/bin/true',
        '[Install]',
        'WantedBy=multi-user.target',
      ),
    ),
    bad(/lab-net\.service:2 .*Conflicts/),
  ),
  ofAgent(
    'a condition does not hold that the image itself answers',
    { [drop]: unit('[Unit]', 'ConditionPathExists=!/etc/agent.off'), '/etc/agent.off': '' },
    bad(/50-local\.conf:2 .*ConditionPathExists/),
  ),
  ofAgent(
    'the agent requires a service whose program is not there',
    {
      [drop]: unit('[Unit]', 'Requires=net-fix.service', 'After=net-fix.service'),
      '/etc/systemd/system/net-fix.service': unit(
        '[Unit]',
        'DefaultDependencies=no',
        '[Service]',
        'Type=oneshot',
        'ExecStart=/usr/local/bin/net-fix',
      ),
    },
    bad(/net-fix/),
  ),
  ofAgent(
    'the agent requires a service that does not exist, which stops nothing',
    { [drop]: unit('[Unit]', 'Requires=xe-daemon.service', 'After=xe-daemon.service') },
    { verdict: 'golden' },
  ),
  {
    name: 'a target with a typo wants the agent',
    files: {
      ...without(debian, `${wants}/${agent}`),
      [`/etc/systemd/system/multiuser.target.wants/${agent}`]: { link: `${units}/${agent}` },
    },
    ...bad(/multiuser\.target/),
  },
  ofAgent(
    'default.target leads to the rescue target',
    {
      '/etc/systemd/system/default.target': { link: `${units}/rescue.target` },
      [`${units}/rescue.target`]: unit('[Unit]', 'Requires=sysinit.target'),
    },
    bad(/default\.target.*rescue\.target/),
  ),
  {
    name: 'a link to itself among the units',
    files: {
      ...debian,
      '/etc/systemd/system/backup.service': { link: '/etc/systemd/system/backup.service' },
    },
    verdict: 'golden',
  },
];

const tailscale = enabled(
  'tailscaled.service',
  unit('[Service]', 'ExecStart=/usr/sbin/tailscaled', '[Install]', 'WantedBy=multi-user.target'),
);

const firstBoots: readonly SmallImage[] = [
  ofAgent(
    'a VPN that prepare switches off stays off at the first boot',
    { ...tailscale, '/usr/sbin/tailscaled': program, '/etc/machine-id': 'uninitialized\n' },
    { prepared: true, verdict: 'golden', silent: 'vpn-autostart' },
  ),
  {
    name: 'the presets of the first boot switch the agent off',
    files: redHat('fedora', '42', {
      ...networkManager,
      '/etc/fedora-release': 'Fedora release 42\n',
      '/etc/machine-id': 'uninitialized\n',
      '/usr/lib/systemd/system-preset/90-default.preset': 'enable NetworkManager.service\n',
      '/usr/lib/systemd/system-preset/99-default-disable.preset': 'disable *\n',
    }),
    ...bad(/99-default-disable\.preset/),
  },
];

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
  {
    name: 'nothing applies what the agent writes for ifupdown',
    files: {
      ...without(
        debian,
        ...ifupdown,
        '/etc/network/interfaces',
        `${units}/networking.service`,
        `${wants}/networking.service`,
      ),
      ...networkd,
    },
    ...bad(/ifup|ifdown/),
  },
  {
    name: 'NetworkManager beside the agent on Enterprise Linux 7',
    files: redHat('centos', '7', {
      ...networkManager,
      '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)\n',
      '/etc/redhat-release': { link: 'centos-release' },
      '/etc/rc.d/init.d/network': program,
    }),
    verdict: 'golden',
    says: /NetworkManager/,
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

const tunnels: readonly SmallImage[] = [
  ofAgent(
    'netplan makes a tunnel',
    {
      ...networkd,
      '/usr/sbin/netplan': program,
      '/usr/lib/systemd/system-generators/netplan': program,
      '/etc/netplan/60-wg.yaml':
        'network:\n  version: 2\n  tunnels:\n    wg0:\n      mode: wireguard\n      addresses: [10.0.0.2/24]\n      key: x\n',
    },
    { verdict: 'golden', says: vpn },
  ),
  ofAgent(
    'a daemon of a product makes a tunnel',
    {
      '/usr/bin/warp-svc': program,
      ...enabled(
        'warp-svc.service',
        unit('[Service]', 'ExecStart=/usr/bin/warp-svc', '[Install]', 'WantedBy=multi-user.target'),
      ),
    },
    { verdict: 'golden', says: vpn },
  ),
  ofAgent(
    'a unit runs a script, which makes a tunnel',
    {
      '/usr/bin/wg-quick': program,
      '/usr/local/sbin/vpn-up': { content: '#!/bin/sh\nwg-quick up wg0\n', mode: 0o755 },
      ...enabled(
        'vpn-up.service',
        unit(
          '[Service]',
          'Type=oneshot',
          'ExecStart=/usr/local/sbin/vpn-up',
          '[Install]',
          'WantedBy=multi-user.target',
        ),
      ),
    },
    { verdict: 'golden', says: vpn },
  ),
  ofAgent(
    'a timer starts what makes a tunnel',
    {
      '/usr/bin/wg-quick': program,
      [`${units}/timers.target`]: unit('[Unit]'),
      [`${units}/basic.target`]: unit(
        '[Unit]',
        'Requires=sysinit.target',
        'Wants=timers.target',
        'After=sysinit.target timers.target',
      ),
      '/etc/systemd/system/vpn-up.service': unit(
        '[Service]',
        'Type=oneshot',
        'ExecStart=/usr/bin/wg-quick up wg0',
      ),
      ...enabled(
        'vpn-up.timer',
        unit('[Timer]', 'OnBootSec=1min', '[Install]', 'WantedBy=timers.target'),
        'timers.target',
      ),
    },
    { verdict: 'golden', says: vpn },
  ),
];

const { '/usr/bin/nova-agent': zipapp = '' } = debian;

const work: readonly SmallImage[] = [
  {
    name: 'the agent does not know Amazon Linux',
    files: redHat('amzn', '2023', { '/etc/system-release': 'Amazon Linux release 2023\n' }),
    ...bad(/redhat-release/),
  },
  ofAgent(
    'the unit makes /etc read-only',
    { [drop]: unit('[Service]', 'ProtectSystem=full') },
    bad(/50-local\.conf:2 .*ProtectSystem/),
  ),
  {
    name: 'the agent lies in /opt, where its unit starts it',
    files: {
      ...without(debian, '/usr/bin/nova-agent'),
      '/opt/nova-agent/bin/nova-agent': zipapp,
      [drop]: unit(
        '[Service]',
        'ExecStart=',
        'ExecStart=/opt/nova-agent/bin/nova-agent --no-fork=True -o /var/log/nova-agent.log -l info',
      ),
    },
    verdict: 'golden',
  },
];

/** A sample of each kind of fault, and the guards beside them. */
export const smallImages: readonly SmallImage[] = [
  ...starts,
  ...firstBoots,
  ...clouds,
  ...networks,
  ...propertyForms,
  ...tunnels,
  ...work,
];
