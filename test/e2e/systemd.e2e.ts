import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { openDirectory } from '../../images/image/directory.js';
import type { BootEdge } from '../../images/guest/init/boot-graph.js';
import type { Services } from '../../images/guest/init/service.js';
import { systemdServices } from '../../images/guest/init/systemd/index.js';
import type { MemoryNode } from '../../images/image/memory.js';
import {
  type UnitSet,
  novaAgent,
  unitSets,
  xeScript,
  xeUnit,
} from '../images/guest/init/systemd/unit-sets.js';
import { cyclesIn } from '../support/real-systemd.js';
import { Workspace, carryOut, install, requireTools } from './systemd-root.js';

const workspace = new Workspace();
const wants = '/etc/systemd/system/multi-user.target.wants';

/** The unit set's parts on a real root, which brings its own targets and, on Debian, its own cloud-init. */
function partsOf(set: UnitSet): Record<string, MemoryNode> {
  const native: Record<string, MemoryNode> = {
    '/lib/systemd/system/xe-linux-distribution.service': xeUnit,
    [`${wants}/xe-linux-distribution.service`]: { link: '/lib/systemd/system/xe-linux-distribution.service' },
  };
  const links = [2, 3, 4, 5].map((level): [string, MemoryNode] => [
    `/etc/rc${level}.d/S01xe-linux-distribution`,
    { link: '../init.d/xe-linux-distribution' },
  ]);
  const script = {
    '/etc/init.d/xe-linux-distribution': { content: xeScript, mode: 0o755 },
    ...Object.fromEntries(links),
  };
  return {
    '/lib/systemd/system/nova-agent.service': novaAgent,
    [`${wants}/nova-agent.service`]: { link: '/lib/systemd/system/nova-agent.service' },
    ...(set.xe === 'native' ? native : script),
  };
}

async function rootOf(set: UnitSet): Promise<string> {
  const root = await workspace.skeleton('set');
  await install(root, partsOf(set));
  const cloudUnit = join(root, 'usr/lib/systemd/system/cloud-init.service');
  if (set.cloud === 'Debian without cloud-init') {
    const system = [`${root}/etc/systemd/system`, `${root}/usr/lib/systemd/system`];
    await $`find ${system} ${root}/usr/lib/systemd/system-generators ${root}/etc/init.d -name "cloud-*" -prune -exec rm -r {} +`.quiet();
    await $`find ${root}/etc -path "*/rc?.d/*cloud-*" -delete`.quiet();
  }
  if (set.cloud === 'Red Hat with cloud-init') {
    const text = await readFile(cloudUnit, 'utf8');
    await writeFile(cloudUnit, text.replace(/^(?:DefaultDependencies=no|Before=sysinit\.target)\n/gm, ''));
  }
  return root;
}

/** The units that the real generators make of a root, in a folder each for early, normal and late. */
async function generate(root: string): Promise<readonly [string, string, string]> {
  const folders = ['early', 'normal', 'late'].map((name) => join(root, 'run', name));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  const [early, normal, late] = folders as [string, string, string];
  // The generator reads the root it runs in: the pristine one, with the set's /etc and units laid over it.
  const pristine = await workspace.pristine();
  const script = `set -e
    mount --bind ${root}/etc ${pristine}/etc
    mount --bind ${root}/usr/lib/systemd/system ${pristine}/usr/lib/systemd/system
    mount --bind ${root}/run ${pristine}/run
    mount -t proc proc ${pristine}/proc
    for name in systemd-sysv-generator systemd-fstab-generator; do
      chroot ${pristine} /lib/systemd/system-generators/$name /run/normal /run/early /run/late
    done`;
  await $`unshare --mount sh -c ${script}`.quiet();
  // cloud-init's generator looks at the running host, so its one link is made here.
  const link = join(early, 'multi-user.target.wants');
  if (await hasCloudInit(root)) {
    await mkdir(link, { recursive: true });
    await $`ln -s /lib/systemd/system/cloud-init.target ${link}/cloud-init.target`.quiet();
  }
  return [early, normal, late];
}

async function hasCloudInit(root: string): Promise<boolean> {
  const text = await readFile(join(root, 'usr/lib/systemd/system/cloud-init.service'), 'utf8').catch(
    () => '',
  );
  return text !== '';
}

/** The cycles that systemd finds in the boot of a root, each as the units it names. */
async function realCycles(root: string): Promise<readonly (readonly string[])[]> {
  await rm(join(root, 'run'), { recursive: true, force: true });
  const [early, normal, late] = await generate(root);
  const path = [
    early,
    `${root}/etc/systemd/system`,
    normal,
    `${root}/usr/local/lib/systemd/system`,
    `${root}/usr/lib/systemd/system`,
    late,
  ].join(':');
  const result = await $({
    env: { ...process.env, SYSTEMD_UNIT_PATH: path },
    nothrow: true,
    quiet: true,
  })`systemd-analyze verify --man=no --generators=no default.target`;
  return cyclesIn(result.stderr);
}

async function ourCycles(services: Services): Promise<readonly (readonly BootEdge[])[]> {
  const nodes = (await services.graphs()).flatMap((graph) => [...graph.nodes]);
  return services.cycles(nodes);
}

/** A cycle as systemd names it must be one along our edges (systemd names each unit before what it waits for). */
async function assertIsOurs(services: Services, cycle: readonly string[]): Promise<void> {
  const [graph] = await services.graphs();
  for (const [index, unit] of cycle.entries()) {
    const waitsFor = cycle[(index + 1) % cycle.length]!;
    if (unit === waitsFor) continue;
    const known = graph!.edges.some(({ first, then }) => first === waitsFor && then === unit);
    assert.ok(known, `systemd says that ${unit} waits for ${waitsFor}; we do not`);
  }
}

describe('systemd, against systemd-analyze verify', function () {
  this.timeout(300_000);
  before(() => requireTools('systemd-analyze', 'unshare', 'chroot'));
  after(() => workspace.close());

  for (const set of unitSets) {
    describe(set.name, () => {
      it('has no cycle to begin with', async () => {
        const root = await rootOf(set);
        assert.deepEqual(await realCycles(root), []);
        assert.deepEqual(await ourCycles(await systemdServices(openDirectory(root))), []);
      });

      it('gets from the plain drop-in the cycles that systemd finds', async () => {
        const root = await rootOf(set);
        const text = '[Unit]\nWants=xe-linux-distribution.service\nAfter=xe-linux-distribution.service\n';
        await install(root, { '/etc/systemd/system/nova-agent.service.d/xe.conf': text });
        const services = await systemdServices(openDirectory(root));
        const [real, ours] = [await realCycles(root), await ourCycles(services)];
        const expected = set.cloud === 'Debian with cloud-init' || set.xe === 'native';
        assert.equal(real.length > 0, expected, 'systemd');
        assert.equal(ours.length > 0, expected, 'ours');
        for (const cycle of real) await assertIsOurs(services, cycle);
      });

      it('is put in order, and systemd finds no cycle', async () => {
        const root = await rootOf(set);
        const services = await systemdServices(openDirectory(root));
        const [xe, agent] = [services.find('xe-linux-distribution'), services.find('nova-agent')];
        assert.ok(xe && agent);
        const changes = await services.putBefore(xe, agent);
        assert.ok(changes && changes.length > 0);
        await carryOut(root, changes);
        const after = await systemdServices(openDirectory(root));
        const [ordering] = await after.order(xe, agent);
        assert.equal(ordering?.verdict, 'before');
        assert.deepEqual(await ourCycles(after), []);
        assert.deepEqual(await realCycles(root), []);
        assert.deepEqual(await after.putBefore(xe, agent), []);
        for (const service of ['xe-linux-distribution', 'nova-agent']) {
          assert.equal(after.find(service)?.state, 'enabled');
        }
      });
    });
  }
});
