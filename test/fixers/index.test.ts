import assert from 'node:assert/strict';
import { checks } from '../../checks/index.js';
import type { CheckContext } from '../../checks/lib/check.js';
import { type CheckResult, gatherAll, runCheck } from '../../checks/lib/result.js';
import { fixers } from '../../fixers/index.js';
import { isChange } from '../../fixers/lib/fixer.js';
import { factsOf } from '../../images/guest/fact.js';
import type { Change, Image } from '../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../images/image/memory.js';
import { collapse, overlay } from '../../images/image/overlay.js';

const context: CheckContext = {
  target: 'nova-agent',
  family: 'Linux',
  metadata: undefined,
  today: '2013-06-09',
};
const program = { content: '#!/bin/sh\n', mode: 0o755 };
const tree = '/usr/share/nova-agent/1.39.0';
const script = `#!/bin/sh\n# chkconfig: 2345 15 85\nreallibdir="${tree}/lib"\n`;

/** What the 1.x installer leaves behind, and the guest utilities of its days. */
const common: Readonly<Record<string, MemoryNode>> = {
  '/usr/sbin/nova-agent': { link: `${tree}/sbin/nova-agent` },
  '/usr/share/nova-agent/nova-agent.py': { link: `${tree}/nova-agent.py` },
  [`${tree}/sbin/nova-agent`]: { content: '\x7fELF', mode: 0o755 },
  [`${tree}/nova-agent.py`]: '# configuration\n',
  [`${tree}/etc/generic/nova-agent`]: { content: script, mode: 0o700 },
  [`${tree}/lib/python2.6/site-packages/README`]: '',
  '/usr/sbin/xe-daemon': program,
  '/usr/sbin/xe-linux-distribution': program,
  '/usr/bin/python': program,
  '/bin/sh': program,
  '/bin/bash': program,
};

const xeScript = [
  '#!/bin/bash',
  '# chkconfig: 2345 14 86',
  '### BEGIN INIT INFO',
  '# Provides:          XenServer Virtual Machine Tools',
  '# Required-Start:    $remote_fs',
  '# Required-Stop:     $remote_fs',
  '# Default-Start:     2 3 4 5',
  '# Default-Stop:      0 1 6',
  '### END INIT INFO',
  '',
].join('\n');

/** The server of "All About Nova-Agent": Debian 6, and everything that the article finds wrong. */
const squeeze: Readonly<Record<string, MemoryNode>> = {
  ...common,
  '/etc/debian_version': '6.0.1\n',
  '/lib/modules/2.6.32-5-xen-amd64/modules.dep': '',
  '/sbin/init': program,
  '/etc/inittab': 'id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\nl2:2:wait:/etc/init.d/rc 2\n',
  '/etc/init.d/rc': program,
  '/sbin/insserv': program,
  '/etc/insserv.conf': '$local_fs mountall\n$remote_fs $local_fs +mountnfs\n$syslog +rsyslog\n',
  '/etc/init.d/nova-agent': { link: `${tree}/etc/generic/nova-agent` },
  '/etc/init.d/xe-linux-distribution': { content: xeScript, mode: 0o755 },
  '/etc/rc2.d/S20nova-agent': { link: '../init.d/nova-agent' },
  '/etc/rc2.d/S20xe-linux-distribution': { link: '../init.d/xe-linux-distribution' },
  '/etc/init.d/networking': {
    content: [
      '#!/bin/sh',
      '### BEGIN INIT INFO',
      '# Provides: networking',
      '# Required-Start:',
      '# Required-Stop:',
      '# Default-Start: S',
      '# Default-Stop:',
      '### END INIT INFO',
      '',
    ].join('\n'),
    mode: 0o755,
  },
  '/etc/rcS.d/S01networking': { link: '../init.d/networking' },
  '/sbin/resolvconf': program,
  '/etc/network/if-up.d/000resolvconf': program,
};

/** CentOS 7.2 as rm14157 found it: the agent's script is a link, which systemd 219-19 ignores. */
const centos: Readonly<Record<string, MemoryNode>> = {
  ...common,
  '/etc/os-release': 'NAME="CentOS Linux"\nVERSION_ID="7"\nID="centos"\nID_LIKE="rhel fedora"\n',
  '/etc/centos-release': 'CentOS Linux release 7.2.1511 (Core)\n',
  '/etc/redhat-release': { link: 'centos-release' },
  '/lib/modules/3.10.0-327.el7.x86_64/modules.dep': '',
  '/sbin/init': { link: '../lib/systemd/systemd' },
  '/lib/systemd/systemd': program,
  '/lib/systemd/system-generators/systemd-sysv-generator': program,
  '/lib/systemd/system/multi-user.target': '[Unit]\nRequires=basic.target\nAfter=basic.target\n',
  '/lib/systemd/system/basic.target': '[Unit]\n',
  '/lib/systemd/system/default.target': { link: 'multi-user.target' },
  '/sbin/chkconfig': program,
  '/etc/init.d': { link: 'rc.d/init.d' },
  '/etc/rc.d/init.d/nova-agent': { link: `${tree}/etc/generic/nova-agent` },
  '/etc/rc.d/init.d/xe-linux-distribution': { content: xeScript, mode: 0o755 },
  '/etc/rc.d/rc3.d/S15nova-agent': { link: '../init.d/nova-agent' },
  '/etc/rc.d/rc3.d/S14xe-linux-distribution': { link: '../init.d/xe-linux-distribution' },
  '/etc/rc.d/init.d/network': { content: '#!/bin/sh\n# chkconfig: 2345 10 90\n', mode: 0o755 },
  '/etc/rc.d/rc3.d/S10network': { link: '../init.d/network' },
};

async function judge(image: Image): Promise<CheckResult[]> {
  const get = factsOf(image);
  return Promise.all(checks.map((check) => runCheck(check, get, context)));
}

/** Runs every repair whose rule fails, in order, each on what the ones before it left. */
async function repair(image: Image): Promise<{ changes: Change[]; after: Image }> {
  const changes: Change[] = [];
  let after = image;
  for (const fixer of fixers) {
    const get = factsOf(after);
    const check = checks.find(({ meta }) => meta.id === fixer.meta.id)!;
    const { outcome, findings } = await runCheck(check, get, context);
    if (outcome !== 'fail') continue;
    const facts = await gatherAll(fixer.needs, get);
    for await (const repair of fixer.plan({
      ...context,
      imageDay: context.today,
      image: after,
      changes,
      facts,
      findings,
    })) {
      if (isChange(repair)) changes.push(repair);
    }
    after = await overlay(image, changes);
    const again = await runCheck(check, factsOf(after), context);
    assert.equal(
      again.outcome,
      'pass',
      `${fixer.meta.id}: ${again.findings.map(({ message }) => message).join('; ')}`,
    );
  }
  return { changes: collapse(changes), after };
}

const outcomes = (results: readonly CheckResult[], outcome: string): string[] =>
  results.filter((result) => result.outcome === outcome).map(({ id }) => id);

describe('rules and repairs together', () => {
  it('the documents’ Debian 6 server: found, repaired, and nothing left to plan', async () => {
    const image = memoryImage(squeeze);
    const before = await judge(image);
    assert.deepEqual(
      outcomes(before, 'error'),
      [],
      JSON.stringify(before.filter(({ outcome }) => outcome === 'error')),
    );
    assert.deepEqual(outcomes(before, 'fail'), ['agent-version', 'lsb-headers', 'xe-ordering']);
    const { changes, after } = await repair(image);
    assert.ok(changes.length > 0);
    const links = [...((await after.readDir('/etc/rc2.d')) ?? [])].map(({ name }) => name);
    const number = (name: string): number => Number(links.find((link) => link.endsWith(name))?.slice(1, 3));
    assert.ok(number('xe-linux-distribution') < number('nova-agent'), links.join(' '));
    assert.deepEqual(outcomes(await judge(after), 'fail'), ['agent-version']);
    assert.deepEqual((await repair(after)).changes, []);
  });

  it('CentOS 7.2 with a linked script: a native unit takes its place, started and in order', async () => {
    const image = memoryImage(centos);
    const before = await judge(image);
    assert.deepEqual(
      outcomes(before, 'error'),
      [],
      JSON.stringify(before.filter(({ outcome }) => outcome === 'error')),
    );
    assert.ok(outcomes(before, 'fail').includes('sysv-symlink'));
    const { after } = await repair(image);
    const failing = (await judge(after)).filter(({ outcome }) => outcome === 'fail');
    assert.deepEqual(
      failing.filter(({ severity }) => severity === 'error').map(({ id }) => id),
      [],
      JSON.stringify(failing),
    );
    assert.ok(await after.stat('/etc/systemd/system/multi-user.target.wants/nova-agent.service'));
    assert.deepEqual((await repair(after)).changes, []);
  });
});
