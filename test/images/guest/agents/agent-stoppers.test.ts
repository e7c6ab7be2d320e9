import assert from 'node:assert/strict';
import { agentStoppers } from '../../../../images/guest/agents/agent-stoppers.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { assertDeclared } from '../../../support/declared.js';
import { bare } from '../init/systemd/unit-sets.js';

type Files = Readonly<Record<string, MemoryNode | false>>;

const program: MemoryNode = { content: '\x7fELF', mode: 0o755 };
const system = '/usr/lib/systemd/system';
const etc = '/etc/systemd/system';
const agentUnit = (...lines: string[]): string =>
  `[Service]\nExecStart=/usr/bin/nova-agent --no-fork True\n${lines.join('\n')}\n[Install]\nWantedBy=multi-user.target\n`;

const guest: Files = {
  ...bare,
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  '/sbin/init': { link: '/usr/lib/systemd/systemd' },
  '/usr/lib/systemd/systemd': program,
  '/usr/bin/systemctl': program,
  '/usr/bin/pkill': program,
  '/usr/bin/env': program,
  '/bin/sh': program,
  '/usr/bin/nova-agent': { content: '#!/usr/bin/python3\nimport novaagent\n', mode: 0o755 },
  '/etc/init.d/nova-agent': { content: '#!/bin/sh\n', mode: 0o755 },
  [`${system}/nova-agent.service`]: agentUnit(),
  [`${etc}/multi-user.target.wants/nova-agent.service`]: { link: `${system}/nova-agent.service` },
};

/** A oneshot of the boot with these lines. */
const tune = (...lines: string[]): Files => ({
  [`${etc}/tune.service`]: `[Service]\nType=oneshot\n${lines.join('\n')}\n`,
  [`${etc}/multi-user.target.wants/tune.service`]: { link: `${etc}/tune.service` },
});

const after = { [`${etc}/tune.service.d/order.conf`]: '[Unit]\nAfter=nova-agent.service\n' };
const before = { [`${etc}/tune.service.d/order.conf`]: '[Unit]\nBefore=nova-agent.service\n' };

async function stoppers(files: Files): Promise<readonly string[]> {
  const all = Object.entries({ ...guest, ...files }).filter(
    (entry): entry is [string, MemoryNode] => entry[1] !== false,
  );
  const image = memoryImage(Object.fromEntries(all));
  await assertDeclared(agentStoppers.inputs, image, (watched) => factsOf(watched)(agentStoppers));
  const found = await factsOf(image)(agentStoppers);
  return found.map(
    ({ path, line, command, certain }) => `${certain ? '' : '? '}${path}:${String(line)} ${command}`,
  );
}

const at = `${etc}/tune.service:3`;

describe('services that stop the agent', () => {
  for (const line of [
    'systemctl stop nova-agent',
    'systemctl --no-block stop nova-agent.service',
    "systemctl stop 'nova-*'",
    'systemctl disable --now nova-agent',
    'systemctl disable nova-agent',
    'systemctl mask --now nova-agent',
    'systemctl -s SIGKILL kill nova-agent',
    'systemctl isolate rescue.target',
    'systemctl rescue',
    'service nova-agent stop',
    '/etc/init.d/nova-agent stop',
    'pkill nova-agent',
    'pkill -9 -f bin/nova-agent',
    'killall nova-agent',
  ]) {
    const said = line.replaceAll("'", '');
    it(`by ExecStart=${line}`, async () => {
      assert.deepEqual(await stoppers({ ...tune(`ExecStart=/usr/bin/env ${line}`), ...after }), [
        `${at} ${said}`,
      ]);
    });
    it(`by a shell: ${line}`, async () => {
      const files = {
        ...tune(`ExecStartPre=-/bin/sh -c "sleep 1; ${line}"`, 'ExecStart=/bin/true'),
        ...after,
      };
      assert.deepEqual(await stoppers({ '/bin/true': program, ...files }), [`${at} ${said}`]);
    });
  }

  for (const [name, files] of Object.entries<Files>({
    'a unit that is not started': {
      ...tune('ExecStart=systemctl stop nova-agent'),
      [`${etc}/multi-user.target.wants/tune.service`]: false,
    },
    'a condition that does not hold': tune(
      'ExecStart=systemctl stop nova-agent',
      '[Unit]',
      'ConditionPathExists=/none',
    ),
    'ExecStop=': tune('ExecStart=/bin/sh -c :', 'RemainAfterExit=yes', 'ExecStop=systemctl stop nova-agent'),
    'a restart': tune('ExecStart=systemctl restart nova-agent'),
    'a start behind it': tune('ExecStart=systemctl stop nova-agent', 'ExecStart=systemctl start nova-agent'),
    'a start behind it in one shell': tune(
      "ExecStart=/bin/sh -c 'systemctl stop nova-agent; sleep 1; systemctl start nova-agent'",
    ),
    'a mask that is taken back': tune(
      'ExecStart=systemctl mask nova-agent',
      'ExecStart=systemctl unmask nova-agent',
    ),
    'another service': tune('ExecStart=systemctl stop nova-agent-helper'),
    'services of a user': tune('ExecStart=systemctl --user stop nova-agent'),
    'another root': tune('ExecStart=systemctl --root=/mnt disable nova-agent'),
    'what the user may not': tune('User=nobody', 'ExecStart=systemctl stop nova-agent'),
    'a signal that ends nothing': { ...tune('ExecStart=systemctl kill -s CONT nova-agent'), ...after },
    'a longer name': { ...tune('ExecStart=pkill -x nova'), ...after },
    'a signal before the agent is there': { ...tune('ExecStart=pkill nova-agent'), ...before },
    'an agent that is started again': {
      ...tune('ExecStart=pkill nova-agent'),
      ...after,
      [`${system}/nova-agent.service`]: agentUnit('Restart=always'),
    },
    'an agent that is started again after SIGKILL': {
      ...tune('ExecStart=pkill -KILL nova-agent'),
      ...after,
      [`${system}/nova-agent.service`]: agentUnit('Restart=on-failure'),
    },
    'a line before it that fails': tune('ExecStartPre=/bin/false', 'ExecStart=systemctl stop nova-agent'),
    'the target of every server': tune('ExecStart=systemctl isolate multi-user.target'),
    'what the agent’s own unit ends before it starts': {
      [`${system}/nova-agent.service`]: agentUnit('ExecStartPre=-/usr/bin/pkill nova-agent'),
    },
    'a branch that is never taken': tune(
      "ExecStart=/bin/sh -c 'if false; then systemctl stop nova-agent; fi'",
    ),
  }))
    it(`passes over ${name}`, async () => {
      assert.deepEqual(await stoppers({ '/bin/false': program, ...files }), []);
    });

  // core/job.c, job_install(): a stop cancels the start that waits.
  it('stops an agent that it is ordered before', async () => {
    assert.deepEqual(await stoppers({ ...tune('ExecStart=systemctl stop nova-agent'), ...before }), [
      `${at} systemctl stop nova-agent`,
    ]);
  });

  it('does not say which comes first where nothing orders them', async () => {
    assert.deepEqual(await stoppers(tune('ExecStart=pkill nova-agent')), [`? ${at} pkill nova-agent`]);
  });

  it('reads a script in the image, and warns of what hangs on the server', async () => {
    const script = (text: string): Files => ({
      '/opt/tools/tune.sh': { content: `#!/bin/bash\nset -e\n${text}\n`, mode: 0o755 },
    });
    const unit = tune('ExecStart=/opt/tools/tune.sh');
    assert.deepEqual(await stoppers({ ...unit, ...script('systemctl stop nova-agent') }), [
      '/opt/tools/tune.sh:3 systemctl stop nova-agent',
    ]);
    assert.deepEqual(await stoppers({ ...unit, ...script('if hosts; then\nservice nova-agent stop\nfi') }), [
      '? /opt/tools/tune.sh:4 service nova-agent stop',
    ]);
    assert.deepEqual(
      await stoppers({ ...unit, ...script('service nova-agent stop\nservice nova-agent start') }),
      [],
    );
    assert.deepEqual(
      await stoppers({
        ...tune('ExecStart=/bin/sh /opt/tools/tune.sh'),
        ...script('pkill -f nova-agent'),
        ...after,
      }),
      ['/opt/tools/tune.sh:3 pkill -f nova-agent'],
    );
  });

  it('fills in variables of the unit', async () => {
    assert.deepEqual(await stoppers(tune('ExecStart=systemctl stop $UNIT', 'Environment=UNIT=nova-agent')), [
      `${at} systemctl stop nova-agent`,
    ]);
  });

  it('of a service that a timer of the boot starts', async () => {
    const files: Files = {
      ...tune('ExecStart=systemctl stop nova-agent'),
      [`${etc}/multi-user.target.wants/tune.service`]: false,
      [`${etc}/multi-user.target.wants/tune.timer`]: { link: `${etc}/tune.timer` },
    };
    const timer = (line: string): Files => ({ [`${etc}/tune.timer`]: `[Timer]\n${line}\n` });
    assert.deepEqual(await stoppers({ ...files, ...timer('OnBootSec=5min') }), [
      `${at} systemctl stop nova-agent`,
    ]);
    assert.deepEqual(await stoppers({ ...files, ...timer('OnCalendar=daily') }), [
      `? ${at} systemctl stop nova-agent`,
    ]);
  });

  it('a unit that stops itself', async () => {
    const own = {
      [`${system}/nova-agent.service`]: agentUnit('ExecStartPost=/usr/bin/systemctl stop nova-agent'),
    };
    assert.deepEqual(await stoppers(own), [
      `${system}/nova-agent.service:3 /usr/bin/systemctl stop nova-agent`,
    ]);
  });
});
