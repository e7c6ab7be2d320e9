import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { factsOf } from '../../images/guest/fact.js';
import { init } from '../../images/guest/init/init.js';
import { systemdServices } from '../../images/guest/init/systemd/index.js';
import type { Services } from '../../images/guest/init/service.js';
import { openDirectory } from '../../images/image/directory.js';
import type { MemoryNode } from '../../images/image/memory.js';
import { boot } from '../support/real-systemd.js';
import { Workspace, install, requireTools } from './systemd-root.js';

const workspace = new Workspace();
const etc = '/etc/systemd/system';
const runs = 'ExecStart=/bin/sleep 1000';
const stays = 'Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true';

type Files = Record<string, MemoryNode>;

const unit = (head: string, service = runs): string =>
  `[Unit]\nDefaultDependencies=no\n${head}\n[Service]\n${service}\n`;

/** The units that are asked about: each is wanted by multi-user.target, and runs on unless systemd keeps it from that. */
const subjects = new Map<string, string>();
const files: Files = {};
const wanted = (name: string, text: string): void => {
  described(name, text);
  files[`${etc}/multi-user.target.wants/${name}`] = { link: `../${name}` };
};
/** One that nothing wants. */
const described = (name: string, text: string): void => {
  subjects.set(name, text);
  files[`${etc}/${name}`] = text;
};
const required = (name: string): void => {
  files[`${etc}/multi-user.target.requires/${name}`] = { link: `../${name}` };
};

const others: Readonly<Record<string, MemoryNode | undefined>> = {
  absent: undefined,
  masked: { link: '/dev/null' },
  ok: unit('', stays),
  oneshot: unit('', 'Type=oneshot\nExecStart=/no/such'),
  simple: unit('', 'ExecStart=/no/such'),
  notify: unit('', 'Type=notify\nExecStart=/no/such'),
  exec: unit('', 'Type=exec\nExecStart=/no/such'),
  pre: unit('', `ExecStartPre=/no/such\n${runs}`),
  false: unit('', 'Type=oneshot\nExecStart=/bin/false'),
  ignored: unit('', 'Type=oneshot\nRemainAfterExit=yes\nExecStart=-/no/such'),
  condition: unit('ConditionPathExists=/no/such', stays),
  assertion: unit('AssertPathExists=/no/such', stays),
  refused: unit('', 'Type=simple'),
  skipped: unit('', `ExecCondition=/bin/false\n${stays}`),
  done: unit('', 'Type=oneshot\nExecStart=/bin/true'),
};
for (const relation of ['Requires', 'BindsTo', 'Requisite', 'Wants', 'Upholds', 'PartOf']) {
  for (const order of ['', 'After']) {
    for (const [kind, text] of Object.entries(others)) {
      const stem = `${relation}-${order}-${kind}`.toLowerCase();
      const other = `other-${stem}.service`;
      if (text !== undefined) files[`${etc}/${other}`] = text;
      wanted(`needs-${stem}.service`, unit(`${relation}=${other}\n${order ? `After=${other}` : ''}`));
    }
  }
}
files[`${etc}/chain-2.service`] = unit('Requires=chain-3.service\nAfter=chain-3.service', stays);
files[`${etc}/chain-3.service`] = unit('', 'Type=oneshot\nExecStart=/no/such');
wanted('chain-1.service', unit('Requires=chain-2.service\nAfter=chain-2.service'));

const pair = (name: string, declares: string, named = ''): void => {
  wanted(`${name}-a.service`, unit(`Conflicts=${name}-b.service\n${declares}`));
  wanted(`${name}-b.service`, unit(named));
};
pair('plain', '');
pair('mutual', '', 'Conflicts=mutual-a.service');
pair('passed', 'ConditionPathExists=/no/such');
pair('third', '');
wanted('third-c.service', unit('Requires=third-b.service'));
pair('must-b', '');
required('must-b-b.service');
pair('must-a', '');
required('must-a-a.service');

const conditions = [
  'PathExists=/no/such',
  'PathExists=!/etc/passwd',
  'PathExists=/etc/passwd',
  'PathExists=|/no/such\nConditionPathExists=|/etc',
  'PathExists=|/no/such\nConditionPathExists=|/no/other',
  'PathExists=/no/such\nConditionHost=',
  'PathExists=etc/x',
  'PathExists=! /etc',
  'PathExists="/etc"',
  'PathExists=/etc /no',
  'PathExistsGlob=/etc/pass*',
  'PathExistsGlob=/etc/no*such',
  'PathIsDirectory=/etc/passwd',
  'PathIsSymbolicLink=/bin',
  'PathIsSymbolicLink=/etc',
  'PathIsMountPoint=/',
  'PathIsMountPoint=/etc',
  'PathIsReadWrite=/no/such',
  'PathIsReadWrite=/etc',
  'DirectoryNotEmpty=/etc',
  'DirectoryNotEmpty=/opt',
  'FileNotEmpty=/etc',
  'FileNotEmpty=/etc/passwd',
  'FileIsExecutable=/etc/passwd',
  'FileIsExecutable=/bin/sh',
  'User=daemon',
  'User=@system',
  'Group=root',
  'Capability=CAP_CHOWN',
  'Capability=!CAP_NONSENSE',
  'Environment=HOME',
  'Environment=!KERNEL_CMDLINE=cloud-init=disabled',
  'OSRelease=ID=debian',
  'OSRelease=VERSION_ID>=13',
  'OSRelease=!ID debian',
  'Architecture=native',
  'FirstBoot=yes',
  'FirstBoot=no',
  'Nonsense=x',
  'Null=false',
];
for (const [at, condition] of conditions.entries())
  wanted(`condition-${at}.service`, unit(`Condition${condition}`));

const services = [
  '',
  'Type=oneshot',
  'Type=oneshot\nRemainAfterExit=yes',
  `${runs}\n${runs}`,
  'ExecStart=bin/sleep 1000',
  'ExecStart=-bin/sleep 1000',
  'ExecStart=sleep 1000',
  'ExecStart=-',
  'ExecStart=/bin/sleep "1000',
  `Type=dbus\n${runs}`,
  `Type=nonsense\n${runs}`,
  `Type=oneshot\nRestart=always\n${runs}`,
];
for (const [at, service] of services.entries()) wanted(`service-${at}.service`, unit('', service));

// What is passed over.
wanted('drop-in.service', unit(''));
files[`${etc}/drop-in.service.d/folder.conf/x`] = '';
files[`${etc}/drop-in.service.d/loop.conf`] = { link: 'loop.conf' };
subjects.set('folder.service', 'a directory');
files[`${etc}/multi-user.target.wants/folder.service`] = { link: '../folder.service' };
files[`${etc}/folder.service/x`] = '';
wanted('self.service', unit(''));
files['/usr/lib/systemd/system/self.service'] = unit('');
files[`${etc}/self.service`] = { link: 'self.service' };
wanted('alias.service', unit(''));
files[`${etc}/alias.service`] = { link: 'saila.service' };
files[`${etc}/saila.service`] = { link: 'alias.service' };
wanted('lib-x-y.service', unit(''));
files[`${etc}/lib-.service.d/x.conf`] = '[Unit]\nConditionPathExists=/no/such\n';
for (const target of ['default.target', 'runlevel3.target', 'multiuser.target']) {
  const name = `in-${target.replace('.target', '')}.service`;
  described(name, unit(''));
  files[`${etc}/${target}.wants/${name}`] = { link: `../${name}` };
}
files[`${etc}/gives-up.service`] = unit('Requires=absent.service\nWants=given-up.service');
files[`${etc}/multi-user.target.wants/gives-up.service`] = { link: '../gives-up.service' };
described('given-up.service', unit(''));

/** Boots the units, and asks the manager which of them are active a while later. */
async function activeUnits(root: string): Promise<ReadonlyMap<string, boolean>> {
  const answers = join(await workspace.open(), 'answers');
  await mkdir(answers, { recursive: true });
  await writeFile(join(answers, 'names'), [...subjects.keys()].join('\n'));
  const script = [
    'for name in $(cat /answers/names); do',
    '  echo "$name $(systemctl show -P ActiveState "$name")" >> /answers/states',
    'done',
    'touch /answers/done',
    'systemctl poweroff --force --force',
  ];
  await writeFile(join(answers, 'ask'), `${script.join('\n')}\n`);
  await install(root, {
    [`${etc}/hallmark-ask.service`]: '[Service]\nExecStart=/bin/sh /answers/ask\n',
    [`${etc}/hallmark-ask.timer`]: '[Timer]\nOnActiveSec=8\n',
    [`${etc}/timers.target.wants/hallmark-ask.timer`]: { link: '../hallmark-ask.timer' },
  });
  boot(root, answers);
  const states = (await readFile(join(answers, 'states'), 'utf8')).trim().split('\n');
  return new Map(states.map((line) => [line.split(' ')[0] ?? '', line.endsWith(' active')]));
}

async function verdict(system: Services, name: string): Promise<boolean | undefined> {
  const service = system.find(name);
  if (service?.state !== 'enabled') return false;
  const obstacles = await system.obstacles(service);
  if (obstacles.some(({ certain }) => certain)) return false;
  return obstacles.length === 0 ? true : undefined;
}

describe('what keeps systemd from starting a service, against a booted container', function () {
  this.timeout(300_000);
  let system: Services;
  let active: ReadonlyMap<string, boolean>;
  before(async () => {
    await requireTools('systemd-nspawn');
    const root = await workspace.copy('obstacles');
    await install(root, { ...files, '/etc/machine-id': '0123456789abcdef0123456789abcdef\n' });
    const image = openDirectory(root);
    const { systemdVersion } = await factsOf(image)(init);
    system = await systemdServices(image, undefined, systemdVersion);
    active = await activeUnits(root);
  });
  after(() => workspace.close());

  it('is what the manager shows, of every unit', async () => {
    const wrong: string[] = [];
    for (const [name, text] of subjects) {
      const ours = await verdict(system, name);
      if (ours !== undefined && ours !== active.get(name))
        wrong.push(`${name} is ${active.get(name)}:\n${text}`);
    }
    assert.deepEqual(wrong, []);
    assert.equal(active.size, subjects.size);
  });

  it('is left open only where the order of jobs decides', async () => {
    const open: string[] = [];
    for (const name of subjects.keys()) if ((await verdict(system, name)) === undefined) open.push(name);
    const failing = ['oneshot', 'notify', 'exec', 'pre', 'false', 'assertion'];
    const loadable = Object.keys(others).filter((kind) => !['absent', 'masked', 'refused'].includes(kind));
    const expected = [
      ...failing.map((kind) => `needs-requires--${kind}.service`),
      ...loadable.map((kind) => `needs-requisite--${kind}.service`),
      ...['a', 'b'].map((one) => `mutual-${one}.service`),
      ...['a', 'b', 'c'].map((one) => `third-${one}.service`),
    ];
    assert.deepEqual(open.sort(), expected.sort());
  });
});
