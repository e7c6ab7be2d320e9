import assert from 'node:assert/strict';
import { agentStarters, withoutStarters } from '../../../../images/guest/agents/agent-starters.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import { assertDeclared } from '../../../support/declared.js';
import { bare } from '../init/systemd/unit-sets.js';

type Files = Readonly<Record<string, MemoryNode>>;

async function startersOf(files: Files): Promise<readonly string[]> {
  const image = memoryImage(files);
  await assertDeclared(agentStarters.inputs, image, (watched) => factsOf(watched)(agentStarters));
  const found = await factsOf(image)(agentStarters);
  return found.map(({ by, path, line }) => `${by} ${path}:${line}`);
}

const local = (content: string, mode = 0o755): Files => ({
  '/etc/rc.d/rc.local': { content, mode },
  '/etc/rc.local': { link: 'rc.d/rc.local' },
});

const program: MemoryNode = { content: '\x7fELF', mode: 0o755 };
const unit = '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n';
const etc = '/etc/systemd/system';

/** A guest of systemd, as far as rc.local and cron need one. */
const systemd: Files = {
  ...bare,
  '/sbin/init': { link: '/usr/lib/systemd/systemd' },
  '/usr/lib/systemd/systemd': program,
  '/usr/lib/systemd/system-generators/systemd-rc-local-generator': program,
  '/usr/lib/systemd/system/rc-local.service': '[Service]\nExecStart=/etc/rc.local start\n',
  '/usr/lib/systemd/system/cron.service': unit,
  [`${etc}/multi-user.target.wants/cron.service`]: { link: '/usr/lib/systemd/system/cron.service' },
};

describe('agent starters', () => {
  // "NOT REGULAR", says cron of it (database.c), and goes on.
  it('passes over a pipe among the tables of cron', async () => {
    const files: Files = {
      ...systemd,
      '/etc/cron.d/backup': { type: 'fifo' },
      '/etc/cron.d/agent': '@reboot root /usr/sbin/nova-agent\n',
    };
    assert.deepEqual(await startersOf(files), ['cron /etc/cron.d/agent:1']);
  });

  for (const line of [
    '/usr/sbin/nova-agent &',
    'nohup /usr/bin/nova-agent -n',
    '/usr/bin/python3 /usr/bin/nova-agent',
    '/etc/init.d/nova-agent start',
    'sleep 5; service nova-agent restart',
    'systemctl start nova-agent',
    'systemctl --no-block start python3-nova-agent.service',
    'systemctl enable --now nova-agent',
    'sudo sh -c "exec /usr/bin/nova-agent"',
    'A=/usr/bin/nova-agent; $A &',
    'if [ -d /etc ]; then /usr/bin/nova-agent; fi',
  ]) {
    it(`finds ${line}, once`, async () => {
      assert.deepEqual(await startersOf(local(`#!/bin/sh\n${line}\nexit 0\n`)), ['rc.local /etc/rc.local:2']);
    });
  }

  for (const script of [
    '# /usr/sbin/nova-agent &',
    'service nova-agent stop',
    'tail /var/log/nova-agent.log',
    'pkill nova-agent',
    'systemctl enable nova-agent',
    'systemctl stop nova-agent',
    'exit 0\n/usr/bin/nova-agent',
    'if false; then\n  /usr/bin/nova-agent\nfi',
    '[ -x /no/such ] || exit 0\n/usr/bin/nova-agent',
    'cat <<E\n/usr/bin/nova-agent\nE',
    'start() {\n  /usr/bin/nova-agent\n}',
    '',
  ]) {
    it(`does not take ${JSON.stringify(script)} for one`, async () => {
      assert.deepEqual(await startersOf(local(`#!/bin/sh\n${script}\n`)), []);
    });
  }

  it('counts only in a script that can be run', async () => {
    assert.deepEqual(await startersOf(local('#!/bin/sh\n/usr/sbin/nova-agent\n', 0o644)), []);
  });

  describe('under systemd', () => {
    const script = { '/etc/rc.local': { content: '#!/bin/sh\nnova-agent\n', mode: 0o755 } };
    const crontab = { '/etc/crontab': 'SHELL=/bin/sh\n@reboot root /usr/bin/nova-agent\n' };

    it('finds rc.local where its service starts', async () => {
      assert.deepEqual(await startersOf({ ...systemd, ...script }), ['rc.local /etc/rc.local:2']);
      const masked = { [`${etc}/rc-local.service`]: { link: '/dev/null' } };
      assert.deepEqual(await startersOf({ ...systemd, ...script, ...masked }), []);
    });

    it('finds lines of cron where cron starts', async () => {
      const tables: Files = {
        ...crontab,
        '/etc/debian_version': '12.5\n',
        '/etc/cron.d/agent': '*/5 * * * * root systemctl start nova-agent\n',
        '/etc/cron.d/agent.dpkg-old': '@reboot root /usr/bin/nova-agent\n',
        '/etc/cron.d/folder/x': '',
        '/etc/cron.d/pipe': { type: 'fifo' },
        '/etc/cron.d/loop': { link: 'loop' },
        '/var/spool/cron/crontabs/root': '# m h\n@reboot sleep 5 && /usr/bin/nova-agent 2>&1\n',
        '/var/spool/cron/crontabs/daemon': '@reboot /usr/bin/nova-agent\n',
      };
      assert.deepEqual(await startersOf({ ...systemd, ...tables }), [
        'cron /etc/crontab:2',
        'cron /var/spool/cron/crontabs/root:2',
        'cron /etc/cron.d/agent:1',
      ]);
      const masked = { [`${etc}/cron.service`]: { link: '/dev/null' } };
      assert.deepEqual(await startersOf({ ...systemd, ...tables, ...masked }), []);
    });

    it('passes over inittab, which systemd does not read', async () => {
      assert.deepEqual(
        await startersOf({ ...systemd, '/etc/inittab': 'na:2345:respawn:/usr/bin/nova-agent\n' }),
        [],
      );
    });
  });

  it('finds a line of inittab that its runlevel starts', async () => {
    const sysv = (lines: string): Files => ({
      '/sbin/init': program,
      '/sbin/telinit': program,
      '/etc/inittab': `id:2:initdefault:\n${lines}\n`,
    });
    assert.deepEqual(await startersOf(sysv('na:2345:respawn:/usr/bin/nova-agent -n')), [
      'inittab /etc/inittab:2',
    ]);
    assert.deepEqual(await startersOf(sysv('na:3:respawn:/usr/bin/nova-agent -n')), []);
    assert.deepEqual(await startersOf(sysv('na:2345:off:/usr/bin/nova-agent -n')), []);
    assert.deepEqual(await startersOf(sysv('#na:2345:respawn:/usr/bin/nova-agent -n')), []);
  });

  it('turns every line into a comment, unless the rest would be no script then', async () => {
    const after = async (text: string): Promise<string | undefined> => {
      const image = memoryImage({ '/etc/rc.local': { content: text, mode: 0o755 } });
      return (await overlay(image, await withoutStarters(image))).readText('/etc/rc.local');
    };
    assert.equal(
      await after('#!/bin/sh\nnova-agent \\\n  -n\nexit 0\n'),
      '#!/bin/sh\n# off at boot in the golden image: nova-agent \\\n# off at boot in the golden image:   -n\nexit 0\n',
    );
    const guarded = '#!/bin/sh\nif true; then nova-agent\nfi\n';
    assert.equal(await after(guarded), guarded);
  });
});
