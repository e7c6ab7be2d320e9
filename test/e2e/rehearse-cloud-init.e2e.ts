import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeConfigDrive } from '../../pipeline/rehearse/cloud-init/config-drive.js';
import { networkData } from '../../pipeline/rehearse/cloud-init/network-data.js';
import { expectedOf } from '../../pipeline/rehearse/nova/vm-data.js';
import type { ProvenClaim, Rehearsal } from '../../pipeline/report/rehearsal.js';
import { readScenario } from '../../pipeline/rehearse/scenario-file.js';
import type { Report } from '../../pipeline/report/report.js';
import { linkInto, take } from '../guests/healthy.js';
import { installCompanions, installStandIns } from '../guests/rehearsal/packages.js';
import { prepare, purgeCloudInit } from '../guests/real.js';
import { hallmark } from '../support/command.js';
import { program } from '../support/project.js';
import { leftovers } from '../support/leftovers.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';
import { inProject } from '../support/project.js';

/** Debian 12 with cloud-init 22.4; Debian 13 with 25.1, whose stages have other units and one process. */
const releases = ['systemd', 'trixie'] as const;

const target = ['--target', 'cloud-init'];
const units = ['init-local', 'init', 'init-network', 'init-main', 'config', 'final'];

/** What a container cannot show: no drive is found there, and no router announces itself. */
const open = ['drive-found', 'rebooted route eth0 IPv6 default', 'route eth0 IPv6 default'];

/** What an image can have that keeps cloud-init from doing its work, and what is to be said of it. */
const faults: readonly {
  readonly name: string;
  readonly apply: (root: string) => void;
  /** Whether the image was a server before. */
  readonly served?: true;
  readonly reason: RegExp;
  readonly claim?: string;
}[] = [
  {
    name: 'whose datasource list lacks ConfigDrive',
    apply: configured('datasource_list: [ NoCloud, None ]'),
    reason: /from the config drive; seen: its datasource is DataSourceNone/,
    claim: 'datasource',
  },
  {
    name: 'whose datasources are all looked for, and not there',
    apply: configured('datasource_list: [ NoCloud, OpenStack, Ec2 ]'),
    reason: /every cloud-init stage .*Cloud-init disabled by cloud-init-generator/,
    claim: 'stages',
  },
  {
    name: 'that asks a metadata service instead of looking at the drive',
    apply: configured('datasource_list: [ OpenStack, None ]'),
    reason: /^cloud-init did not use the config drive|its datasource is DataSourceNone/,
    claim: 'datasource',
  },
  {
    name: 'whose cloud-init keeps off the network',
    apply: configured('network: {config: disabled}'),
    reason: /left the network alone, as the image’s own configuration/,
    claim: 'address eth0 203.0.113.124/24',
  },
  {
    name: 'whose cloud-init is turned off by its marker',
    apply: (root) => {
      write(root, 'etc/cloud/cloud-init.disabled', '');
    },
    reason: /every cloud-init stage .*disabled by \/etc\/cloud\/cloud-init\.disabled/,
    claim: 'stages',
  },
  {
    name: 'whose units are masked',
    apply: (root) => {
      for (const unit of units) mask(root, unit);
    },
    reason: /every cloud-init stage .*it is masked/,
    claim: 'stages',
  },
  {
    name: 'whose last stage is masked',
    apply: (root) => {
      mask(root, 'final');
    },
    reason: /every cloud-init stage .*not started \(it is masked\): cloud-final\.service/,
    claim: 'user-command',
  },
  {
    name: 'that takes every server for the one that it was made on',
    apply: configured('manual_cache_clean: true'),
    served: true,
    reason: /the server as a new instance|from the config drive/,
    claim: 'instance',
  },
  {
    name: 'that keeps its own host name',
    apply: configured('preserve_hostname: true'),
    reason: /the host name is hallmark-rehearsal/,
    claim: 'host-name',
  },
  {
    name: 'without the program that makes the routes',
    apply: (root) => {
      take(root, '/usr/sbin/route');
    },
    reason: /the default route \(IPv4\).*no such route; the console says: .*route: not found/,
    claim: 'route eth0 IPv4 default',
  },
  {
    name: 'that left another server’s seed',
    apply: (root) => {
      const meta = JSON.stringify({ uuid: 'another', hostname: 'another', name: 'another' });
      const seed = 'var/lib/cloud/seed/config_drive/openstack/latest';
      write(root, `${seed}/meta_data.json`, meta);
      write(root, `${seed}/network_data.json`, '{"links": [], "networks": [], "services": []}');
    },
    reason: /from the config drive/,
    claim: 'instance',
  },
];

describe("a rehearsal of cloud-init's first boot", () => {
  let roots: RealRoots;
  const golden: Partial<Record<(typeof releases)[number], string>> = {};
  /** The folder that the first rehearsal of each has kept its files in. */
  const kept: Partial<Record<(typeof releases)[number], string>> = {};

  before(async () => {
    roots = new RealRoots();
    const metadata = join(roots.folder('metadata'), 'good.json');
    writeFileSync(
      metadata,
      '{"img_config_drive": "mandatory", "vm_mode": "hvm", "xenapi_use_agent": "False"}',
    );
    for (const release of releases) {
      const root = roots.unpack(release);
      await installCompanions(root, ['resolvconf']);
      prepare(roots, root, [...target, '--metadata', metadata]);
      golden[release] = root;
    }
  });

  after(() => {
    roots[Symbol.dispose]();
  });

  for (const release of releases) {
    const rootOf = (): string => golden[release] ?? assert.fail('no root was built');

    it(`passes on ${release}, and leaves image and host as they were`, () => {
      const before = survey(rootOf());
      kept[release] = roots.folder('report');
      const { status, rehearsal, pid } = rehearse(rootOf(), ['--report', kept[release], '--keep']);
      assert.equal(status, 0, told(rehearsal));
      assert.equal(rehearsal.outcome, 'passed');
      assert.deepEqual(idsOf(rehearsal, 'not-proven'), open);
      const ids = idsOf(rehearsal, 'pass').map((id) => id.replace(/ .*/, ''));
      for (const id of [
        'stages',
        'datasource',
        'instance',
        'status',
        'host-name',
        'ssh-key',
        'address',
        'route',
      ])
        assert(ids.includes(id), `nothing was proven of ${id}`);
      for (const id of [
        'second-boot',
        'rebooted',
        'dns',
        'user-data',
        'user-command',
        'file',
        'written',
        'no-cycle',
      ])
        assert(ids.includes(id), `nothing was proven of ${id}`);
      const stages = rehearsal.timeline.filter(({ kind }) => kind === 'start');
      assert.ok(stages.length >= 4 && stages.every(({ durationMs }) => durationMs !== undefined));
      assert.deepEqual(survey(rootOf()), before);
      assert.deepEqual(leftovers(pid), []);
    });

    it(`passes on a ${release} image that was a server before, whose data stays`, () => {
      const root = roots.copy(rootOf());
      leaveInstance(root, kept[release] ?? assert.fail('no rehearsal was kept'));
      const before = survey(root);
      const { status, rehearsal } = rehearse(root);
      assert.equal(status, 0, told(rehearsal));
      assert.match(claimOf(rehearsal, 'instance').seen, /still has data of earlier instances \(1\)/);
      assert.deepEqual(survey(root), before);
      roots.release(root);
    });

    for (const { name, apply, served, reason, claim } of faults) {
      it(`fails on a ${release} image ${name}`, () => {
        const root = roots.copy(rootOf());
        if (served) leaveInstance(root, kept[release] ?? assert.fail('no rehearsal was kept'));
        apply(root);
        const { status, rehearsal, verdict, pid } = rehearse(root);
        roots.release(root);
        assert.equal(rehearsal.outcome, 'failed', told(rehearsal));
        assert.equal(status, 1);
        assert.equal(verdict, 'not-golden');
        assert.match(rehearsal.reason ?? '', reason);
        if (claim !== undefined) assert.equal(claimOf(rehearsal, claim).outcome, 'fail');
        assert.deepEqual(leftovers(pid), []);
      });
    }

    it(`tells ${release}'s own cloud-init of the network what it is to hear`, async () => {
      const { interfaces } = await readScenario();
      const heard = convert(rootOf(), networkData(interfaces), interfaces);
      for (const [at, one] of interfaces.map(expectedOf).entries()) {
        const { name, mac_address, subnets } = heard.config[at] ?? assert.fail('a link is missing');
        assert.equal(name, one.device);
        assert.equal(mac_address, one.mac);
        const addresses = subnets.map(({ address, netmask, prefix }) => `${address}/${prefix} ${netmask}`);
        assert.deepEqual(
          addresses.map((address) => address.replace(/ .*/, '')),
          one.addresses,
        );
        const routes = subnets.flatMap((subnet) => subnet.routes ?? []);
        assert.deepEqual(
          routes.map(({ gateway }) => gateway),
          one.routes.map(({ via }) => via).sort(byFamily),
        );
        const dns = subnets.flatMap(({ dns_nameservers }) => dns_nameservers ?? []);
        assert.deepEqual([...new Set([...dns, ...heard.servers])], one.dns);
      }
    });

    it(`gives ${release}'s ssh-keygen a key that it knows`, async () => {
      const { publicKey } = await makeConfigDrive(await readScenario());
      const args = [rootOf(), 'ssh-keygen', '-l', '-f', '-'];
      const { stdout } = spawnSync('chroot', args, { input: publicKey, encoding: 'utf8' });
      assert.match(stdout, /^2048 SHA256:\S+ Generated-by-Nova \(RSA\)$/m);
    });
  }

  it('passes on a tarball', () => {
    const tarball = join(roots.folder('tarball'), 'image.tar');
    sh('tar', '-C', golden.trixie ?? '', '-cf', tarball, '.');
    const { status, rehearsal, pid } = rehearse(tarball);
    assert.equal(status, 0, told(rehearsal));
    assert.deepEqual(leftovers(pid), []);
  });

  it('notes an agent that starts, too', async () => {
    const root = roots.copy(golden.systemd ?? '');
    await installStandIns(root, 'systemd', { poll: 1 });
    const { rehearsal } = rehearse(root);
    roots.release(root);
    const noted = rehearsal.timeline.find(({ what }) => /nova-agent.* as well$/.test(what));
    assert(noted, told(rehearsal));
    assert.match(noted.detail ?? '', /runs beside cloud-init|has ended/);
  });

  it('ends at the limit of the scenario', () => {
    const root = roots.copy(golden.systemd ?? '');
    const dropIn = '[Service]\nExecStartPre=/bin/sleep 600\n';
    write(root, 'etc/systemd/system/cloud-final.service.d/slow.conf', dropIn);
    const { status, rehearsal } = rehearse(root, ['--scenario', shortScenario(roots)]);
    roots.release(root);
    assert.equal(status, 1);
    assert.match(
      rehearsal.reason ?? '',
      /^cloud-init was not done after 8 s: not done: cloud-final\.service$/,
    );
    assert.equal(claimOf(rehearsal, 'address eth0 203.0.113.124/24').outcome, 'pass');
  });

  it('cannot be held without cloud-init', () => {
    const root = roots.copy(golden.systemd ?? '');
    purgeCloudInit(root);
    const { status, rehearsal } = rehearse(root);
    roots.release(root);
    assert.equal(status, 3);
    assert.equal(rehearsal.outcome, 'impossible');
    assert.match(rehearsal.reason ?? '', /the image has no cloud-init/);
  });

  it('cannot be held where a link of the image takes the place of the seed', () => {
    const root = roots.copy(golden.systemd ?? '');
    linkInto(root, '/var/lib/cloud', '/hallmark-not-there');
    const { status, rehearsal } = rehearse(root);
    roots.release(root);
    assert.equal(status, 3);
    assert.match(rehearsal.reason ?? '', /\/var\/lib\/cloud is a broken link/);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`leaves nothing after ${signal}`, async () => {
      for (const moment of [400, 1200, 2500]) {
        const child = spawn(process.execPath, [program, 'rehearse', golden.systemd ?? '', ...target], {
          stdio: 'ignore',
        });
        const exited = once(child, 'exit') as Promise<[number | null]>;
        await sleep(moment);
        child.kill(signal);
        const [code] = await exited;
        assert.equal(code, signal === 'SIGINT' ? 130 : 143);
        assert.deepEqual(leftovers(child.pid ?? 0), []);
      }
    });
  }
});

function rehearse(
  root: string,
  options: readonly string[] = [],
): { status: number; rehearsal: Rehearsal; verdict: Report['verdict']; pid: number } {
  const args = ['rehearse', root, '--json', '--debug', ...target, ...options];
  const { status, stdout, stderr, pid } = hallmark(args, { state: '/nonexistent' });
  if (!stdout.startsWith('{')) assert.fail(`exit ${status}: ${stderr}`);
  const { rehearsal, verdict } = JSON.parse(stdout) as Report;
  return { status: status ?? -1, rehearsal: rehearsal ?? assert.fail('none was held'), verdict, pid };
}

function idsOf({ evidence }: Rehearsal, wanted: ProvenClaim['outcome']): string[] {
  return evidence.flatMap(({ id, outcome }) => (outcome === wanted ? [id] : [])).sort();
}

function claimOf(rehearsal: Rehearsal, wanted: string): ProvenClaim {
  return rehearsal.evidence.find(({ id }) => id === wanted) ?? assert.fail(`${wanted}: ${told(rehearsal)}`);
}

function told({ reason, evidence }: Rehearsal): string {
  const claims = evidence.filter(({ outcome }) => outcome !== 'pass');
  return JSON.stringify({ reason, claims }, undefined, 1);
}

function configured(line: string): (root: string) => void {
  return (root) => {
    write(root, 'etc/cloud/cloud.cfg.d/zzzz-test.cfg', `${line}\n`);
  };
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function mask(root: string, unit: string): void {
  linkInto(root, `/etc/systemd/system/cloud-${unit}.service`, '/dev/null');
}

/** What cloud-init leaves of a server that an image was made of: a rehearsal's, as it was kept. */
function leaveInstance(root: string, kept: string): void {
  const only = ['--no-same-owner', '--wildcards', './var/lib/cloud/*', './etc/hostname'];
  sh('tar', '-C', root, '-xf', join(kept, 'rehearsal/written.tar'), ...only);
}

/** The scenario that comes with Hallmark, for those who do not wait. */
function shortScenario(roots: RealRoots): string {
  const shipped = inProject('pipeline/rehearse/scenario.yaml');
  const path = join(roots.folder('scenario'), 'short.yaml');
  writeFileSync(path, readFileSync(shipped, 'utf8').replace(/^ {2}total: .*$/m, '  total: 8'));
  return path;
}

interface Heard {
  /** Name servers of no interface: all, of releases that do not hear those of a network. */
  readonly servers: readonly string[];
  readonly config: readonly {
    readonly name: string;
    readonly mac_address: string;
    readonly subnets: readonly {
      readonly address: string;
      readonly prefix: number;
      readonly netmask: string;
      readonly routes?: readonly { readonly gateway: string }[];
      readonly dns_nameservers?: readonly string[];
    }[];
  }[];
}

/** What a root's cloud-init takes network_data.json for. */
const ask = `
import json, sys, ipaddress
from cloudinit.sources.helpers.openstack import convert_net_json
from cloudinit.net.network_state import parse_net_config_data
data, macs = json.loads(sys.argv[1]), json.loads(sys.argv[2])
config = convert_net_json(data, known_macs=macs)
state = {one["name"]: one for one in parse_net_config_data(config).iter_interfaces()}
for one in config["config"]:
    if one["type"] == "physical":
        for said, known in zip(one["subnets"], state[one["name"]]["subnets"]):
            said["prefix"] = known["prefix"]
print(json.dumps({
    "config": [one for one in config["config"] if one["type"] == "physical"],
    "servers": [one["address"] for one in config["config"] if one["type"] == "nameserver"],
}))
`;

function convert(
  root: string,
  data: object,
  interfaces: readonly { readonly device: string; readonly mac: string }[],
): Heard {
  const macs = Object.fromEntries(interfaces.map(({ device, mac }) => [mac.toLowerCase(), device]));
  const said = sh('chroot', root, 'python3', '-c', ask, JSON.stringify(data), JSON.stringify(macs));
  return JSON.parse(said.trim().split('\n').at(-1) ?? '') as Heard;
}

/** The networks of IPv4 come first, with their routes. */
function byFamily(one: string, other: string): number {
  return Number(one.includes(':')) - Number(other.includes(':'));
}
