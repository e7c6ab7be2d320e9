import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { openDirectory } from '../../images/image/directory.js';
import { cloudInit } from '../../images/guest/cloud-init/cloud-init.js';
import { enableCloudInit, setDatasources, setNetwork } from '../../images/guest/cloud-init/changes.js';
import { factsOf } from '../../images/guest/fact.js';
import { vpns } from '../../images/guest/vpn/vpns.js';
import type { Vpn } from '../../images/guest/vpn/vpn.js';
import type { Change, Image } from '../../images/image/image.js';
import { overlay } from '../../images/image/overlay.js';
import { setting } from '../support/switches.js';

/**
 * Our answers about OpenVPN and cloud-init, held against the guests' own programs: Debian's generator and init script of
 * OpenVPN, cloud-init's generator and its own reading of its configuration. They run in a chroot of a throw-away copy.
 */

const quiet = $({ quiet: true });

/** Unpacks a pristine root, `name` being "systemd" or "sysv". */
async function unpack(name: string): Promise<string> {
  const roots = setting('HALLMARK_E2E_ROOTS');
  assert.ok(roots, 'HALLMARK_E2E_ROOTS must name the folder with the pristine roots');
  const root = await mkdtemp(join(tmpdir(), `hallmark-vpn-${name}-`));
  await quiet`tar -xf ${join(roots, `${name}.tar`)} -C ${root}`;
  return root;
}

/** Carries changes out on a folder, without any of the care that the real apply takes. */
async function carryOut(root: string, changes: readonly Change[]): Promise<void> {
  for (const change of changes) {
    const path = join(root, change.path);
    if (change.kind === 'directory') {
      await mkdir(path, { mode: change.posix?.mode });
      continue;
    }
    if (change.expect.type !== 'absent') await unlink(path);
    if (change.kind === 'link') await symlink(change.target, path);
    if (change.kind === 'write') {
      assert.ok('bytes' in change.content);
      await writeFile(path, change.content.bytes, { mode: change.posix?.mode });
    }
  }
}

async function found(root: string, product: string): Promise<readonly Vpn[]> {
  await using image = openDirectory(root);
  return (await factsOf(image)(vpns)).filter((vpn) => vpn.product === product);
}

/** Turns every VPN off in a folder. */
async function turnOff(root: string): Promise<void> {
  await using image = openDirectory(root);
  const changes: Change[] = [];
  for (const vpn of await factsOf(image)(vpns))
    changes.push(...(await vpn.disable(await overlay(image, changes))));
  await carryOut(root, changes);
}

const names = (all: readonly Vpn[]): string[] => all.map(({ name }) => name).sort();

const settings = [
  '',
  'AUTOSTART="all"\n',
  'AUTOSTART="none"\n',
  'AUTOSTART=\n',
  'AUTOSTART="home"\n',
  "AUTOSTART='home  office missing'\n",
  'AUTOSTART=none\nAUTOSTART=office # the last counts\n',
  '#AUTOSTART=none\nexport AUTOSTART=home\n',
];

describe('OpenVPN, against its own generator', () => {
  let root = '';
  before(async () => {
    root = await unpack('systemd');
    for (const name of ['home', 'office'])
      await writeFile(join(root, `etc/openvpn/${name}.conf`), 'dev tun\n');
  });
  after(() => rm(root, { recursive: true, force: true }));

  /** What the generator would have openvpn.service start. */
  async function generated(): Promise<string[]> {
    await rm(join(root, 'tmp/generated'), { recursive: true, force: true });
    await mkdir(join(root, 'tmp/generated'));
    await quiet`chroot ${root} /lib/systemd/system-generators/openvpn-generator /tmp/generated`;
    const links = await readdir(join(root, 'tmp/generated/openvpn.service.wants'));
    return links.map((link) => link.replace(/^openvpn@|\.service$/g, '')).sort();
  }

  for (const setting of settings) {
    it(`agrees about ${JSON.stringify(setting)}, and turns it off`, async () => {
      await writeFile(join(root, 'etc/default/openvpn'), setting);
      assert.deepEqual(names(await found(root, 'openvpn')), await generated());
      await turnOff(root);
      assert.deepEqual(await generated(), []);
      assert.deepEqual(await found(root, 'openvpn'), []);
    });
  }

  it('turns off what systemctl enabled', async () => {
    await writeFile(join(root, 'etc/openvpn/client/home.conf'), 'dev tun\n');
    await writeFile(join(root, 'etc/openvpn/server/office.conf'), 'dev tun\n');
    await quiet`systemctl --root=${root} enable openvpn-client@home openvpn-server@office`;
    assert.deepEqual(names(await found(root, 'openvpn')), ['home', 'office']);
    await turnOff(root);
    const state = await quiet({
      nothrow: true,
    })`systemctl --root=${root} is-enabled openvpn-client@home openvpn-server@office`;
    assert.deepEqual(state.stdout.trim().split('\n'), ['disabled', 'disabled']);
  });
});

describe('OpenVPN, against its own init script', () => {
  let root = '';
  before(async () => {
    root = await unpack('sysv');
    for (const name of ['home', 'office'])
      await writeFile(join(root, `etc/openvpn/${name}.conf`), 'dev tun\n');
    await mkdir(join(root, 'tmp/fake'));
    // The script starts each VPN through start-stop-daemon: this one only says which.
    await writeFile(join(root, 'tmp/fake/start-stop-daemon'), '#!/bin/sh\necho "$@" >> /tmp/started\n', {
      mode: 0o755,
    });
  });
  after(() => rm(root, { recursive: true, force: true }));

  async function started(): Promise<string[]> {
    await rm(join(root, 'tmp/started'), { force: true });
    const run = quiet({ nothrow: true });
    await run`chroot ${root} env PATH=/tmp/fake:/usr/sbin:/usr/bin:/sbin:/bin /bin/sh /etc/init.d/openvpn start`;
    const log = await run`cat ${join(root, 'tmp/started')}`;
    return [...log.stdout.matchAll(/--config \/etc\/openvpn\/(\S+)\.conf/g)]
      .map(([, name]) => name ?? '')
      .sort();
  }

  for (const setting of settings) {
    it(`agrees about ${JSON.stringify(setting)}, and turns it off`, async () => {
      await writeFile(join(root, 'etc/default/openvpn'), setting);
      assert.deepEqual(names(await found(root, 'openvpn')), await started());
      await turnOff(root);
      assert.deepEqual(await started(), []);
      assert.deepEqual(await found(root, 'openvpn'), []);
    });
  }
});

describe('cloud-init, against itself', () => {
  let root = '';
  before(async () => {
    root = await unpack('systemd');
  });
  after(() => rm(root, { recursive: true, force: true }));

  const directory = 'etc/cloud/cloud.cfg.d';
  const tests: [string, Record<string, string>][] = [
    ['as installed', {}],
    ['a list', { '90_dpkg.cfg': 'datasource_list: [ ConfigDrive, None ]\n' }],
    [
      'two lists',
      { '10_a.cfg': 'datasource_list: [ Ec2 ]\n', '90_b.cfg': 'datasource_list:\n - NoCloud\n - None\n' },
    ],
    [
      'an invalid file',
      { '10_a.cfg': 'datasource_list: [ Ec2 ]\n', '90_b.cfg': 'datasource_list: [ NoCloud\nb: c: d\n' },
    ],
    ['no mapping', { '10_a.cfg': 'network: {config: disabled}\n', '90_b.cfg': '- a\n' }],
    ['equal keys', { '10_a.cfg': 'network: {config: disabled}\nnetwork: {version: 1}\n' }],
    ['a stanza', { '99-x.cfg': 'network: {config: disabled}\n' }],
    [
      'a stanza under other keys',
      { '50.cfg': 'network:\n  config: disabled\n', '99.cfg': 'network: {version: 2, ethernets: {}}\n' },
    ],
    [
      'a stanza under a configuration',
      { '50.cfg': 'network: {config: disabled}\n', '99.cfg': 'network: {version: 1, config: []}\n' },
    ],
    ['a stanza under nothing', { '50.cfg': 'network: {config: disabled}\n', '99.cfg': 'network:\n' }],
    ['a stanza over a list', { '50.cfg': 'network: [a]\n', '99.cfg': 'network: {config: disabled}\n' }],
    ['a stanza under a list', { '50.cfg': 'network: {config: disabled}\n', '99.cfg': 'network: [a]\n' }],
    ['a stanza under a word', { '50.cfg': 'network: {config: disabled}\n', '99.cfg': 'network: a\n' }],
    [
      'a nested stanza',
      { '50.cfg': 'network: {version: 1}\n', '99.cfg': 'network: {network: {config: disabled}}\n' },
    ],
    ['an alias', { '50.cfg': 'x: &n {config: disabled}\nnetwork: *n\n' }],
    ['a late name', { 'zz.cfg': 'network: {version: 1, config: []}\ndatasource_list: [ Ec2 ]\n' }],
  ];

  /** The list and the network switch, as cloud-init's own code merges its files. */
  async function ownReading(): Promise<{ list: string[]; network: boolean }> {
    const program = `
import json
from cloudinit import net, stages, util
cfg = util.read_conf_with_confd("/etc/cloud/cloud.cfg")
network = stages.Init._remove_top_level_network_key(None, cfg.get("network"))
print(json.dumps({"list": cfg.get("datasource_list") or [], "network": not (isinstance(network, dict) and net.is_disabled_cfg(network))}))`;
    return JSON.parse((await quiet`chroot ${root} python3 -c ${program}`).stdout) as {
      list: string[];
      network: boolean;
    };
  }

  async function ourReading(): Promise<{ list: readonly string[]; network: boolean }> {
    await using image = openDirectory(root);
    const { datasources, network } = await factsOf(image)(cloudInit);
    return { list: datasources?.list ?? [], network: network.enabled };
  }

  async function change(describe: (image: Image) => Promise<Change[]>): Promise<void> {
    await using image = openDirectory(root);
    await carryOut(root, await describe(image));
  }

  /** Where ds-identify runs, its reading of the list counts, which is another one. */
  async function letIdentify(mode: 'a+x' | 'a-x'): Promise<void> {
    await quiet`chmod ${mode} ${join(root, 'usr/lib/cloud-init/ds-identify')}`;
  }

  for (const [name, files] of tests) {
    it(`agrees about ${name}, and about every repair`, async () => {
      await letIdentify('a-x');
      await quiet`rm -rf ${join(root, directory)}`;
      await mkdir(join(root, directory));
      for (const [file, text] of Object.entries(files)) await writeFile(join(root, directory, file), text);
      assert.deepEqual(await ourReading(), await ownReading());
      await change((image) => setDatasources(image, ['ConfigDrive', 'None']));
      assert.deepEqual((await ownReading()).list, ['ConfigDrive', 'None']);
      for (const wanted of ['disabled', 'enabled', 'disabled'] as const) {
        await change((image) => setNetwork(image, wanted));
        assert.equal((await ownReading()).network, wanted === 'enabled');
      }
      assert.deepEqual(await ourReading(), await ownReading());
    });
  }

  /** Whether the generator has the boot reach cloud-init.target. */
  async function generated(): Promise<boolean> {
    await quiet`rm -rf ${join(root, 'tmp/generated')} ${join(root, 'run/cloud-init')}`;
    await mkdir(join(root, 'tmp/generated'));
    const line = 'ro quiet';
    const generator = '/lib/systemd/system-generators/cloud-init-generator';
    const folder = '/tmp/generated';
    await quiet({
      nothrow: true,
    })`chroot ${root} env KERNEL_CMDLINE=${line} ${generator} ${folder} ${folder} ${folder}`;
    return (await readdir(join(root, 'tmp/generated'))).includes('multi-user.target.wants');
  }

  const obstacles: [string, string, string][] = [
    ['the marker', 'etc/cloud/cloud-init.disabled', ''],
    ['the policy', 'etc/cloud/ds-identify.cfg', 'policy: disabled\n'],
  ];
  for (const [name, path, text] of obstacles) {
    it(`agrees with the generator about ${name}, and takes it away`, async () => {
      await letIdentify('a+x');
      await change((image) => setDatasources(image, ['ConfigDrive', 'None']));
      assert.equal(await generated(), true);
      await writeFile(join(root, path), text);
      assert.equal(await generated(), false);
      await using image = openDirectory(root);
      assert.equal((await factsOf(image)(cloudInit)).enabled, false);
      await carryOut(root, await enableCloudInit(image));
      assert.equal(await generated(), true);
      await using again = openDirectory(root);
      assert.deepEqual((await factsOf(again)(cloudInit)).disabledBy, []);
    });
  }

  it('enables what systemctl disabled and masked', async () => {
    await quiet`systemctl --root=${root} disable cloud-config.service`;
    await quiet`systemctl --root=${root} mask cloud-final.service`;
    await using image = openDirectory(root);
    assert.equal((await factsOf(image)(cloudInit)).disabledBy.length, 2);
    await carryOut(root, await enableCloudInit(image));
    const state = await quiet({
      nothrow: true,
    })`systemctl --root=${root} is-enabled cloud-config.service cloud-final.service`;
    assert.deepEqual(state.stdout.trim().split('\n'), ['enabled', 'enabled']);
  });
});
