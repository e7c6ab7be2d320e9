import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { openDirectory } from '../../images/image/directory.js';
import type { BootGraph } from '../../images/guest/init/boot-graph.js';
import { systemdServices } from '../../images/guest/init/systemd/index.js';
import type { MemoryNode } from '../../images/image/memory.js';
import { novaAgent, xeScript, xeUnit } from '../images/guest/init/systemd/unit-sets.js';
import { Workspace, install, requireTools } from './systemd-root.js';

const workspace = new Workspace();
const wants = '/etc/systemd/system/multi-user.target.wants';

const header = (...lines: string[]): string =>
  `#!/bin/sh\n### BEGIN INIT INFO\n${lines.join('\n')}\n### END INIT INFO\nexit 0\n`;

const scripts: Readonly<Record<string, string>> = {
  '01xe-script': xeScript,
  '02t-needs': header(
    '# Provides: t-needs t-alias',
    '# Required-Start: $network $named $time xe-script',
    '# Should-Start: $portmap',
  ),
  '03t-before.sh': header(
    '# Provides: t-before',
    '# Required-Start: $local_fs $syslog',
    '# X-Start-Before: t-needs',
  ),
  '04t-facility': header('# Provides: $t-facility t-facility', '# Required-Start: t-alias'),
  '05t-old': '#!/bin/sh\n# chkconfig: 2345 5 95\nexit 0\n',
  '07t-older': '#!/bin/sh\nexit 0\n',
};

const unit = (...lines: string[]): string =>
  `[Unit]\n${lines.join('\n')}\n[Service]\nExecStart=/bin/true\nType=oneshot\nRemainAfterExit=yes\n`;

/** Units for the dependencies that systemd adds by itself. */
const units: Readonly<Record<string, string>> = {
  'nova-agent.service': novaAgent,
  'xe-linux-distribution.service': xeUnit,
  't-tmp.service': `${unit()}PrivateTmp=yes\nStateDirectory=t\nWorkingDirectory=/var/lib\n`,
  't-mounts.service': unit('RequiresMountsFor=/opt/data/x'),
  't-quiet.service': `${unit()}StandardOutput=null\n`,
  't-dbus.service': '[Service]\nType=dbus\nBusName=a.b\nExecStart=/bin/true\n',
  't-sockets.service': `${unit()}Sockets=t-listen.socket\n`,
  't-listen.socket': '[Socket]\nListenStream=/run/t-listen\nService=t-sockets.service\n',
  't-clock.timer': '[Timer]\nOnCalendar=yearly\nUnit=t-quiet.service\n',
  't-watch.path': '[Path]\nPathExists=/opt/data/flag\nUnit=t-quiet.service\n',
  't-inst@one.service': unit('After=t-inst@two.service', 'Wants=t-inst@two.service'),
  't-inst@.service': unit('Before=t-%i.service t-quiet.service'),
  't-own.target': '[Unit]\nWants=t-quiet.service t-tmp.service\nAfter=t-mounts.service\n',
  't-free.target': '[Unit]\nDefaultDependencies=no\nWants=t-quiet.service\n',
  'opt-data.mount': '[Mount]\nWhat=tmpfs\nWhere=/opt/data\nType=tmpfs\n',
  'opt-data-deep.mount': '[Mount]\nWhat=tmpfs\nWhere=/opt/data/deep\nType=tmpfs\nOptions=_netdev\n',
};

async function build(): Promise<string> {
  const root = await workspace.copy('boot');
  const files: Record<string, MemoryNode> = {
    // Taken without probing, so that the generator lets cloud-init run.
    '/etc/cloud/cloud.cfg.d/99_test.cfg': 'datasource_list: [ ConfigDrive, None ]\n',
    '/usr/bin/cloud-init': { content: '#!/bin/sh\nexit 0\n', mode: 0o755 },
  };
  for (const [name, text] of Object.entries(units)) {
    files[`/lib/systemd/system/${name}`] = text;
    if (!name.includes('@.')) files[`${wants}/${name}`] = { link: `/lib/systemd/system/${name}` };
  }
  for (const [numbered, content] of Object.entries(scripts)) {
    const name = numbered.slice(2);
    files[`/etc/init.d/${name}`] = { content, mode: 0o755 };
    for (const level of [2, 3, 5]) files[`/etc/rc${level}.d/S${numbered}`] = { link: `../init.d/${name}` };
  }
  await install(root, files);
  return root;
}

/** Boots a root in a container, and asks its manager for these units. */
async function ask(root: string, names: readonly string[]): Promise<readonly Record<string, string>[]> {
  const folder = join(await workspace.open(), 'answers');
  await mkdir(folder, { recursive: true });
  const script = [
    '#!/bin/sh',
    'set -- $(cat /answers/names)',
    'systemctl show -p Id,Names,After,Before,LoadState -- "$@" > /answers/units',
    'systemctl poweroff --force --force',
  ];
  await writeFile(join(folder, 'names'), names.join('\n'));
  await writeFile(join(folder, 'ask'), `${script.join('\n')}\n`, { mode: 0o755 });
  // Started by a timer, a while after the boot: nothing that is asked about waits for it.
  await install(root, {
    '/etc/systemd/system/hallmark-ask.service': '[Service]\nExecStart=/bin/sh /answers/ask\n',
    '/etc/systemd/system/hallmark-ask.timer': '[Timer]\nOnActiveSec=3\n',
    '/etc/systemd/system/timers.target.wants/hallmark-ask.timer': { link: '../hallmark-ask.timer' },
  });
  const env = { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' };
  const boot = $({ env, nothrow: true, quiet: true, timeout: '120s' });
  await boot`systemd-nspawn --quiet --register=no --keep-unit --volatile=overlay --private-network --bind=${folder}:/answers -D ${root} -b < /dev/null`;
  const text = await readFile(join(folder, 'units'), 'utf8');
  return text.split('\n\n').map((block) =>
    Object.fromEntries(
      block
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    ),
  );
}

function edgesOf(answers: readonly Record<string, string>[], nodes: ReadonlySet<string>): Set<string> {
  const own = new Map<string, string>();
  for (const { Id = '', Names = '' } of answers) for (const name of Names.split(' ')) own.set(name, Id);
  const edges = new Set<string>();
  for (const { Id = '', After = '', Before = '' } of answers) {
    for (const other of After.split(' ')) edges.add(`${own.get(other) ?? other} -> ${Id}`);
    for (const other of Before.split(' ')) edges.add(`${Id} -> ${own.get(other) ?? other}`);
  }
  const known = (edge: string): boolean => {
    const [first = '', then = ''] = edge.split(' -> ');
    return first !== then && nodes.has(first) && nodes.has(then);
  };
  return new Set([...edges].filter(known));
}

describe('systemd, against a booted container', function () {
  this.timeout(300_000);
  let graph: BootGraph;
  let answers: readonly Record<string, string>[];
  before(async () => {
    await requireTools('systemd-nspawn');
    const root = await build();
    const [first] = await (await systemdServices(openDirectory(root))).graphs();
    graph = first!;
    answers = await ask(root, [...graph.nodes]);
  });
  after(() => workspace.close());

  it('starts only units that the manager could load', () => {
    const missing = answers.filter(({ LoadState }) => LoadState !== 'loaded').map(({ Id }) => Id);
    assert.deepEqual(missing, []);
    assert.equal(new Set(answers.map(({ Id }) => Id)).size, graph.nodes.size);
    for (const name of [...Object.keys(units), 't-needs.service', 'cloud-init.service']) {
      if (!name.includes('@.')) assert.ok(graph.nodes.has(name), name);
    }
  });

  it('has exactly the edges of the real manager, implied ones and scripts included', () => {
    const theirs = edgesOf(answers, graph.nodes);
    const ours = new Set(graph.edges.map(({ first, then }) => `${first} -> ${then}`));
    assert.ok(ours.size > 300);
    assert.deepEqual([...theirs].filter((edge) => !ours.has(edge)).sort(), [], 'edges that we lack');
    assert.deepEqual([...ours].filter((edge) => !theirs.has(edge)).sort(), [], 'edges that we made up');
  });
});
