import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { $ } from 'zx';
import type { SnapshotStatus } from '../../pipeline/commands/snapshot-status.js';
import type { Report } from '../../pipeline/report.js';
import { install, systemdParts } from '../guests/healthy.js';
import { RealRoots } from '../support/real-roots.js';
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

/**
 * The server boots three times, as it would for real: it is prepared in the first boot, and restored in the second. In
 * each a script runs once everything is up, and leaves what it saw in /answers.
 */
const script = `#!/bin/bash
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /answers
boot=$(cat boot)
hallmark() { node /opt/hallmark/dist/bin/main.js "$@"; }
see() { name=$boot-$1; shift; "$@" > $name.out 2> $name.err; echo $? > $name.code; }
tunnel() { for _ in $(seq 100); do [ -e /sys/class/net/tun0 ] && break; sleep 0.1; done; ls /sys/class/net; }
case $boot in
1)
  see net tunnel
  see before hallmark snapshot status --json
  see prepare hallmark snapshot prepare --yes --json
  see kept ls /sys/class/net
  see prepared hallmark snapshot status --json
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

describe('a snapshot of a server that is running', function () {
  this.timeout(300_000);
  let roots: RealRoots;
  let answers: string;
  let xenbus: ChildProcess;
  before(async () => {
    await requireTools('systemd-nspawn', 'python3');
    assert.ok(existsSync('/dev/net/tun'), 'a tun device can be made');
    roots = new RealRoots();
    const root = roots.unpack('systemd');
    answers = roots.folder('answers');
    installServer(root);
    const [device, store] = await startXenStore();
    xenbus = store;
    for (const boot of [1, 2, 3]) {
      writeFileSync(join(answers, 'boot'), String(boot));
      await bootOnce(root, device);
    }
  });
  after(() => {
    xenbus.kill();
    roots[Symbol.dispose]();
  });

  function installServer(root: string): void {
    const wants = '/etc/systemd/system/multi-user.target.wants';
    install(root, {
      ...systemdParts,
      '/usr/bin/nova-agent': waiting,
      '/usr/sbin/xe-daemon': { content: sleeper, mode: 0o755 },
      '/lib/systemd/system/python3-nova-agent.service': agent,
      '/lib/systemd/system/xe-linux-distribution.service': daemon,
      '/etc/openvpn/office.conf': office,
      '/root/.bash_history': 'mysql -pSECRET\n',
      '/etc/systemd/system/hallmark-ask.service': '[Service]\nType=oneshot\nExecStart=/answers/ask\n',
      '/etc/systemd/system/hallmark-ask.timer': '[Timer]\nOnActiveSec=2\n',
      '/etc/systemd/system/timers.target.wants/hallmark-ask.timer': { link: '../hallmark-ask.timer' },
      [`${wants}/openvpn@office.service`]: { link: '/lib/systemd/system/openvpn@.service' },
    });
    for (const folder of ['opt/hallmark', 'dev/xen']) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(answers, 'ask'), script, { mode: 0o755 });
  }

  async function startXenStore(): Promise<[string, ChildProcess]> {
    const store = spawn('python3', ['test/support/xenbus.py'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(store.stdout, 'data')) as [Buffer];
    return [line.toString().trim(), store];
  }

  async function bootOnce(root: string, device: string): Promise<void> {
    const env = { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' };
    const boot = $({ env, nothrow: true, quiet: true, timeout: '120s' });
    const binds = [
      `--bind=${answers}:/answers`,
      `--bind-ro=${resolve('.')}:/opt/hallmark`,
      `--bind-ro=${process.execPath}:/usr/local/bin/node`,
      '--bind=/dev/net/tun',
      `--bind=${device}:/dev/xen/xenbus`,
    ];
    await boot`systemd-nspawn --quiet --register=no --keep-unit --private-network ${binds} -D ${root} -b < /dev/null`;
  }

  const text = (name: string, ending = 'out'): string =>
    readFileSync(join(answers, `${name}.${ending}`), 'utf8');
  const code = (name: string): number => Number(text(name, 'code'));
  const status = (name: string): SnapshotStatus => JSON.parse(text(name)) as SnapshotStatus;
  function outcomes(name: string, ...ids: string[]): Record<string, string | undefined> {
    assert.notEqual(text(name), '', text(name, 'err'));
    const { results } = JSON.parse(text(name)) as Report;
    return Object.fromEntries(ids.map((id) => [id, results.find((result) => result.id === id)?.outcome]));
  }

  it('is judged by what runs: agent, guest utilities, XenStore, tunnels', () => {
    assert.match(text('1-net'), /^tun0$/m);
    assert.deepEqual(
      outcomes('1-prepare', 'agent-running', 'xe-running', 'xenstore-reachable', 'tunnels-present'),
      {
        'agent-running': 'pass',
        'xe-running': 'pass',
        'xenstore-reachable': 'pass',
        'tunnels-present': 'fail',
      },
    );
    assert.equal(outcomes('1-stop', 'agent-running')['agent-running'], 'fail');
  });

  it('is prepared without a tunnel being cut, and says what would travel, not what is in it', () => {
    assert.equal(status('1-before').state, 'nothing-recorded');
    assert.equal(code('1-before'), 1);
    assert.equal(outcomes('1-prepare', 'vpn-autostart')['vpn-autostart'], 'fixed', text('1-prepare', 'err'));
    assert.match(text('1-kept'), /^tun0$/m);
    assert.equal(status('1-prepared').state, 'prepared');
    assert.deepEqual(status('1-prepared').startAtBoot, []);
    assert.match(text('1-prepare'), /bash_history/);
    assert.doesNotMatch(text('1-prepare'), /SECRET/);
  });

  it('has its VPNs stopped when that is asked for, once', () => {
    assert.match(text('1-stop', 'err'), /stopped openvpn@office\.service/);
    assert.doesNotMatch(text('1-stopped'), /^tun0$/m);
    assert.deepEqual(outcomes('1-stop', 'tunnels-present'), { 'tunnels-present': 'fixed' });
    assert.match(text('1-again', 'err'), /no service of a VPN is running/);
  });

  it('is restored after a reboot, VPNs running again, and harmlessly twice', () => {
    assert.doesNotMatch(text('2-net'), /^tun0$/m);
    assert.equal(status('2-prepared').state, 'prepared');
    assert.equal(status('2-prepared').since, status('1-prepared').since);
    assert.ok(status('2-prepared').stopped.includes('openvpn@office.service'));
    const restored = JSON.parse(text('2-restore')) as { back: string[]; started: string[]; kept: string[] };
    assert.equal(code('2-restore'), 0, text('2-restore', 'err'));
    assert.ok(restored.back.includes('/etc/systemd/system/multi-user.target.wants/openvpn@office.service'));
    assert.ok(restored.started.includes('openvpn@office.service'));
    assert.match(text('2-back'), /^tun0$/m);
    assert.equal(code('2-twice'), 0);
    assert.deepEqual(JSON.parse(text('2-twice')), {
      schemaVersion: 1,
      back: [],
      kept: [],
      started: [],
      notStarted: [],
    });
    assert.equal(status('2-restored').state, 'restored');
  });

  it('starts its VPNs at boot again', () => {
    assert.match(text('3-net'), /^tun0$/m);
  });
});
