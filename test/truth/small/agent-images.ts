import {
  debian,
  enabled,
  ifupdown,
  networkManager,
  networkd,
  program,
  redHat,
  sysv,
  unit,
  units,
  wants,
  without,
} from './guests.js';
import { type SmallImage, bad, grub, ofAgent } from './image.js';

const agent = 'python3-nova-agent.service';
const drop = `/etc/systemd/system/${agent}.d/50-local.conf`;
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

const networks: readonly SmallImage[] = [
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
export const agentImages: readonly SmallImage[] = [
  ...starts,
  ...firstBoots,
  ...networks,
  ...tunnels,
  ...work,
];
