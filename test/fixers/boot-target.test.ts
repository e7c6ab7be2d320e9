import assert from 'node:assert/strict';
import { bootTarget as check, example } from '../../checks/boot-target.js';
import { runCheck } from '../../checks/lib/result.js';
import { bootTarget } from '../../fixers/boot-target.js';
import { factsOf } from '../../images/guest/fact.js';
import type { Image } from '../../images/image/image.js';
import { overlay } from '../../images/image/overlay.js';
import { type MemoryNode, memoryImage } from '../../images/image/memory.js';
import { exampleGuestFiles } from '../guests/example-guests.js';
import { inShort, testRepair } from '../support/fixer-tester.js';

const context = { target: 'nova-agent', family: 'Linux', metadata: undefined, today: '2026-01-15' } as const;

/** Repairs, and gives what the repair does in short and what the check then says. */
async function repair(
  files: Readonly<Record<string, MemoryNode>>,
  guest: keyof typeof exampleGuestFiles = 'debian-12',
): Promise<{ changes: readonly string[]; after: Image; left: readonly string[] }> {
  const image = memoryImage({ ...exampleGuestFiles[guest], ...files });
  const { findings } = await runCheck(check, factsOf(image), context);
  assert.ok(findings.length > 0, 'there is something to repair');
  const changes = [];
  for await (const change of bootTarget.plan({
    ...context,
    image,
    facts: {},
    changes: [],
    findings,
    imageDay: '2026-01-15',
  }))
    if (change.kind !== 'property' && change.kind !== 'installation') changes.push(change);
  const after = await overlay(image, changes);
  const result = await runCheck(check, factsOf(after), context);
  return { changes: inShort(changes), after, left: result.findings.map(({ message }) => message) };
}

const grub = (words: string): Record<string, string> => ({
  '/boot/grub/grub.cfg': `set timeout=1\nmenuentry x {\n linux /v ro ${words} quiet\n}\nmenuentry "x (recovery mode)" {\n linux /v ro single\n}\n`,
});

describe('fixer boot-target', () => {
  testRepair(bootTarget, check, example);

  it('drops one word after the other, until the boot leads to a server', async () => {
    const { after, left } = await repair({
      ...grub('single systemd.unit=emergency.target init=/bin/sh systemd.mask=nova-agent'),
      '/etc/default/grub': 'GRUB_CMDLINE_LINUX="single"\n',
    });
    assert.deepEqual(left, []);
    assert.equal(
      await after.readText('/boot/grub/grub.cfg'),
      grub('')['/boot/grub/grub.cfg']?.replace('ro  quiet', 'ro quiet'),
    );
    assert.equal(await after.readText('/etc/default/grub'), 'GRUB_CMDLINE_LINUX=""\n');
  });

  it('sets the default target as systemctl does', async () => {
    const { changes, left } = await repair({
      '/etc/systemd/system/default.target': { link: '/lib/systemd/system/rescue.target' },
    });
    assert.deepEqual(changes, [
      'link /etc/systemd/system/default.target -> /lib/systemd/system/multi-user.target',
    ]);
    assert.deepEqual(left, []);
  });

  it('lifts the mask of multi-user.target', async () => {
    const { left } = await repair({ '/etc/systemd/system/multi-user.target': { link: '/dev/null' } });
    assert.deepEqual(left, []);
  });

  it('takes a word from what entries are made from', async () => {
    const { changes, left } = await repair({ '/etc/default/grub': 'GRUB_CMDLINE_LINUX="ro rescue"\n' });
    assert.deepEqual([changes, left], [['write /etc/default/grub'], []]);
  });

  it('repairs inittab', async () => {
    const { changes, left } = await repair(
      { '/etc/inittab': 'id:1:initdefault:\nl2:2:wait:/etc/init.d/rc 2\n' },
      'debian-6',
    );
    assert.deepEqual([changes, left], [['write /etc/inittab'], []]);
  });

  it('leaves a target of its own alone that starts the agent', async () => {
    const { changes } = await repair({
      '/etc/systemd/system/default.target':
        '[Unit]\nWants=nova-agent.service xe-linux-distribution.service\n',
    });
    assert.deepEqual(changes, []);
  });
});
