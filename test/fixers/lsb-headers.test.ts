import assert from 'node:assert/strict';
import { lsbHeaders as check, example } from '../../checks/lsb-headers.js';
import { lsbHeaders } from '../../fixers/lsb-headers.js';
import { factsOf } from '../../images/guest/fact.js';
import { initScripts } from '../../images/guest/init/init-scripts.js';
import type { Image } from '../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../images/image/memory.js';
import { aScript, agent1, anXe, installed, someServices, xeService } from '../support/facts.js';
import { inShort, planFor, testRepair } from '../support/fixer-tester.js';
import { judge } from '../support/rule-tester.js';

const agent = '/etc/init.d/nova-agent';
const xe = '/etc/init.d/xe-linux-distribution';
const body = 'case "$1" in\n  start) /usr/sbin/nova-agent ;;\nesac\n';
const bareAgent = `#!/bin/sh\n\n# nova-agent      Startup script for OpenStack nova guest agent\n${body}`;
const wrongXe = [
  '#!/bin/bash',
  '### BEGIN INIT INFO',
  '# Provides:          XenServer Virtual Machine Tools',
  '# Required-Start:    $remote_fs',
  '# Required-Stop:     $remote_fs',
  '# Default-Start:     2 3 4 5',
  '# Default-Stop:      0 1 6',
  '### END INIT INFO',
  'exit 0',
  '',
].join('\n');

async function facts(image: Image, xeName = 'xe-linux-distribution') {
  const hasScript = (await image.stat(`/etc/init.d/${xeName}`)) !== undefined;
  const all = [aScript(), hasScript ? aScript({ name: xeName }) : xeService({ name: xeName })];
  return {
    installedAgents: [installed(agent1(), [aScript()])],
    initScripts: await factsOf(image)(initScripts),
    services: someServices({ system: hasScript ? 'sysv' : 'systemd', all }),
    xe: anXe({ serviceNames: ['xe-linux-distribution', 'xe-daemon'] }),
  };
}

/** A script that nothing can execute is none. */
function executable(files: Readonly<Record<string, MemoryNode>>): Record<string, MemoryNode> {
  const isContent = (node: MemoryNode): node is string | Buffer =>
    typeof node === 'string' || Buffer.isBuffer(node);
  const entries = Object.entries(files);
  return Object.fromEntries(
    entries.map(([path, node]) => [path, isContent(node) ? { content: node, mode: 0o755 } : node]),
  );
}

/** Plans, and shows that the check passes on the result and that there is then nothing left to plan. */
async function repair(files: Readonly<Record<string, MemoryNode>>, xeName?: string) {
  const image = memoryImage(executable(files));
  const planned = await planFor(lsbHeaders, image, await facts(image, xeName));
  const after = await facts(planned.after, xeName);
  assert.deepEqual((await judge(check, { name: 'after', facts: after })).findings, []);
  assert.deepEqual((await planFor(lsbHeaders, planned.after, after)).changes, []);
  return planned;
}

describe('fixer lsb-headers', () => {
  testRepair(lsbHeaders, check, example);

  it('writes the document’s block, and corrects Provides', async () => {
    const { changes, after } = await repair({
      [agent]: { content: bareAgent, mode: 0o755 },
      [xe]: { content: wrongXe, mode: 0o755 },
    });
    assert.deepEqual(inShort(changes), [`write ${xe}`, `write ${agent}`]);
    assert.equal(
      await after.readText(xe),
      wrongXe.replace('XenServer Virtual Machine Tools', 'xe-linux-distribution'),
    );
    const text = (await after.readText(agent)) ?? '';
    assert.ok(text.startsWith('#!/bin/sh\n') && text.endsWith(body), text);
    const block = /### BEGIN INIT INFO\n([^]*)### END INIT INFO\n/.exec(text)?.[1]?.replace(/: +/g, ': ');
    assert.equal(
      block,
      [
        '# Provides: nova-agent',
        '# Required-Start: xe-linux-distribution $remote_fs $syslog',
        '# Required-Stop: xe-linux-distribution $remote_fs $syslog',
        '# Default-Start: 2 3 4 5',
        '# Default-Stop: 0 1 6',
        '# Short-Description: Start nova-agent at boot time',
        '# Description: nova-agent is a guest agent for OpenStack nova.',
        '',
      ].join('\n'),
    );
    for (const change of changes) assert.ok(change.kind === 'write' && change.posix?.mode === 0o755);
  });

  it('names the guest utilities as the guest does', async () => {
    const { after } = await repair({ [agent]: bareAgent, '/etc/init.d/xe-daemon': wrongXe }, 'xe-daemon');
    assert.match((await after.readText(agent)) ?? '', /Required-Start: +xe-daemon \$remote_fs \$syslog/);
    assert.match((await after.readText('/etc/init.d/xe-daemon')) ?? '', /Provides: +xe-daemon\n/);
  });

  it('replaces another name of the guest utilities, and takes out what nothing provides', async () => {
    const header = [
      '#!/bin/sh',
      '### BEGIN INIT INFO',
      '# Provides: Nova-Agent',
      '# Required-Start: $remote_fs xe-linux-distribution mysqld',
      '# Required-Stop: $remote_fs xe-linux-distribution',
      '# Default-Start: 2 3 4 5',
      '# Default-Stop: 0 1 6',
      '### END INIT INFO',
      '',
    ].join('\n');
    const { after } = await repair({ [agent]: header, '/etc/init.d/xe-daemon': wrongXe }, 'xe-daemon');
    const text = (await after.readText(agent)) ?? '';
    assert.match(text, /# Required-Start: xe-daemon \$remote_fs\n# Required-Stop: xe-daemon \$remote_fs\n/);
    assert.match(text, /# Provides: Nova-Agent\n/);
  });

  it('adds the requirement that 1.39.0 lacks, and missing runlevels', async () => {
    const header =
      '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: Nova-Agent\n# Required-Start: $remote_fs $syslog\n# Required-Stop: $remote_fs $syslog\n### END INIT INFO\n';
    const { after } = await repair({ [agent]: header, [xe]: wrongXe });
    const text = (await after.readText(agent)) ?? '';
    assert.match(text, /Required-Start: xe-linux-distribution \$remote_fs \$syslog/);
    assert.match(text, /Default-Start: +2 3 4 5\n# Default-Stop: +0 1 6\n/);
  });

  it('may require what only a unit is', async () => {
    const { after } = await repair({ [agent]: bareAgent });
    assert.match((await after.readText(agent)) ?? '', /Required-Start: +xe-linux-distribution /);
  });

  it('edits the file behind a link, and leaves the link', async () => {
    const real = '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent';
    const { changes, after } = await repair({
      [agent]: { link: real },
      [real]: { content: bareAgent, mode: 0o700 },
      [xe]: wrongXe,
    });
    assert.deepEqual(inShort(changes), [`write ${xe}`, `write ${real}`]);
    assert.equal(await after.readLink(agent), real);
  });

  it('edits insserv’s override in place of the script', async () => {
    const override = '/etc/insserv/overrides/nova-agent';
    const { changes } = await repair({
      [agent]: bareAgent,
      [override]: '### BEGIN INIT INFO\n# Provides: nova-agent\n### END INIT INFO\n',
      [xe]: wrongXe,
    });
    assert.deepEqual(inShort(changes), [`write ${xe}`, `write ${override}`]);
  });

  it('keeps every byte that is not UTF-8', async () => {
    const latin1 = Buffer.concat([Buffer.from(bareAgent), Buffer.from('# caf\xe9\n', 'latin1')]);
    const { after } = await repair({ [agent]: latin1, [xe]: wrongXe });
    assert.ok((await after.readFile(agent))?.includes(Buffer.from('# caf\xe9\n', 'latin1')));
  });

  it('leaves a header alone whose end nobody marked', async () => {
    const image = memoryImage(
      executable({ [agent]: '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: x\n', [xe]: wrongXe }),
    );
    assert.deepEqual(inShort((await planFor(lsbHeaders, image, await facts(image))).changes), [
      `write ${xe}`,
    ]);
  });
});
