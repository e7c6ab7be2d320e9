import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { $ } from 'zx';
import type { SnapshotStatus } from '../../pipeline/cli/commands/snapshot-status.js';
import type { Report } from '../../pipeline/report/report.js';
import { edit, install, systemdParts, sysvParts } from '../guests/healthy.js';
import type { Files } from '../guests/parts.js';
import { RealRoots, sh } from '../support/real-roots.js';
import { zipOf } from '../support/zip.js';
import { requireTools } from './systemd-root.js';

/** The agent as its package has it, a program in Python, but that it does nothing for ever. */
const waiting = {
  content: zipOf(
    {
      '__main__.py': 'import time\ntime.sleep(1e6)\n',
      'novaagent/__init__.py': "__version__ = '2.1.25'\n",
      'novaagent/novaagent.py': '',
    },
    { prefix: '#!/usr/bin/env python3\n' },
  ),
  mode: 0o755,
};

/** The guest utilities' daemon, likewise. */
const sleeper = '#!/bin/sh\nwhile :; do sleep 1000; done\n';

const agent =
  '[Unit]\nDescription=nova-agent\n[Service]\nExecStart=/usr/bin/nova-agent\n[Install]\nWantedBy=multi-user.target\n';
const daemon =
  '[Unit]\nDescription=xe-daemon\nBefore=python3-nova-agent.service\n[Service]\nExecStart=/usr/sbin/xe-daemon\n[Install]\nWantedBy=multi-user.target\n';

/** A tunnel without an other end: enough for OpenVPN to make the device. */
const office = 'dev tun0\nproto udp\nremote 127.0.0.1\nport 1195\nifconfig 10.9.0.1 10.9.0.2\n';

const [all, one] = ['openvpn.service', 'openvpn@office.service'].map((id) => ({ by: 'systemctl', id }));
const wants = '/etc/systemd/system/multi-user.target.wants';
/** Runs the script once everything is up. */
const asked: Files = {
  '/etc/systemd/system/hallmark-ask.service': '[Service]\nType=oneshot\nExecStart=/answers/ask\n',
  '/etc/systemd/system/hallmark-ask.timer': '[Timer]\nOnActiveSec=2\n',
  '/etc/systemd/system/timers.target.wants/hallmark-ask.timer': { link: '../hallmark-ask.timer' },
};

const systemdServer: Files = {
  ...systemdParts,
  '/usr/bin/nova-agent': waiting,
  '/usr/sbin/xe-daemon': { content: sleeper, mode: 0o755 },
  '/lib/systemd/system/python3-nova-agent.service': agent,
  '/lib/systemd/system/xe-linux-distribution.service': daemon,
  '/etc/openvpn/office.conf': office,
  '/root/.bash_history': 'mysql -pSECRET\n',
  ...asked,
  [`${wants}/openvpn@office.service`]: { link: '/lib/systemd/system/openvpn@.service' },
};

const sysvServer: Files = {
  ...sysvParts,
  '/usr/bin/nova-agent': waiting,
  '/etc/openvpn/office.conf': office,
};

/**
 * The server boots three times, as it would for real: it is prepared in the first boot, and restored in the second. In
 * each a script runs once everything is up, and leaves what it saw in /answers.
 */
const tools = `#!/bin/bash
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /answers
boot=$(cat boot)
hallmark() { node /opt/hallmark/dist/bin/main.js "$@"; }
see() { name=$boot-$1; shift; "$@" > $name.out 2> $name.err; echo $? > $name.code; }
tunnel() { for _ in $(seq 100); do [ -e /sys/class/net/tun0 ] && break; sleep 0.1; done; ls /sys/class/net; }
`;

const script = `${tools}
case $boot in
1)
  see net tunnel
  see before hallmark snapshot status --json
  see ask hallmark ask version --json
  see reset hallmark ask resetnetwork
  see live hallmark check / --only agent-answers --json
  see prepare hallmark snapshot prepare --yes --json
  see kept ls /sys/class/net
  see prepared hallmark snapshot status --json
  see ready hallmark snapshot status --skip agent-runnable
  systemctl stop python3-nova-agent
  see stop hallmark snapshot prepare --yes --stop-vpn --json
  see stopped ls /sys/class/net
  see again hallmark snapshot prepare --yes --stop-vpn --json
  ;;
2)
  sleep 2
  see net ls /sys/class/net
  see prepared hallmark snapshot status --json
  see restore hallmark snapshot restore --yes --json
  see back tunnel
  see twice hallmark snapshot restore --yes --json
  see restored hallmark snapshot status --json
  ;;
3)
  see net tunnel
  ;;
esac
sync
systemctl poweroff --force --force
`;

/** A server in a container, and what it left in /answers. */
class Server implements Disposable {
  readonly roots = new RealRoots();
  readonly answers = this.roots.folder('answers');
  readonly root: string;

  constructor(
    init: 'systemd' | 'sysv' | 'vpn',
    files: Files,
    readonly script: string,
  ) {
    this.root = this.roots.unpack(init);
    install(this.root, files);
    for (const folder of ['opt/hallmark', 'dev/xen', 'dev/net'])
      mkdirSync(join(this.root, folder), { recursive: true });
    writeFileSync(join(this.answers, 'ask'), script, { mode: 0o755 });
  }

  /** Boots it three times. @param binds - what it sees of the host besides */
  async boot(...binds: readonly string[]): Promise<void> {
    const env = { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' };
    const boot = $({ env, nothrow: true, quiet: true, timeout: '120s' });
    const all = [
      `--bind=${this.answers}:/answers`,
      `--bind-ro=${resolve('.')}:/opt/hallmark`,
      `--bind-ro=${process.execPath}:/usr/local/bin/node`,
      '--bind=/dev/net/tun',
      ...binds,
    ];
    for (const number of [1, 2, 3]) {
      writeFileSync(join(this.answers, 'boot'), String(number));
      await boot`systemd-nspawn --quiet --register=no --keep-unit --private-network ${all} -D ${this.root} -b < /dev/null`;
    }
  }

  text(name: string, ending = 'out'): string {
    return readFileSync(join(this.answers, `${name}.${ending}`), 'utf8');
  }

  code(name: string): number {
    return Number(this.text(name, 'code'));
  }

  status(name: string): SnapshotStatus {
    return JSON.parse(this.text(name)) as SnapshotStatus;
  }

  outcomes(name: string, ...ids: string[]): Record<string, string | undefined> {
    assert.notEqual(this.text(name), '', this.text(name, 'err'));
    const { results } = JSON.parse(this.text(name)) as Report;
    return Object.fromEntries(ids.map((id) => [id, results.find((result) => result.id === id)?.outcome]));
  }

  [Symbol.dispose](): void {
    this.roots[Symbol.dispose]();
  }
}

describe('a snapshot of a server that is running', function () {
  this.timeout(300_000);
  let server: Server;
  let xenbus: ChildProcess;
  before(async () => {
    await requireTools('systemd-nspawn', 'python3');
    assert.ok(existsSync('/dev/net/tun'), 'a tun device can be made');
    server = new Server('systemd', systemdServer, script);
    const [device, store] = await startXenStore();
    xenbus = store;
    await server.boot(`--bind=${device}:/dev/xen/xenbus`);
  });
  after(() => {
    xenbus.kill();
    server[Symbol.dispose]();
  });

  async function startXenStore(): Promise<[string, ChildProcess]> {
    const store = spawn('python3', ['test/support/xenbus.py'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(store.stdout, 'data')) as [Buffer];
    return [line.toString().trim(), store];
  }

  const text = (name: string, ending?: string): string => server.text(name, ending);
  const code = (name: string): number => server.code(name);
  const status = (name: string): SnapshotStatus => server.status(name);
  const outcomes = (...args: [string, ...string[]]): Record<string, string | undefined> =>
    server.outcomes(...args);

  it('is judged by what runs: agent, guest utilities, XenStore, tunnels', () => {
    assert.match(text('1-net'), /^tun0$/m);
    assert.deepEqual(
      outcomes(
        '1-prepare',
        ...['agent-answers', 'agent-running', 'xe-running', 'xenstore-reachable', 'tunnels-present'],
      ),
      {
        'agent-answers': 'pass',
        'agent-running': 'pass',
        'xe-running': 'pass',
        'xenstore-reachable': 'pass',
        'tunnels-present': 'fail',
      },
    );
    assert.equal(outcomes('1-stop', 'agent-running')['agent-running'], 'fail');
  });

  it('has its agent asked, as the cloud would', () => {
    const answer = { schemaVersion: 1, command: 'version', returncode: '0', message: '2.1.25' };
    assert.deepEqual(JSON.parse(text('1-ask')), answer);
    assert.equal(code('1-reset'), 2);
    assert.match(text('1-reset', 'err'), /there is no terminal to ask for confirmation[^]*--yes/);
    assert.deepEqual(outcomes('1-live', 'agent-answers'), { 'agent-answers': 'pass' });
  });

  it('is prepared without a tunnel being cut, and says what would travel, not what is in it', () => {
    assert.equal(status('1-before').state, 'nothing-recorded');
    assert.equal(code('1-before'), 1);
    assert.equal(outcomes('1-prepare', 'vpn-autostart')['vpn-autostart'], 'fixed', text('1-prepare', 'err'));
    assert.match(text('1-kept'), /^tun0$/m);
    assert.equal(status('1-prepared').state, 'prepared');
    assert.deepEqual(status('1-prepared').startAtBoot, []);
    // The stand-in lacks what an agent needs to run; that apart, a snapshot can be taken.
    assert.deepEqual([code('1-prepared'), status('1-prepared').failing], [1, ['agent-runnable']]);
    assert.equal(code('1-ready'), 0, text('1-ready'));
    assert.match(text('1-ready'), /^prepared since [^]*A snapshot can be taken now/);
    assert.match(text('1-prepare'), /bash_history/);
    assert.doesNotMatch(text('1-prepare'), /SECRET/);
  });

  it('has its VPNs stopped when that is asked for, once', () => {
    assert.match(text('1-stop', 'err'), /stopped openvpn@office\.service/);
    assert.doesNotMatch(text('1-stopped'), /^tun0$/m);
    assert.deepEqual(outcomes('1-stop', 'tunnels-present'), { 'tunnels-present': 'fixed' });
    assert.match(text('1-again', 'err'), /no running VPN was found that Hallmark could start again/);
  });

  it('is restored after a reboot, VPNs running again, and harmlessly twice', () => {
    assert.doesNotMatch(text('2-net'), /^tun0$/m);
    assert.equal(status('2-prepared').state, 'prepared');
    assert.equal(status('2-prepared').since, status('1-prepared').since);
    assert.deepEqual(status('2-prepared').stopped, [all, one]);
    const restored = JSON.parse(text('2-restore')) as { back: string[]; started: unknown };
    assert.equal(code('2-restore'), 0, text('2-restore', 'err'));
    assert.ok(restored.back.includes('/etc/systemd/system/multi-user.target.wants/openvpn@office.service'));
    assert.deepEqual(restored.started, [one, all]);
    assert.match(text('2-back'), /^tun0$/m);
    assert.equal(code('2-twice'), 0);
    assert.deepEqual(JSON.parse(text('2-twice')), {
      schemaVersion: 1,
      back: [],
      kept: [],
      started: [],
      notStarted: [],
    });
    assert.deepEqual([status('2-restored').state, code('2-restored')], ['restored', 1]);
  });

  it('starts its VPNs at boot again', () => {
    assert.match(text('3-net'), /^tun0$/m);
  });
});

const sysvScript = `${tools}
case $boot in
1)
  see net tunnel
  nova-agent & sleep 1
  see prepare hallmark snapshot prepare --yes --stop-vpn --json
  see stopped ls /sys/class/net
  ;;
2)
  sleep 2
  see net ls /sys/class/net
  see restore hallmark snapshot restore --yes --json
  see back tunnel
  ;;
3)
  see net tunnel
  ;;
esac
sync
poweroff -f
`;

/** One tunnel of each that is no service. The kernel of a test may know no other kind than tun. */
const connection = '11111111-2222-3333-4444-555555555555';
const managedServer: Files = {
  ...asked,
  '/etc/NetworkManager/system-connections/office.nmconnection': {
    content: `[connection]\nid=the office: 1\nuuid=${connection}\ntype=tun\ninterface-name=tun5\n[tun]\nmode=1\n[ipv4]\nmethod=manual\naddress1=10.5.0.1/24\n`,
    mode: 0o600,
  },
  '/etc/network/interfaces': ['tun7', 'office']
    .map(
      (name) =>
        `${name === 'tun7' ? 'auto tun7\n' : ''}iface ${name} inet manual\n  pre-up ip tuntap add dev $IFACE mode tun\n  post-down ip tuntap del dev $IFACE mode tun\n`,
    )
    .join('\n'),
  '/etc/systemd/network/10-tun9.netdev': '[NetDev]\nName=tun9\nKind=tun\n',
  '/etc/systemd/network/10-tun9.network':
    '[Match]\nName=tun9\n[Network]\nAddress=10.9.0.1/24\nConfigureWithoutCarrier=yes\n',
  '/usr/lib/systemd/network/20-tap9.netdev': '[NetDev]\nName=tap9\nKind=tap\n',
};

const managedScript = `${tools}
all() { for _ in $(seq 50); do [ $(ls /sys/class/net | grep -c '[579]') -ge 4 ] && break; sleep 0.1; done; ls /sys/class/net; }
case $boot in
1)
  see net all
  ip tuntap add dev tun3 mode tun
  ifup tun8=office
  see prepare hallmark snapshot prepare --yes --json
  see kept ls /sys/class/net
  see stop hallmark snapshot prepare --yes --stop-vpn --json
  see stopped ls /sys/class/net
  see prepared hallmark snapshot status --json
  see restore hallmark snapshot restore --yes --json
  see back all
  see addresses ip -brief address
  see prepare2 hallmark snapshot prepare --yes --stop-vpn --json
  ;;
2)
  sleep 2
  see net ls /sys/class/net
  see restore hallmark snapshot restore --yes --json
  see back all
  see connection nmcli -g connection.autoconnect connection show ${connection}
  see twice hallmark snapshot restore --yes --json
  see restored hallmark snapshot status --json
  ;;
3)
  see net all
  see prepare hallmark snapshot prepare --yes --stop-vpn --json
  # networkd cannot be told to look then, and NetworkManager nothing at all.
  systemctl stop NetworkManager.service dbus.socket dbus.service
  see restore hallmark snapshot restore --yes --json
  see part ls /sys/class/net
  see failed hallmark snapshot status --json
  systemctl start dbus.service NetworkManager.service
  see again hallmark snapshot restore --yes --json
  see back all
  ;;
esac
sync
systemctl poweroff --force --force
`;

describe('a snapshot of a server whose tunnels are no services', function () {
  this.timeout(300_000);
  let server: Server;
  before(async () => {
    await requireTools('systemd-nspawn');
    server = new Server('vpn', managedServer, managedScript);
    sh('systemctl', `--root=${server.root}`, 'enable', 'systemd-networkd');
    await server.boot();
  });
  after(() => {
    server[Symbol.dispose]();
  });

  const started = [
    { by: 'networkd', id: 'tun9' },
    { by: 'networkd', id: 'tap9' },
    { by: 'ifupdown', id: 'tun8=office' },
    { by: 'ifupdown', id: 'tun7' },
    { by: 'nmcli', id: connection, name: 'the office: 1' },
    // What Debian has for these is running even with nothing configured.
    { by: 'systemctl', id: 'tinc.service' },
    { by: 'systemctl', id: 'openvpn.service' },
  ];
  const devices = (name: string): string[] =>
    server
      .text(name)
      .split('\n')
      .filter((device) => /^t/.test(device));

  it('has them taken down by what has brought them up, and no other', () => {
    assert.deepEqual(devices('1-net'), ['tap9', 'tun5', 'tun7', 'tun9']);
    assert.deepEqual(devices('1-kept'), ['tap9', 'tun3', 'tun5', 'tun7', 'tun8', 'tun9']);
    assert.equal(server.outcomes('1-prepare', 'vpn-autostart')['vpn-autostart'], 'fixed');
    const said = server.text('1-stop', 'err');
    for (const words of ['the office: 1 (NetworkManager)', 'tun7 (ifupdown)', 'tap9 (systemd-networkd)'])
      assert.ok(said.includes(`stopped ${words}`), said);
    assert.match(said, /left up, because Hallmark would not know how to start it again: tun3$/m);
    assert.deepEqual(devices('1-stopped'), ['tun3']);
    assert.deepEqual(server.status('1-prepared').stopped, [...started].reverse());
  });

  it('has just those brought up again, as they are configured', () => {
    assert.equal(server.code('1-restore'), 0, server.text('1-restore', 'err'));
    assert.deepEqual((JSON.parse(server.text('1-restore')) as { started: unknown }).started, started);
    assert.deepEqual(devices('1-back'), ['tap9', 'tun3', 'tun5', 'tun7', 'tun8', 'tun9']);
    assert.match(server.text('1-addresses'), /^tun5 .* 10\.5\.0\.1\/24/m);
    assert.match(server.text('1-addresses'), /^tun9 .* 10\.9\.0\.1\/24/m);
  });

  it('has them again after a reboot, and harmlessly twice', () => {
    assert.deepEqual(devices('2-net'), []);
    assert.equal(server.code('2-restore'), 0, server.text('2-restore', 'err'));
    assert.deepEqual((JSON.parse(server.text('2-restore')) as { started: unknown }).started, started);
    assert.deepEqual(devices('2-back'), ['tap9', 'tun5', 'tun7', 'tun8', 'tun9']);
    assert.equal(server.text('2-connection').trim(), 'yes');
    assert.match(server.text('2-twice'), /"back": \[\],[^]*"started": \[\]/);
    assert.equal(server.status('2-restored').state, 'restored');
  });

  it('starts them at boot again', () => {
    assert.deepEqual(devices('3-net'), ['tap9', 'tun5', 'tun7', 'tun9']);
  });

  it('says what could not be brought up, and does the rest when asked again', () => {
    assert.equal(server.code('3-restore'), 4, server.text('3-restore', 'err'));
    assert.match(server.text('3-restore', 'err'), /not every VPN was started again: the office: 1 \(Net/);
    assert.deepEqual(devices('3-part'), ['tap9', 'tun7', 'tun9']);
    const { state, stopped } = server.status('3-failed');
    assert.deepEqual([state, stopped], ['prepared', started.filter(({ by }) => by === 'nmcli')]);
    assert.equal(server.code('3-again'), 0, server.text('3-again', 'err'));
    assert.deepEqual(devices('3-back'), ['tap9', 'tun5', 'tun7', 'tun9']);
  });
});

describe('a snapshot of a server with SysV init that is running', function () {
  this.timeout(300_000);
  let server: Server;
  before(async () => {
    await requireTools('systemd-nspawn');
    server = new Server('sysv', sysvServer, sysvScript);
    // Beside runlevel 2, whose scripts are started by what insserv knows of them.
    appendFileSync(join(server.root, 'etc/inittab'), 'ask:2:once:/answers/ask\n');
    // Without an other end OpenVPN stays in the foreground, and the script would wait for it for ever.
    edit(server.root, 'etc/init.d/openvpn', '--start --quiet', '--start --background --make-pidfile --quiet');
    await server.boot();
  });
  after(() => {
    server[Symbol.dispose]();
  });

  it('has its VPNs switched off and stopped by their init scripts; XenStore is missed where there is none', () => {
    assert.match(server.text('1-net'), /^tun0$/m);
    assert.deepEqual(
      server.outcomes('1-prepare', 'agent-running', 'vpn-autostart', 'tunnels-present', 'xenstore-reachable'),
      {
        'agent-running': 'pass',
        'vpn-autostart': 'fixed',
        'tunnels-present': 'fixed',
        'xenstore-reachable': 'fail',
      },
    );
    assert.match(server.text('1-prepare', 'err'), /stopped openvpn$/m);
    assert.doesNotMatch(server.text('1-stopped'), /^tun0$/m);
  });

  it('is restored after a reboot, and starts its VPNs at boot again', () => {
    assert.doesNotMatch(server.text('2-net'), /^tun0$/m);
    assert.equal(server.code('2-restore'), 0, server.text('2-restore', 'err'));
    const { back, started } = JSON.parse(server.text('2-restore')) as { back: string[]; started: unknown };
    assert.deepEqual([back, started], [['/etc/default/openvpn'], [{ by: 'service', id: 'openvpn' }]]);
    assert.match(server.text('2-back'), /^tun0$/m);
    assert.match(server.text('3-net'), /^tun0$/m);
  });
});
