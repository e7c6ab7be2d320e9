import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDirectory } from '../../images/image/directory.js';
import { factsOf } from '../../images/guest/fact.js';
import { vpns } from '../../images/guest/vpn/vpns.js';
import type { SnapshotStatus } from '../../pipeline/cli/commands/snapshot-status.js';
import type { Report } from '../../pipeline/report/report.js';
import { install } from '../guests/healthy.js';
import type { Files } from '../guests/parts.js';
import { type Run, hallmark } from '../support/command.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

/** A VPN as its administrator sets it up: files, units that are enabled, init scripts that are linked. */
interface Setup {
  readonly name: string;
  readonly files?: Files;
  readonly enable?: readonly string[];
}

const executable = (content: string): Files[string] => ({ content, mode: 0o755 });
const netdev = '[NetDev]\nName=wg7\nKind=wireguard\n[WireGuard]\nPrivateKey=SECRET\n';
const keyfile = (type: string, more = ''): Files[string] => ({
  content: `[connection]\nid=${type}\nuuid=${type}-1\ntype=${type}\n${more}`,
  mode: 0o600,
});
const connections = '/etc/NetworkManager/system-connections';
const tun =
  'auto tun0\niface tun0 inet static\n  address 10.0.0.1/24\n  pre-up ip tuntap add tun0 mode tun\n';

const wg =
  'auto wg0\niface wg0 inet static\n  address 10.0.0.1/24\n  pre-up ip link add wg0 type wireguard\n  pre-up wg setconf wg0 /etc/wireguard/wg0.conf\n';

const wg0: Files = { '/etc/wireguard/wg0.conf': '[Interface]\nAddress = 10.9.0.2/24\n' };

/** VPNs that do not care which init starts the boot. */
const anywhere: readonly Setup[] = [
  {
    name: 'ifupdown',
    files: { '/etc/network/interfaces': `auto lo\niface lo inet loopback\n\n# the office\n${tun}` },
  },
  {
    name: 'ifupdown, with WireGuard',
    files: { '/etc/network/interfaces': 'auto lo\niface lo inet loopback\n  post-up wg-quick up wg0\n' },
  },
  { name: 'PPP', files: { '/etc/ppp/ppp_on_boot': executable('#!/bin/sh\npppd call isp\n') } },
  {
    name: 'rc.local',
    files: { '/etc/rc.local': executable('#!/bin/sh -e\nopenvpn --config /root/x.conf --daemon\nexit 0\n') },
  },
  { name: 'cron', files: { '/etc/cron.d/vpn': '# at boot\n@reboot root vpnc office\n' } },
];

const systemd: readonly Setup[] = [
  { name: 'OpenVPN, every configuration', files: { '/etc/openvpn/a.conf': 'dev tun\n' } },
  {
    name: 'OpenVPN, by name',
    files: {
      '/etc/openvpn/a.conf': 'dev tun\n',
      '/etc/default/openvpn': '# mine\nAUTOSTART="a"\nOPTARGS=""\n',
    },
  },
  { name: 'OpenVPN, without its defaults', files: { '/etc/openvpn/a.conf': 'dev tun\n' } },
  {
    name: 'OpenVPN, instances',
    enable: ['openvpn@a', 'openvpn-client@b', 'openvpn-server@c'],
    files: {
      '/etc/openvpn/a.conf': 'dev tun\n',
      '/etc/openvpn/client/b.conf': 'dev tun\n',
      '/etc/openvpn/server/c.conf': 'dev tun\n',
    },
  },
  { name: 'WireGuard', enable: ['wg-quick@wg0'], files: wg0 },
  { name: 'strongSwan, by its starter', files: { '/etc/ipsec.conf': 'conn office\n    auto=start\n' } },
  {
    name: 'strongSwan, by swanctl',
    files: {
      '/etc/swanctl/conf.d/office.conf':
        'connections {\n  office {\n    children {\n      net {\n        start_action = start\n      }\n    }\n  }\n}\n',
    },
  },
  { name: 'tinc', enable: ['tinc@mesh'], files: { '/etc/tinc/mesh/tinc.conf': 'Name = a\n' } },
  { name: 'vpnc', enable: ['vpnc@work'], files: { '/etc/vpnc/work.conf': 'IPSec gateway 192.0.2.1\n' } },
  { name: 'ocserv', enable: ['ocserv'] },
  { name: 'n2n', files: { '/etc/default/n2n': 'N2N_EDGE_CONFIG_DONE="yes"\nN2N_KEY="SECRET"\n' } },
  { name: 'Nebula', enable: ['nebula@mesh'], files: { '/etc/nebula/mesh.yml': 'pki: {}\n' } },
  { name: 'PPTP', enable: ['pptpd'] },
  { name: 'L2TP', files: { '/etc/xl2tpd/xl2tpd.conf': '[lac office]\nlns = 192.0.2.1\n' } },
  {
    name: 'NetworkManager',
    files: {
      [`${connections}/wg.nmconnection`]: keyfile('wireguard', '\n[wireguard]\nprivate-key=SECRET\n'),
      [`${connections}/tun.nmconnection`]: keyfile('tun', 'autoconnect=true\n'),
      [`${connections}/vpn.nmconnection`]: keyfile('vpn'),
      [`${connections}/eth.nmconnection`]: keyfile('ethernet', 'secondaries=vpn-1;\n'),
      '/usr/lib/NetworkManager/system-connections/v.nmconnection': keyfile('ip-tunnel'),
    },
  },
  {
    name: 'networkd',
    enable: ['systemd-networkd'],
    files: {
      '/etc/systemd/network/10-wg.netdev': { content: netdev, mode: 0o640 },
      '/etc/systemd/network/20-both.netdev': netdev,
      '/usr/lib/systemd/network/20-both.netdev': netdev,
      '/usr/lib/systemd/network/30-vendor.netdev': netdev,
    },
  },
  {
    name: 'a unit of the administrator',
    enable: ['office.service'],
    files: {
      '/etc/systemd/system/office.service':
        '[Service]\nExecStart=/usr/sbin/openconnect vpn.example.org\n[Install]\nWantedBy=multi-user.target\n',
    },
  },
  {
    name: 'an instance that the vendor links',
    files: {
      '/usr/lib/systemd/system/multi-user.target.wants/vpnc@vendor.service': { link: '../vpnc@.service' },
      '/etc/vpnc/vendor.conf': 'IPSec gateway 192.0.2.1\n',
    },
  },
];

/** As Debian's network-manager had it until its release 12. */
const networkManagerScript = `#!/bin/sh
### BEGIN INIT INFO
# Provides:          network-manager
# Required-Start:    $remote_fs dbus udev
# Required-Stop:     $remote_fs dbus udev
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: network connection manager
### END INIT INFO
start-stop-daemon --start --quiet --pidfile /run/NetworkManager/NetworkManager.pid --exec /usr/sbin/NetworkManager
`;

/**
 * Their init scripts come from the Debian release that has them all. What Debian has no init script of is started as its
 * administrator would have it: by ifupdown, rc.local or cron.
 */
const sysv: readonly Setup[] = [
  { name: 'WireGuard', files: { '/etc/network/interfaces': `auto lo\niface lo inet loopback\n\n${wg}` } },
  {
    name: 'vpnc',
    files: { '/etc/network/interfaces': 'auto eth0\niface eth0 inet dhcp\n  up vpnc work\n' },
  },
  {
    name: 'Nebula',
    files: {
      '/etc/rc.local': executable('#!/bin/sh -e\nnebula -config /etc/nebula/mesh/config.yml &\nexit 0\n'),
    },
  },
  {
    name: 'NetworkManager',
    enable: ['network-manager'],
    files: {
      '/etc/init.d/network-manager': executable(networkManagerScript),
      [`${connections}/wg.nmconnection`]: keyfile('wireguard', '\n[wireguard]\nprivate-key=SECRET\n'),
      [`${connections}/vpn.nmconnection`]: keyfile('vpn'),
      [`${connections}/eth.nmconnection`]: keyfile('ethernet', 'secondaries=vpn-1;\n'),
    },
  },
  {
    name: 'the hooks of OpenVPN and tinc',
    files: {
      '/etc/network/interfaces':
        'auto eth0\niface eth0 inet dhcp\n  openvpn office\nauto mesh\niface mesh inet manual\n  tinc-net mesh\n',
    },
  },
  { name: 'OpenVPN', enable: ['openvpn'], files: { '/etc/openvpn/a.conf': 'dev tun\n' } },
  { name: 'strongSwan', enable: ['ipsec'], files: { '/etc/ipsec.conf': 'conn office\n    auto=start\n' } },
  { name: 'tinc', enable: ['tinc'], files: { '/etc/tinc/nets.boot': '# nets\nmesh -d 3\nlan\n' } },
  { name: 'ocserv', enable: ['ocserv'] },
  { name: 'n2n', enable: ['n2n'], files: { '/etc/default/n2n': 'N2N_EDGE_CONFIG_DONE="yes"\n' } },
  { name: 'PPTP', enable: ['pptpd'] },
  {
    name: 'L2TP',
    enable: ['xl2tpd'],
    files: { '/etc/xl2tpd/xl2tpd.conf': '[lac office]\nlns = 192.0.2.1\n' },
  },
];

describe('a snapshot', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let state: string;
  before(() => {
    roots = new RealRoots();
  });
  beforeEach(() => {
    state = roots.folder('state');
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  const run = (command: string, root: string, ...args: string[]): Run =>
    hallmark(['snapshot', command, '--root', root, ...args], { state });
  const statusOf = (root: string): SnapshotStatus =>
    JSON.parse(run('status', root, '--json').stdout) as SnapshotStatus;

  function prepare(root: string): Report {
    const { stdout, stderr } = run('prepare', root, '--yes', '--json', '--debug');
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout) as Report;
  }

  function restore(root: string): string {
    const { status, stdout, stderr } = run('restore', root, '--yes');
    assert.equal(status, 0, `${stdout}${stderr}`);
    return stdout;
  }

  async function startingAtBoot(root: string): Promise<string[]> {
    await using image = openDirectory(root);
    return (await factsOf(image)(vpns)).map(({ product, name }) => `${product} ${name}`);
  }

  /** What VPNs live in, to the nanosecond. */
  const parts = (root: string, options?: { times: boolean }): string[] =>
    ['etc', 'var/lib', 'usr/lib/systemd', 'usr/lib/NetworkManager', 'var/spool']
      .filter((part) => sh('sh', '-c', 'test -e "$1" && echo yes || true', 'sh', join(root, part)) !== '')
      .flatMap((part) => survey(join(root, part), options).map((line) => `${part}: ${line}`));

  async function thereAndBack(root: string): Promise<void> {
    const [whole, timeless] = [parts(root), parts(root, { times: false })];
    const starting = await startingAtBoot(root);
    assert.ok(starting.length > 0, 'something starts at boot');
    assert.deepEqual(
      [statusOf(root).state, statusOf(root).startAtBoot.length],
      ['nothing-recorded', starting.length],
    );

    const { results, unverified } = prepare(root);
    assert.deepEqual(unverified, []);
    assert.equal(results.find(({ id }) => id === 'vpn-autostart')?.outcome, 'fixed');
    assert.deepEqual(await startingAtBoot(root), []);
    assert.equal(statusOf(root).state, 'prepared');
    assert.notDeepEqual(parts(root), whole);

    restore(root);
    assert.deepEqual(parts(root), whole);
    assert.match(restore(root), /^Nothing is recorded/);
    assert.deepEqual(parts(root), whole);
    assert.equal(statusOf(root).state, 'restored');

    // On another machine, or after an update of ours, there is the record alone: no journal that knows the times.
    prepare(root);
    rmSync(state, { recursive: true });
    assert.equal(statusOf(root).since, new Date().toISOString().slice(0, 10));
    restore(root);
    assert.deepEqual(parts(root, { times: false }), timeless);
  }

  for (const setup of [...systemd, ...anywhere]) {
    it(`there and back on systemd: ${setup.name}`, async () => {
      const root = roots.copy(pristine('vpn'));
      install(root, setup.files ?? {});
      for (const unit of setup.enable ?? []) sh('systemctl', `--root=${root}`, 'enable', unit);
      if (setup.name.includes('without its defaults')) rmSync(join(root, 'etc/default/openvpn'));
      await thereAndBack(root);
      roots.release(root);
    });
  }

  /** All files of the package that a file of the root with every VPN belongs to. What is there already stays. */
  function putPackageOf(path: string, root: string): void {
    const from = pristine('vpn');
    const owner = sh('dpkg-query', `--root=${from}`, '--search', path).split(':', 1)[0] ?? '';
    const list = sh('dpkg-query', `--root=${from}`, '--listfiles', owner);
    const pack = 'tar -C "$1" -cf - --no-recursion -T - | tar -C "$2" -xf - --skip-old-files';
    const names = list.split('\n').flatMap((name) => (name.startsWith('/') ? [`.${name}`] : []));
    execFileSync('sh', ['-c', pack, 'sh', from, root], { input: names.join('\n') });
  }

  function putOnSysv(root: string, { files = {}, enable = [] }: Setup): void {
    install(root, files);
    for (const script of enable) {
      const own = `/etc/init.d/${script}`;
      // A script starts nothing without the programs and settings of its package.
      if (!(own in files)) putPackageOf(own, root);
      sh('chroot', root, 'update-rc.d', script, 'defaults');
    }
  }

  for (const setup of [...sysv, ...anywhere]) {
    it(`there and back on SysV: ${setup.name}`, async () => {
      const root = roots.copy(pristine('sysv'));
      putOnSysv(root, setup);
      await thereAndBack(root);
      roots.release(root);
    });
  }

  it('has nothing to do for the files of networkd on SysV: it does not run there', async () => {
    const root = roots.copy(pristine('sysv'));
    install(root, { '/etc/systemd/network/10-wg.netdev': netdev });
    assert.deepEqual(await startingAtBoot(root), []);
    prepare(root);
    assert.match(restore(root), /^Nothing is recorded/);
    roots.release(root);
  });

  it('takes every VPN of SysV there and back at once, and the whole tree is identical', async () => {
    const root = roots.copy(pristine('sysv'));
    // Several say what /etc/network/interfaces and /etc/rc.local are: the last of them.
    for (const setup of [...anywhere, ...sysv]) putOnSysv(root, setup);
    const whole = survey(root);
    assert.ok((await startingAtBoot(root)).length > 10);
    prepare(root);
    assert.deepEqual(await startingAtBoot(root), []);
    restore(root);
    assert.deepEqual(survey(root), whole);
    roots.release(root);
  });

  it('takes every VPN there and back at once, and the whole tree is identical', async () => {
    const root = roots.copy(pristine('vpn'));
    for (const setup of [...systemd, ...anywhere]) {
      install(root, setup.files ?? {});
      for (const unit of setup.enable ?? []) sh('systemctl', `--root=${root}`, 'enable', unit);
    }
    const whole = survey(root);
    assert.ok((await startingAtBoot(root)).length > 20);
    prepare(root);
    assert.deepEqual(await startingAtBoot(root), []);
    restore(root);
    assert.deepEqual(survey(root), whole);
    roots.release(root);
  });

  it('adds to the record when another VPN comes, and puts both back', async () => {
    const root = roots.copy(pristine('vpn'));
    install(root, { '/etc/openvpn/a.conf': 'dev tun\n', ...wg0 });
    const first = parts(root);
    prepare(root);
    sh('systemctl', `--root=${root}`, 'enable', 'wg-quick@wg0');
    prepare(root);
    assert.equal(statusOf(root).recorded.length, 2);
    assert.equal(restore(root).match(/^put back/gm)?.length, 2);
    assert.deepEqual(await startingAtBoot(root), ['openvpn a', 'wireguard wg0']);
    sh('systemctl', `--root=${root}`, 'disable', 'wg-quick@wg0');
    const known = (lines: string[]): string[] =>
      lines.filter((line) => !/multi-user\.target\.wants/.test(line));
    assert.deepEqual(known(parts(root)), known(first));
    roots.release(root);
  });

  it('keeps what was changed by hand in between, says so, and puts the rest back', async () => {
    const root = roots.copy(pristine('vpn'));
    const interfaces = join(root, 'etc/network/interfaces');
    install(root, {
      '/etc/openvpn/a.conf': 'dev tun\n',
      '/etc/network/interfaces': `auto lo\n${tun}`,
      '/etc/vpnc/work.conf': 'IPSec gateway 192.0.2.1\n',
      ...wg0,
    });
    sh('systemctl', `--root=${root}`, 'enable', 'wg-quick@wg0', 'vpnc@work');
    const before = readFileSync(interfaces, 'utf8');
    prepare(root);
    // Lines elsewhere in a file, the line itself, and a unit that was masked.
    writeFileSync(interfaces, `# by hand\n${readFileSync(interfaces, 'utf8')}`);
    const defaults = join(root, 'etc/default/openvpn');
    writeFileSync(
      defaults,
      readFileSync(defaults, 'utf8').replace(/^AUTOSTART="none"/m, 'AUTOSTART="other"'),
    );
    sh(
      'ln',
      '-s',
      '/dev/null',
      join(root, 'etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service'),
    );
    const { status, stdout } = run('restore', root, '--yes');
    assert.equal(status, 1);
    assert.match(stdout, /^kept {7}\/etc\/default\/openvpn: these lines were changed/m);
    assert.match(stdout, /^kept {7}\S+wg-quick@wg0\.service: it was replaced by another link/m);
    assert.match(stdout, /^put back {3}\/etc\/network\/interfaces$/m);
    assert.match(stdout, /^put back {3}\S+vpnc@work\.service$/m);
    assert.equal(readFileSync(interfaces, 'utf8'), `# by hand\n${before}`);
    assert.match(readFileSync(defaults, 'utf8'), /AUTOSTART="other"/);
    assert.equal(statusOf(root).state, 'prepared');

    // The person puts back the rest; what is left of the record goes.
    writeFileSync(defaults, readFileSync(defaults, 'utf8').replace('AUTOSTART="other"\n', ''));
    const left = statusOf(root).recorded;
    assert.equal(left.length, 2);
    rmSync(join(root, 'etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service'));
    assert.match(run('restore', root, '--yes').stdout, /put back {3}\S+wg-quick@wg0\.service/);
    roots.release(root);
  });

  it('loses no change of a connection of NetworkManager or a file of networkd', () => {
    const root = roots.copy(pristine('vpn'));
    const profile = join(root, connections, 'wg.nmconnection');
    const [moved, again] = ['10-wg', '20-wg'].map((name) => join(root, `etc/systemd/network/${name}.netdev`));
    assert.ok(moved && again);
    install(root, {
      [`${connections}/wg.nmconnection`]: keyfile('wireguard', '\n[wireguard]\nprivate-key=SECRET\n'),
      '/etc/systemd/network/10-wg.netdev': netdev,
      '/etc/systemd/network/20-wg.netdev': netdev,
    });
    sh('systemctl', `--root=${root}`, 'enable', 'systemd-networkd');
    const before = readFileSync(profile, 'utf8');
    prepare(root);
    // A key that is added, a file that is edited where it was put away, and one that somebody made anew.
    writeFileSync(profile, `${readFileSync(profile, 'utf8')}listen-port=51820\n`);
    writeFileSync(`${moved}.off`, `${netdev}ListenPort=51820\n`);
    writeFileSync(again, '[NetDev]\nName=wg9\nKind=wireguard\n');
    const { status, stdout } = run('restore', root, '--yes');
    assert.equal(status, 1, stdout);
    assert.equal(readFileSync(profile, 'utf8'), `${before}listen-port=51820\n`);
    assert.match(stdout, /^kept {7}\S+20-wg\.netdev: it was replaced by another file since$/m);
    assert.equal(readFileSync(again, 'utf8'), '[NetDev]\nName=wg9\nKind=wireguard\n');
    // Under one of its names, all that somebody wrote is there.
    const left = [moved, `${moved}.off`].flatMap((path) =>
      existsSync(path) ? [readFileSync(path, 'utf8')] : [],
    );
    assert.ok(left.includes(`${netdev}ListenPort=51820\n`), stdout);
    assert.deepEqual(statusOf(root).state, 'prepared');
    roots.release(root);
  });

  it('leaves repairs alone that are for good, and does not take back what prepare did besides', async () => {
    const root = roots.copy(pristine('vpn'));
    install(root, { '/etc/openvpn/a.conf': 'dev tun\n' });
    // A prepare of the image records its VPNs, too; its transaction may hold more than them.
    assert.notEqual(hallmark(['prepare', root, '--yes', '--json'], { state }).stdout, '');
    assert.deepEqual(await startingAtBoot(root), []);
    restore(root);
    assert.deepEqual(await startingAtBoot(root), ['openvpn a']);
    roots.release(root);
  });

  it('says of a root that is not running that what runs is not asked, and refuses to stop its VPNs', () => {
    const root = roots.copy(pristine('vpn'));
    const { results, verdict } = prepare(root);
    for (const id of ['agent-running', 'xe-running', 'xenstore-reachable', 'tunnels-present']) {
      const result = results.find((each) => each.id === id);
      assert.equal(result?.outcome, 'not-applicable');
      assert.match(result.reason ?? '', /is not the running system$/);
    }
    assert.notEqual(verdict, 'incomplete');
    const refused = run('prepare', root, '--yes', '--stop-vpn');
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /works on the running server only/);
    roots.release(root);
  });

  /** Unpacked once. */
  const unpacked = new Map<string, string>();
  function pristine(name: string): string {
    const root = unpacked.get(name) ?? roots.unpack(name);
    unpacked.set(name, root);
    return root;
  }
});
