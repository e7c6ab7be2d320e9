import assert from 'node:assert/strict';
import { agentStart } from '../../../../images/guest/agents/agent-start.js';
import { agentStoppers } from '../../../../images/guest/agents/agent-stoppers.js';
import {
  agentUnitStarters,
  withoutUnitStarters,
} from '../../../../images/guest/agents/agent-unit-starters.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import { assertDeclared } from '../../../support/declared.js';
import { bare } from '../init/systemd/unit-sets.js';

type Files = Readonly<Record<string, MemoryNode>>;

const etc = '/etc/systemd/system';
const vendor = '/usr/lib/systemd/system';
const program: MemoryNode = { content: '\x7fELF', mode: 0o755 };
const unit = '[Service]\nExecStart=/usr/bin/nova-agent\n[Install]\nWantedBy=multi-user.target\n';

/** A guest of systemd with an agent that nothing starts. */
const idle: Files = {
  ...bare,
  '/etc/machine-id': '',
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  '/sbin/init': { link: '/usr/lib/systemd/systemd' },
  '/usr/lib/systemd/systemd': program,
  '/usr/bin/nova-agent': { content: '#!/usr/bin/python3\n', mode: 0o755 },
  '/usr/bin/python3': program,
  [`${vendor}/nova-agent.service`]: unit,
};
const link: Files = {
  [`${etc}/multi-user.target.wants/nova-agent.service`]: { link: `${vendor}/nova-agent.service` },
};
const timer: Files = {
  [`${etc}/late.timer`]: '[Timer]\nOnBootSec=5\nUnit=nova-agent.service\n',
  [`${etc}/multi-user.target.wants/late.timer`]: { link: '../late.timer' },
};
const line: Files = {
  '/etc/crontab': '@reboot root /usr/bin/nova-agent\n',
  [`${etc}/cron.service`]: '[Service]\nExecStart=/bin/true\n',
  [`${etc}/multi-user.target.wants/cron.service`]: { link: '../cron.service' },
};
const newMachine: Files = { '/etc/machine-id': 'uninitialized\n' };

async function startOf(files: Files): Promise<string> {
  const image = memoryImage({ ...idle, ...files });
  await assertDeclared(agentStart.inputs, image, (watched) => factsOf(watched)(agentStart));
  const start = await factsOf(image)(agentStart);
  return start ? `${start.by} ${start.evidence.path}` : '';
}

describe('what starts an agent', () => {
  const cases: readonly (readonly [string, Files, string])[] = [
    ['nothing', {}, ''],
    ['its own service', link, `service ${etc}/multi-user.target.wants/nova-agent.service`],
    [
      'its own service before all else',
      { ...link, ...timer, ...line },
      `service ${etc}/multi-user.target.wants/nova-agent.service`,
    ],
    ['a timer', { ...timer, ...line }, `unit ${etc}/late.timer`],
    [
      'a timer of every day',
      { ...timer, [`${etc}/late.timer`]: '[Timer]\nOnCalendar=daily\nUnit=nova-agent.service\n' },
      '',
    ],
    [
      'a timer that nothing starts',
      { [`${etc}/late.timer`]: '[Timer]\nOnBootSec=5\nUnit=nova-agent.service\n' },
      '',
    ],
    ['a line of cron', line, 'cron /etc/crontab'],
    ['a first boot', newMachine, 'first-boot /etc/machine-id'],
    [
      'a first boot with a preset for it',
      { ...newMachine, '/etc/systemd/system-preset/0.preset': 'enable nova-agent.service\ndisable *\n' },
      'first-boot /etc/machine-id',
    ],
    [
      'no first boot with a preset against it',
      { ...newMachine, '/etc/systemd/system-preset/0.preset': 'disable nova-*\n' },
      '',
    ],
    ['a boot of a machine that has an id', { '/etc/machine-id': '' }, ''],
  ];
  it('is not a first boot that only a missing file makes one', async () => {
    const files: Record<string, MemoryNode> = { ...idle };
    delete files['/etc/machine-id'];
    assert.equal(await factsOf(memoryImage(files))(agentStart), undefined);
  });

  for (const [name, files, expected] of cases)
    it(name, async () => {
      assert.equal(await startOf(files), expected);
    });
});

describe('what stops an agent', () => {
  const stoppers = async (files: Files): Promise<readonly string[]> => {
    const image = memoryImage({ ...idle, ...link, ...files });
    await assertDeclared(agentStoppers.inputs, image, (watched) => factsOf(watched)(agentStoppers));
    const found = await factsOf(image)(agentStoppers);
    return found.map(({ path, line, certain }) => `${path}:${line} ${certain ? 'surely' : 'perhaps'}`);
  };
  const cron = (text: string): Files => ({ ...line, '/etc/crontab': text });

  it('is a command of a boot', async () => {
    for (const command of [
      'systemctl stop nova-agent',
      'systemctl disable --now nova-agent.service',
      'systemctl mask nova-agent',
      'service nova-agent stop',
      '/etc/init.d/nova-agent stop',
      'sh -c "sleep 9; systemctl stop nova-agent"',
    ])
      assert.deepEqual(await stoppers(cron(`@reboot root ${command}\n`)), ['/etc/crontab:1 surely'], command);
  });

  it('is perhaps a command of some day, or under a condition', async () => {
    const perhaps = ['/etc/crontab:1 perhaps'];
    assert.deepEqual(await stoppers(cron('0 3 * * * root systemctl stop nova-agent\n')), perhaps);
    assert.deepEqual(
      await stoppers(cron('@reboot root [ -e /run/x ] && systemctl stop nova-agent\n')),
      perhaps,
    );
  });

  it('is none where the same file starts it again', async () => {
    const text = '@reboot root systemctl stop nova-agent; sleep 5; systemctl start nova-agent\n';
    assert.deepEqual(await stoppers(cron(text)), []);
  });

  it('is no command for another service, and none that starts it', async () => {
    for (const command of ['systemctl stop nginx', 'systemctl restart nova-agent', 'echo stop nova-agent'])
      assert.deepEqual(await stoppers(cron(`@reboot root ${command}\n`)), []);
  });
});

describe('keeping an agent from what would start it', () => {
  const left = async (files: Files): Promise<readonly [string[], number]> => {
    const image = memoryImage({ ...idle, ...files });
    const changes = await withoutUnitStarters(image);
    const after = await factsOf(await overlay(image, changes))(agentUnitStarters);
    return [changes.map(({ path }) => path), after.length];
  };

  it('masks its service', async () => {
    assert.deepEqual(await left(timer), [[`${etc}/nova-agent.service`], 0]);
  });

  it('keeps the timer off where the unit is the administrator’s own', async () => {
    const own = { [`${etc}/nova-agent.service`]: unit };
    assert.deepEqual(await left({ ...timer, ...own }), [[`${etc}/multi-user.target.wants/late.timer`], 0]);
  });

  it('leaves an agent alone that nothing starts', async () => {
    assert.deepEqual(await left({}), [[], 0]);
  });
});
