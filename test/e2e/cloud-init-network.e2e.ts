import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDirectory } from '../../images/image/directory.js';
import { networkLeftovers, withoutLeftovers } from '../../images/guest/network/leftovers.js';
import {
  type CloudInitNetwork,
  cloudInitNetwork,
  takeInOwnFile,
} from '../../images/guest/cloud-init/network.js';
import { factsOf } from '../../images/guest/fact.js';
import type { Change } from '../../images/image/image.js';
import { overlay } from '../../images/image/overlay.js';
import { interfacesOfAgent } from '../guests/plain-debian.js';
import { RealRoots, sh } from '../support/real-roots.js';

type Root = (root: string) => void;

const executable = (root: string, path: string): void => {
  put(root, path, '#!/bin/sh\n', 0o755);
};

function put(root: string, path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

function take(...paths: string[]): Root {
  return (root) => {
    for (const path of paths) {
      assert.ok(existsSync(join(root, path)), path);
      rmSync(join(root, path), { recursive: true });
    }
  };
}

const networkManager =
  (state: 'enable' | 'disable'): Root =>
  (root) => {
    executable(root, 'usr/bin/nmcli');
    put(root, 'etc/NetworkManager/NetworkManager.conf', '[main]\n');
    const unit = '[Service]\nExecStart=/usr/bin/nmcli\n[Install]\nWantedBy=multi-user.target\n';
    put(root, 'usr/lib/systemd/system/NetworkManager.service', unit);
    sh('systemctl', `--root=${root}`, state, 'NetworkManager');
  };

const renderers =
  (list: string): Root =>
  (root) => {
    put(root, 'etc/cloud/cloud.cfg.d/zz.cfg', `system_info: {network: {renderers: ${list}}}\n`);
  };

const all =
  (...steps: readonly Root[]): Root =>
  (root) => {
    for (const step of steps) step(root);
  };

const noIfupdown = take('usr/sbin/ifquery');
const noNetworkd = take('usr/bin/systemctl');
const netplan: Root = (root) => {
  executable(root, 'usr/sbin/netplan');
};

/** What an image can have of networks, for cloud-init to choose from. */
const images: Readonly<Record<string, Root>> = {
  'ifupdown and systemd': () => undefined,
  'ifupdown without ifquery': noIfupdown,
  'ifupdown without its file': take('etc/network/interfaces'),
  'neither ifupdown nor systemctl': all(noIfupdown, noNetworkd),
  'no ip': all(noIfupdown, take('usr/bin/ip')),
  netplan: all(noIfupdown, netplan),
  'netplan beside ifupdown': netplan,
  'netplan preferred': all(netplan, renderers('[netplan, eni, sysconfig]')),
  'a list without what there is': renderers('[sysconfig, netplan]'),
  'NetworkManager that starts': all(noIfupdown, networkManager('enable')),
  'NetworkManager that does not': all(noIfupdown, networkManager('disable')),
  'a list with one that is not known': renderers('[eni, unheard-of]'),
};

describe('the network that cloud-init would configure', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  const shipped: Record<string, string> = {};
  before(() => {
    roots = new RealRoots();
    for (const release of ['systemd', 'trixie']) shipped[release] = roots.unpack(release);
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  const copyOf = (release: string): string => roots.copy(shipped[release] ?? '');

  async function networkOf(root: string): Promise<CloudInitNetwork> {
    await using image = openDirectory(root);
    return await factsOf(image)(cloudInitNetwork);
  }

  for (const release of ['systemd', 'trixie']) {
    for (const [name, apply] of Object.entries(images)) {
      it(`${release}, ${name}: as ${release}'s own cloud-init says`, async () => {
        const root = copyOf(release);
        apply(root);
        const network = await networkOf(root);
        assert.equal(network.renderer ?? '', chosenBy(root));
        roots.release(root);
      });
    }
  }

  for (const [line, file] of [
    ['source /etc/network/interfaces.d/*', '50-cloud-init'],
    ['source interfaces.d/*', '50-cloud-init'],
    ['source-directory /etc/network/interfaces.d', '50-cloud-init'],
    ['source-directory interfaces.d', '50-cloud-init'],
    ['source /etc/network/interfaces.d/50-cloud-init*', '50-cloud-init'],
    ['source /etc/network/*.d/*', '50-cloud-init'],
    ['source /etc/network/interfaces.d/*.cfg', '50-cloud-init'],
    ['', '50-cloud-init'],
  ] as const) {
    it(`${JSON.stringify(line)}: read or not, as ifquery says`, async () => {
      const root = copyOf('systemd');
      put(root, 'etc/network/interfaces', `auto lo\niface lo inet loopback\n${line}\n`);
      const isTaken = (await networkOf(root)).notTakenIn === undefined;
      put(root, `etc/network/interfaces.d/${file}`, 'auto eth7\niface eth7 inet manual\n');
      const listed = sh('chroot', root, 'ifquery', '--list', '--all').split('\n');
      assert.equal(isTaken, listed.includes('eth7'));
      for (const change of await repairOf(root)) {
        assert.ok(change.kind === 'write' && 'bytes' in change.content);
        writeFileSync(join(root, change.path), change.content.bytes);
      }
      assert.ok(sh('chroot', root, 'ifquery', '--list', '--all').split('\n').includes('eth7'));
      roots.release(root);
    });
  }

  it('what an agent left gives eth0 a second address, as ifup shows, and its repair does not', async () => {
    const root = copyOf('systemd');
    put(root, 'etc/network/interfaces', `${interfacesOfAgent}source /etc/network/interfaces.d/*\n`);
    const own = 'auto eth0\niface eth0 inet static\n  address 203.0.113.124/24\n';
    put(root, 'etc/network/interfaces.d/50-cloud-init', own);
    assert.deepEqual(addressesOf(root), ['10.0.0.5/24', '203.0.113.124/24']);
    {
      await using image = openDirectory(root);
      assert.equal((await factsOf(image)(networkLeftovers)).length, 1);
      const after = await overlay(image, await withoutLeftovers(image, 'cloud-init'));
      const text = (await after.readText('/etc/network/interfaces')) ?? '';
      writeFileSync(join(root, 'etc/network/interfaces'), text);
    }
    assert.deepEqual(addressesOf(root), ['203.0.113.124/24']);
    assert.match(sh('chroot', root, 'ifquery', '--list', '--all'), /^lo$/m);
    roots.release(root);
  });
});

async function repairOf(root: string): Promise<Change[]> {
  await using image = openDirectory(root);
  return await takeInOwnFile(image);
}

/** The renderer that a root's own cloud-init takes, or nothing when it has none. */
function chosenBy(root: string): string {
  // So that it asks systemd, as in a system that runs.
  mkdirSync(join(root, 'run/systemd/system'), { recursive: true });
  const source = [
    'from cloudinit import stages, util',
    'from cloudinit.net import renderers',
    'init = stages.Init()',
    'init.read_cfg()',
    'order = util.get_cfg_by_path(init.distro._cfg, ("network", "renderers"))',
    'try: print(renderers.select(priority=order)[0])',
    'except (renderers.RendererNotFoundError, ValueError): pass',
  ].join('\n');
  return sh('env', 'SYSTEMD_OFFLINE=1', 'chroot', root, 'python3', '-c', source).trim();
}

/** The addresses of eth0 once ifup has brought up everything, in a network of its own. */
function addressesOf(root: string): string[] {
  const script = [
    'ip link set lo up',
    'ip link add eth0 type veth peer name peer0',
    'ip link set peer0 up',
    'mount -t tmpfs tmpfs "$1/run"',
    'mkdir -p "$1/run/network"',
    'chroot "$1" ifup -a >/dev/null 2>&1 || true',
    'ip -4 -o addr show dev eth0',
  ].join('\n');
  const shown = sh(
    'unshare',
    '--net',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-ec',
    script,
    'sh',
    root,
  );
  return [...shown.matchAll(/inet (\S+)/g)].map(([, address = '']) => address).sort();
}
