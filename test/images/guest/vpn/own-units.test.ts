import assert from 'node:assert/strict';
import { factsOf } from '../../../../images/guest/fact.js';
import { vpns } from '../../../../images/guest/vpn/vpns.js';
import type { Image } from '../../../../images/image/image.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import type { Files } from '../../../guests/parts.js';
import { systemdGuest } from '../../../guests/tables.js';

const wants = '/etc/systemd/system/multi-user.target.wants';

const local = { content: '#!/bin/sh\nopenvpn --config x\n', mode: 0o755 };

/** A service of the boot that another one is to follow. */
const job = (service: string, follower = 'office.service'): Files => ({
  '/etc/systemd/system/job.service': `[Unit]\nOnSuccess=${follower}\n[Service]\n${service}\nExecStart=/bin/true\n`,
  [`${wants}/job.service`]: { link: '/etc/systemd/system/job.service' },
});

/** A command in a unit with settings before it. */
const withSettings = (command: string, ...settings: string[]): Files => ({
  [`/etc/systemd/system/office.service`]: `[Service]\n${settings.join('\n')}\nExecStart=${command}\n`,
  [`${wants}/office.service`]: { link: '/etc/systemd/system/office.service' },
});

/** A unit of the administrator's own, enabled unless it is a template that needs a name. */
const ownUnit = (id: string, command: string, started = id): Files => ({
  [`/etc/systemd/system/${id}`]: `[Unit]\nDescription=x\n[Service]\nExecStart=${command}\n[Install]\nWantedBy=multi-user.target\n`,
  ...(started === '' ? {} : { [`${wants}/${started}`]: { link: `/etc/systemd/system/${id}` } }),
});

async function found(image: Image): Promise<string[]> {
  return (await factsOf(image)(vpns)).map(
    ({ product, name, evidence: { path, line } }) =>
      `${product} ${name} ${path}${line === undefined ? '' : `:${line}`}`,
  );
}

describe('guest/vpns: units of the administrator', () => {
  const cases: [string, Files, string[]][] = [
    [
      'OpenVPN under another name',
      ownUnit('office.service', '/usr/sbin/openvpn --config /etc/office.ovpn'),
      [`openvpn office ${wants}/office.service`],
    ],
    [
      'openconnect behind a shell',
      ownUnit('office.service', `-/bin/sh -c 'exec openconnect vpn.example.org'`),
      [`openconnect office ${wants}/office.service`],
    ],
    [
      'OpenVPN on a continuation line',
      ownUnit('office.service', '-/usr/bin/env \\\n  # the office\n  /usr/sbin/openvpn /etc/office.ovpn'),
      [`openvpn office ${wants}/office.service`],
    ],
    [
      'an instance of a template',
      ownUnit('tunnel@.service', '/usr/sbin/vpnc --no-detach %i', 'tunnel@home.service'),
      [`vpnc tunnel@home ${wants}/tunnel@home.service`],
    ],
    ...(
      [
        ['/usr/bin/env $PROG --config /etc/x.conf', 'Environment=PROG=/usr/sbin/openvpn'],
        ['/usr/bin/env $PROG /etc/x.conf', 'Environment="PROG=/usr/sbin/openvpn --config"'],
        ['/usr/bin/nice ${PROG} --config /etc/x.conf', 'Environment=A=b "PROG=/usr/sbin/openvpn"'],
        ['/usr/bin/env $NICE /usr/sbin/openvpn --config x'],
        ['/bin/sh -c "${PROG} --config /etc/x.conf"', 'Environment=PROG=/usr/sbin/openvpn'],
        ['/bin/sh -c "exec $PROG --config x"', 'EnvironmentFile=/etc/default/t'],
        ['/bin/sh -c "exec $$PROG --config x"', 'EnvironmentFile=-/etc/default/t'],
        ['/usr/local/bin/up', 'EnvironmentFile=/etc/default/t'],
      ] as const
    ).map(([command, ...settings]): [string, Files, string[]] => [
      `a program in a variable: ${command}`,
      {
        ...withSettings(command, ...settings),
        '/etc/default/t': '# the office\nPROG="/usr/sbin/openvpn"\n',
        '/usr/local/bin/up': { content: '#!/bin/sh\nexec $PROG --config x\n', mode: 0o755 },
      },
      [`openvpn office ${wants}/office.service`],
    ]),
    ...(
      [
        ['/usr/bin/env $PROG --config x', 'Environment=PROG=/usr/bin/true'],
        ['/usr/bin/env $PROG --config x', 'Environment=PROG=/usr/sbin/openvpn', 'Environment='],
        ['/usr/bin/env $PROG $WORDS', 'Environment=PROG=/usr/sbin/openvpn WORDS=--version'],
        // A word that begins with a dollar is the name of a variable as a whole: this shell gets no script.
        ['/bin/sh -c "$PROG --config x"', 'Environment=PROG=/usr/sbin/openvpn'],
        ['/bin/sh -c "exec $PROG --config x"', 'EnvironmentFile=-/etc/default/none'],
      ] as const
    ).map(([command, ...settings]): [string, Files, string[]] => [
      `variables that name no VPN: ${command}, ${settings.join(', ')}`,
      withSettings(command, ...settings),
      [],
    ]),
    ...(['/etc', '/usr/lib'] as const).map((folder): [string, Files, string[]] => [
      `a unit below ${folder} that follows the good end of another`,
      {
        ...job('Type=oneshot'),
        [`${folder}/systemd/system/office.service`]: '[Service]\nExecStart=/usr/sbin/openvpn --config x\n',
      },
      ['openvpn office /etc/systemd/system/job.service:2'],
    ]),
    [
      'a unit of a package that follows the good end of another',
      {
        ...job('Type=oneshot', 'openvpn.service'),
        '/usr/lib/systemd/system/openvpn.service': '[Service]\nExecStart=/bin/true\n',
      },
      ['openvpn openvpn /etc/systemd/system/job.service:2'],
    ],
    [
      'an instance that follows the good end of another',
      {
        ...job('Type=oneshot', 'wg-quick@wg1.service'),
        '/usr/lib/systemd/system/wg-quick@.service': '[Service]\nExecStart=/usr/bin/wg-quick up %i\n',
      },
      ['wireguard wg-quick@wg1 /etc/systemd/system/job.service:2'],
    ],
    [
      'an instance that a timer starts',
      {
        ...ownUnit('tunnel@.service', '/usr/sbin/vpnc --no-detach %i', ''),
        '/etc/systemd/system/t.timer': '[Timer]\nOnBootSec=1min\nUnit=tunnel@home.service\n',
        [`${wants}/t.timer`]: { link: '../t.timer' },
      },
      [`vpnc tunnel@ ${wants}/t.timer`],
    ],
    [
      'an instance of something else that a timer starts',
      {
        ...ownUnit('tunnel@.service', '/usr/bin/true %i', ''),
        '/etc/systemd/system/t.timer': '[Timer]\nOnBootSec=1min\nUnit=tunnel@home.service\n',
        [`${wants}/t.timer`]: { link: '../t.timer' },
      },
      [],
    ],
    [
      'a unit that would follow the end of another which stays active',
      {
        ...job('Type=oneshot\nRemainAfterExit=yes'),
        ...ownUnit('office.service', '/usr/sbin/openvpn --config x', ''),
      },
      [],
    ],
    [
      'rc.local, once, also where a unit runs it by its path',
      { ...ownUnit('rc-local.service', '/etc/rc.local start'), '/etc/rc.local': local },
      ['openvpn openvpn /etc/rc.local:2'],
    ],
    [
      'rc.local, once, also where another script of a unit runs it',
      {
        ...ownUnit('local.service', '/usr/local/sbin/local'),
        '/usr/local/sbin/local': {
          content: '#!/bin/sh\n[ -x /etc/rc.local ] && /etc/rc.local start\n',
          mode: 0o755,
        },
        '/etc/rc.local': { link: 'rc.d/rc.local' },
        '/etc/rc.d/rc.local': local,
      },
      ['openvpn openvpn /etc/rc.local:2'],
    ],
    [
      'a script of the name that only a shell can run, by its unit',
      {
        ...ownUnit('local.service', '/bin/sh /etc/rc.local'),
        '/etc/rc.local': { ...local, mode: 0o644 },
      },
      [`openvpn local ${wants}/local.service`],
    ],
    ['a unit that is not enabled', ownUnit('office.service', '/usr/sbin/openvpn --config /x', ''), []],
    ['a unit that runs something else', ownUnit('office.service', '/usr/bin/office --openvpn'), []],
    [
      'a unit that another rule knows, once',
      {
        ...ownUnit(
          'openvpn-client@.service',
          '/usr/sbin/openvpn --config %i.conf',
          'openvpn-client@a.service',
        ),
        '/etc/openvpn/client/a.conf': 'dev tun\n',
      },
      [`openvpn a ${wants}/openvpn-client@a.service`],
    ],
  ];
  for (const [name, files, expected] of cases) {
    it(`${expected.length === 0 ? 'passes over' : 'finds, and turns off,'} ${name}`, async () => {
      const image = memoryImage({ ...systemdGuest, ...files });
      assert.deepEqual(await found(image), expected);
      const changes = [];
      for (const vpn of await factsOf(image)(vpns)) changes.push(...(await vpn.disable(image)));
      assert.deepEqual(await found(await overlay(image, changes)), []);
    });
  }
});
