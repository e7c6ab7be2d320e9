import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CheckResult } from '../../checks/lib/result.js';
import type { Report } from '../../pipeline/report/report.js';
import { install, registerPackages, systemdParts } from '../guests/healthy.js';
import { hallmark, report } from '../support/command.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

/** What a guest's own python says of its cloud-init's configuration, as that merges it. */
const askCloudInit = `
import json
from cloudinit import stages
init = stages.Init(ds_deps=[])
init.read_cfg()
print(json.dumps({"list": init.cfg["datasource_list"], "source": str(init._find_networking_config()[1])}))
`;

interface Answer {
  readonly list: readonly string[];
  /** "system_cfg" when the configuration turns the network off, "fallback" when cloud-init would set it up. */
  readonly source: string;
}

function cloudInitOf(root: string): Answer {
  const lines = sh('chroot', root, 'python3', '-c', askCloudInit).trim().split('\n');
  return JSON.parse(lines.at(-1) ?? '') as Answer;
}

/** The datasources that ds-identify hands to cloud-init at boot when there is a config drive; undefined: it turns cloud-init off. */
function identified(root: string): string | undefined {
  const seed = join(root, 'var/lib/cloud/seed/config_drive/openstack/latest');
  mkdirSync(seed, { recursive: true });
  writeFileSync(join(seed, 'meta_data.json'), '{}');
  const command =
    'PATH_RUN=/tmp/run DI_LOG=stderr /usr/lib/cloud-init/ds-identify --force && cat /tmp/run/cloud-init/cloud.cfg';
  const { stdout } = spawnSync('chroot', [root, 'sh', '-c', command], { encoding: 'utf8' });
  return /^datasource_list: \[ (.*) \]$/m.exec(stdout)?.[1];
}

/** What systemd itself says of a unit. It exits with 1 for all that is not enabled. */
function isEnabled(root: string, unit: string): string {
  return spawnSync('systemctl', [`--root=${root}`, 'is-enabled', unit], { encoding: 'utf8' }).stdout.trim();
}

function put(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    // NetworkManager reads no profile that others may read.
    appendFileSync(join(root, path), text, { mode: path.endsWith('.nmconnection') ? 0o600 : 0o644 });
  }
}

function failed({ results }: Report): readonly CheckResult[] {
  return results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error');
}

const idsOf = (results: readonly CheckResult[]): string[] => results.map(({ id }) => id);

describe('Debian 13, whose cloud-init has new units', () => {
  let roots: RealRoots;
  let shipped: string;
  let metadata: string;
  let place: string;
  before(() => {
    roots = new RealRoots();
    shipped = roots.unpack('trixie');
    // A kernel that has the device node of XenStore, as any of this release has.
    mkdirSync(join(shipped, 'usr/lib/modules/6.12.0-cloud-amd64'), { recursive: true });
    place = roots.folder('work');
    metadata = join(place, 'good.json');
    writeFileSync(
      metadata,
      '{"img_config_drive": "mandatory", "vm_mode": "hvm", "xenapi_use_agent": "False"}',
    );
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  const prepare = (root: string, ...args: string[]): Report =>
    report(['prepare', root, '--yes', ...args], { state: roots.folder('state'), cwd: place });

  it('is golden as it is with cloud-init and the right properties', () => {
    const found = report(['check', shipped, '--metadata', metadata]);
    assert.equal(found.target?.chosen, 'cloud-init');
    // That the name servers of resolv.conf stay is an info: nothing there hands those of the cloud to the resolver.
    assert.deepEqual(idsOf(failed(found)), ['network-dns']);
    assert.equal(found.verdict, 'golden');
  });

  it('is judged the same as a tarball', () => {
    const tarball = join(place, 'trixie.tar');
    sh('tar', '--xattrs', '-C', shipped, '-cf', tarball, '.');
    const args = ['--metadata', metadata];
    assert.deepEqual(
      report(['check', tarball, ...args]).results,
      report(['check', shipped, ...args]).results,
    );
  });

  it("is made one that lives by the agent, and cloud-init's own tools agree that it keeps off the network", () => {
    const root = roots.copy(shipped);
    install(root, systemdParts);
    registerPackages(root, { 'python3-nova-agent': '2.1.25-1', 'xe-guest-utilities': '7.20.0-1' });
    // The agent's unit says nothing of the guest utilities.
    assert.deepEqual(idsOf(failed(report(['check', root]))), ['network-dns', 'xe-ordering']);
    const prepared = prepare(root);
    assert.deepEqual(idsOf(failed(prepared)), ['network-dns']);
    assert.equal(prepared.verdict, 'golden');
    assert.equal(cloudInitOf(root).source, 'system_cfg');
    assert.equal(isEnabled(root, 'python3-nova-agent'), 'enabled');
    roots.release(root);
  });

  it("is brought back to cloud-init, and cloud-init's own tools agree on datasource and network", () => {
    const root = roots.copy(shipped);
    install(root, systemdParts);
    put(root, {
      '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ Ec2, None ]\n',
      '/etc/cloud/cloud.cfg.d/zz-agent.cfg': 'preserve_hostname: true\nnetwork:\n  config: disabled\n',
      '/etc/cloud/cloud-init.disabled': '',
    });
    assert.deepEqual(cloudInitOf(root), { list: ['Ec2', 'None'], source: 'system_cfg' });
    assert.equal(identified(root), undefined);
    const target = ['--target', 'cloud-init', '--metadata', metadata];
    assert.deepEqual(idsOf(failed(report(['check', root, ...target]))), [
      'cloud-init-data',
      'cloud-init-datasource',
      'cloud-init-enabled',
      'network-owner',
    ]);
    assert.deepEqual(idsOf(failed(prepare(root, ...target))), ['network-owner']);
    assert.equal(isEnabled(root, 'python3-nova-agent'), 'enabled');
    assert.deepEqual(idsOf(failed(prepare(root, ...target, '--agent', 'disable'))), ['network-dns']);
    assert.deepEqual(cloudInitOf(root), { list: ['ConfigDrive', 'None'], source: 'fallback' });
    assert.equal(identified(root), 'ConfigDrive, None');
    assert.equal(isEnabled(root, 'python3-nova-agent'), 'disabled');
    for (const unit of [
      'cloud-init-local',
      'cloud-init-main',
      'cloud-init-network',
      'cloud-config',
      'cloud-final',
    ])
      assert.equal(isEnabled(root, unit), 'enabled', unit);
    roots.release(root);
  });
});

describe('a real root with every VPN', () => {
  const target = ['--target', 'nova-agent', '--only', 'vpn-autostart'];
  const wants = '/etc/systemd/system/multi-user.target.wants';

  /** Connections as their products want them, and the units that their documentation says to enable. */
  const configured: Readonly<Record<string, string>> = {
    '/etc/openvpn/a.conf': 'client\ndev tun\nremote 192.0.2.1\n',
    '/etc/openvpn/client/c.conf': 'client\ndev tun\nremote 192.0.2.1\n',
    '/etc/openvpn/server/s.conf': 'dev tun\nserver 10.8.0.0 255.255.255.0\n',
    '/etc/wireguard/wg0.conf': '[Interface]\nAddress = 10.9.9.1/24\n',
    '/etc/tinc/mesh/tinc.conf': 'Name = a\n',
    '/etc/vpnc/work.conf': 'IPSec gateway 192.0.2.1\n',
    '/etc/nebula/mesh.yml': 'pki: {}\n',
    '/etc/ipsec.conf': '\nconn work\n  auto=start\n',
    '/etc/swanctl/conf.d/work.conf': 'connections {\n  work {\n  }\n}\n',
    '/etc/xl2tpd/xl2tpd.conf': '[lac work]\nlns = 192.0.2.1\nautodial = yes\n',
    '/etc/default/n2n': 'N2N_EDGE_CONFIG_DONE="yes"\n',
    '/etc/network/interfaces.d/tun7': 'auto tun7\niface tun7 inet static\n  address 10.7.7.1/24\n',
    '/etc/systemd/network/50-wg5.netdev': '[NetDev]\nName=wg5\nKind=wireguard\n',
    '/etc/NetworkManager/system-connections/wg9.nmconnection': '[connection]\nid=wg9\ntype=wireguard\n',
  };
  const enabled = [
    'openvpn-client@c',
    'openvpn-server@s',
    'wg-quick@wg0',
    'tinc@mesh',
    'vpnc@work',
    'nebula@mesh',
  ];
  const servers = ['ocserv', 'pptpd'];
  const fromTheStart = ['strongswan', 'strongswan-starter', 'xl2tpd', 'n2n'];

  let roots: RealRoots;
  let shipped: string;
  before(() => {
    roots = new RealRoots();
    shipped = roots.unpack('vpn');
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  it('raises nothing for what is merely installed, though daemons of it are enabled', () => {
    for (const unit of [...fromTheStart, 'openvpn', 'tinc'])
      assert.equal(isEnabled(shipped, unit), 'enabled', unit);
    assert.deepEqual(failed(report(['check', shipped, ...target])), []);
  });

  it('finds each that is configured and enabled, switches it off, and takes that back', () => {
    const root = roots.copy(shipped);
    put(root, configured);
    sh('systemctl', `--root=${root}`, '--quiet', 'enable', ...enabled, ...servers, 'systemd-networkd');
    const untouched = survey(root);
    const [result] = failed(report(['check', root, ...target]));
    const places = (result?.findings ?? []).map(({ path, line }) =>
      line === undefined ? path : `${path ?? ''}:${line}`,
    );
    assert.deepEqual(places.sort(), [
      '/etc/NetworkManager/system-connections/wg9.nmconnection:3',
      '/etc/network/interfaces.d/tun7:1',
      '/etc/rc2.d/S01n2n',
      '/etc/rc2.d/S01xl2tpd',
      '/etc/systemd/network/50-wg5.netdev:3',
      `${wants}/nebula@mesh.service`,
      `${wants}/ocserv.service`,
      `${wants}/openvpn-client@c.service`,
      `${wants}/openvpn-server@s.service`,
      `${wants}/openvpn.service`,
      `${wants}/pptpd.service`,
      `${wants}/strongswan-starter.service`,
      `${wants}/strongswan.service`,
      `${wants}/vpnc@work.service`,
      `${wants}/wg-quick@wg0.service`,
      '/etc/systemd/system/tinc.service.wants/tinc@mesh.service',
    ]);
    // ipsec.service is but an alias, which does not say whose it is.
    assert.ok(!result?.findings.some(({ message }) => message.startsWith('ipsec ')));

    const state = roots.folder('state');
    assert.deepEqual(failed(report(['prepare', root, '--yes', ...target], { state })), []);
    for (const unit of [...enabled, ...servers, ...fromTheStart])
      assert.equal(isEnabled(root, unit), 'disabled', unit);

    const { status, stderr } = hallmark(['undo', root, '--yes'], { state });
    assert.equal(status, 0, stderr);
    assert.deepEqual(survey(root), untouched);
    roots.release(root);
  });
});
