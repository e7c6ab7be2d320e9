import assert from 'node:assert/strict';
import type { Change, Image } from '../../../../../images/image/image.js';
import { systemdServices } from '../../../../../images/guest/init/systemd/index.js';
import type { Service, Services } from '../../../../../images/guest/init/service.js';
import { type MemoryNode, memoryImage } from '../../../../../images/image/memory.js';
import { overlay } from '../../../../../images/image/overlay.js';
import { unitSets, xeUnit } from './unit-sets.js';

const naiveDropIn = {
  '/etc/systemd/system/nova-agent.service.d/xe.conf':
    '[Unit]\nWants=xe-linux-distribution.service\nAfter=xe-linux-distribution.service\n',
};

/** Whether the plain drop-in closes a cycle; on Debian with cloud-init always, else only for the v10 unit. */
const expected: Readonly<Record<string, { readonly cycle: boolean; readonly written: readonly string[] }>> = {
  'Debian with cloud-init, xe as a unit': { cycle: true, written: ['after', 'early', 'unit'] },
  'Debian with cloud-init, xe as a script': { cycle: true, written: ['after', 'early'] },
  'Debian without cloud-init, xe as a unit': { cycle: true, written: ['after', 'unit'] },
  'Debian without cloud-init, xe as a script': { cycle: false, written: ['after'] },
  'Red Hat with cloud-init, xe as a unit': { cycle: true, written: ['after', 'unit'] },
  'Red Hat with cloud-init, xe as a script': { cycle: false, written: ['after'] },
};

const roles = {
  after: '/etc/systemd/system/nova-agent.service.d/50-hallmark-after-xe-linux-distribution.conf',
  early: '/etc/systemd/system/xe-linux-distribution.service.d/50-hallmark-early.conf',
  unit: '/etc/systemd/system/xe-linux-distribution.service',
};

interface Solved {
  readonly services: Services;
  readonly xe: Service;
  readonly agent: Service;
}

async function solve(image: Image): Promise<Solved> {
  const services = await systemdServices(image);
  const [xe, agent] = [services.find('xe-linux-distribution'), services.find('nova-agent')];
  assert.ok(xe && agent);
  return { services, xe, agent };
}

async function verdictOf({ services, xe, agent }: Solved): Promise<string | undefined> {
  return (await services.order(xe, agent))[0]?.verdict;
}

async function cyclesOf({ services }: Solved): Promise<number> {
  const nodes = (await services.graphs()).flatMap((graph) => [...graph.nodes]);
  return (await services.cycles(nodes)).length;
}

async function put(
  files: Readonly<Record<string, MemoryNode>>,
): Promise<{ changes: Change[]; after: Solved; image: Image }> {
  const image = memoryImage(files);
  const { services, xe, agent } = await solve(image);
  const changes = await services.putBefore(xe, agent);
  assert.ok(changes, 'no candidate was good enough');
  const changed = await overlay(image, changes);
  return { changes, after: await solve(changed), image: changed };
}

function textOf(changes: readonly Change[], path: string): string {
  const change = changes.find((one) => one.path === path);
  assert.ok(change?.kind === 'write' && 'bytes' in change.content, `${path} is not written`);
  return change.content.bytes.toString('utf8');
}

describe('putBefore of systemd', () => {
  for (const set of unitSets) {
    describe(set.name, () => {
      const { cycle, written } = expected[set.name]!;

      it('is not ordered to begin with, and has no cycle', async () => {
        const now = await solve(memoryImage(set.files));
        const edges = (await now.services.graphs())[0]!.edges;
        assert.ok(edges.length > 0);
        assert.notEqual(await verdictOf(now), 'before');
        assert.equal(await cyclesOf(now), 0);
      });

      it(cycle ? 'gets a cycle from the plain drop-in' : 'needs the plain drop-in only', async () => {
        const naive = await solve(memoryImage({ ...set.files, ...naiveDropIn }));
        assert.equal((await cyclesOf(naive)) > 0, cycle);
        assert.equal(await verdictOf(naive), cycle ? 'unordered' : 'before');
      });

      it('is put in order without a cycle, and then left alone', async () => {
        const { changes, after } = await put(set.files);
        assert.equal(await verdictOf(after), 'before');
        assert.equal(await cyclesOf(after), 0);
        assert.equal(after.xe.state, 'enabled');
        const files = changes.filter(({ kind }) => kind !== 'directory').map(({ path }) => path);
        assert.deepEqual(files.sort(), written.map((role) => roles[role as keyof typeof roles]).sort());
        assert.deepEqual(await after.services.putBefore(after.xe, after.agent), []);
      });

      it('is put in order even where the plain drop-in was tried before', async () => {
        const { after } = await put({ ...set.files, ...naiveDropIn });
        assert.equal(await verdictOf(after), 'before');
        assert.equal(await cyclesOf(after), 0);
      });
    });
  }

  const native = unitSets.find(
    ({ xe, cloud }) => xe === 'native' && cloud === 'Debian without cloud-init',
  )!.files;
  const script = unitSets.find(
    ({ xe, cloud }) => xe === 'script' && cloud === 'Debian without cloud-init',
  )!.files;

  it('keeps everything of a replaced unit but the edges of the cycle', async () => {
    const { changes } = await put(native);
    const text = textOf(changes, roles.unit);
    assert.match(
      text,
      /^# Written by Hallmark\.\n# As \/usr\/lib\/systemd\/system\/xe-linux-distribution\.service, but without/,
    );
    assert.ok(text.endsWith(xeUnit.replace(/^(?:After|Wants)=.*\n/gm, '')));
  });

  it("edits the administrator's copy in place", async () => {
    const copy = `# mine\n${xeUnit.replace('After=network-online.target', 'After=network-online.target local-fs.target')}`;
    const { changes } = await put({ ...native, [roles.unit]: copy });
    const text = textOf(changes, roles.unit);
    assert.ok(text.includes('# mine\n') && text.includes('\nAfter=local-fs.target\n'));
    assert.ok(!/=network-online/.test(text));
  });

  it("takes another name where the administrator's drop-in has ours", async () => {
    const { changes, image } = await put({ ...script, [roles.after]: '[Service]\nNice=5\n' });
    assert.ok(!changes.some(({ path }) => path === roles.after));
    assert.equal(await image.readText(roles.after as '/x'), '[Service]\nNice=5\n');
  });

  it('loosens a drop-in of the vendor by one of the same name in /etc', async () => {
    const plain = xeUnit.replace(/^(?:After|Wants)=.*\n/gm, '');
    const { changes } = await put({
      ...native,
      '/usr/lib/systemd/system/xe-linux-distribution.service': plain,
      '/usr/lib/systemd/system/xe-linux-distribution.service.d/net.conf':
        '[Unit]\nWants=network-online.target\nAfter=network-online.target\n',
    });
    const text = textOf(changes, '/etc/systemd/system/xe-linux-distribution.service.d/net.conf');
    assert.ok(!/^After=/m.test(text));
  });

  it('gives a script that waits for the network a unit of its own, and keeps it enabled', async () => {
    const header = (script['/etc/init.d/xe-linux-distribution'] as { content: string }).content;
    const { changes, after } = await put({
      ...script,
      '/etc/init.d/xe-linux-distribution': {
        content: header.replaceAll('$remote_fs', '$remote_fs $network'),
        mode: 0o755,
      },
    });
    const text = textOf(changes, roles.unit);
    assert.match(text, /^ExecStart=\/etc\/init\.d\/xe-linux-distribution start$/m);
    assert.match(text, /^After=remote-fs\.target$/m);
    assert.ok(!/=network-online/.test(text));
    assert.equal(after.xe.state, 'enabled');
    assert.equal(after.xe.origin, 'unit');
  });

  it('orders them even when neither is enabled yet', async () => {
    const links = Object.keys(native).filter((path) => path.includes('.wants/'));
    const files = Object.fromEntries(Object.entries(native).filter(([path]) => !links.includes(path)));
    const image = memoryImage(files);
    const now = await solve(image);
    const changes = await now.services.putBefore(now.xe, now.agent);
    assert.ok(changes && changes.length > 0);
    const enabled = await overlay(await overlay(image, changes), await now.services.enable(now.agent));
    assert.equal(await verdictOf(await solve(enabled)), 'before');
  });

  it('offers nothing for a masked service', async () => {
    const now = await solve(memoryImage({ ...native, [roles.unit]: { link: '/dev/null' } }));
    assert.equal(await now.services.putBefore(now.xe, now.agent), undefined);
  });
});
