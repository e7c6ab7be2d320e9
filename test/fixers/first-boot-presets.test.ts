import assert from 'node:assert/strict';
import { firstBootPresets as check, example } from '../../checks/first-boot-presets.js';
import { runCheck } from '../../checks/lib/result.js';
import { gatherAll } from '../../checks/lib/result.js';
import { firstBootPresets } from '../../fixers/first-boot-presets.js';
import { isChange } from '../../fixers/lib/fixer.js';
import { factsOf } from '../../images/guest/fact.js';
import type { Change, Image } from '../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../images/image/memory.js';
import { overlay } from '../../images/image/overlay.js';
import { exampleGuestFiles } from '../guests/example-guests.js';
import { testRepair } from '../support/fixer-tester.js';

type Files = Readonly<Record<string, MemoryNode>>;

const context = { target: 'nova-agent', family: 'Linux', metadata: undefined, today: '2026-01-15' } as const;
const unit = '[Service]\nExecStart=/usr/sbin/x\n[Install]\nWantedBy=multi-user.target\n';
const lib = '/usr/lib/systemd/system';
const preset = '/etc/systemd/system-preset';

async function repair(image: Image, target: 'nova-agent' | 'cloud-init' = 'nova-agent'): Promise<Image> {
  const changes: Change[] = [];
  const facts = await gatherAll(firstBootPresets.needs, factsOf(image));
  const given = { ...context, target, image, facts, changes: [], findings: [], imageDay: context.today };
  for await (const change of firstBootPresets.plan(given)) if (isChange(change)) changes.push(change);
  const after = await overlay(image, changes);
  const { findings } = await runCheck(check, factsOf(after), { ...context, target });
  assert.deepEqual(
    findings.map(({ message }) => message),
    [],
  );
  return after;
}

const guest = (files: Files): Image => memoryImage({ ...exampleGuestFiles['debian-12'], ...files });
const rulesOf = (text: string | undefined): string[] =>
  (text ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('fixer first-boot-presets', () => {
  testRepair(firstBootPresets, check, example);

  it('keeps what must stay off off, and what must stay on on, with one line each', async () => {
    const after = await repair(
      guest({
        '/etc/os-release': 'ID=fedora\nVERSION_ID="42"\n',
        [`${lib}/tailscaled.service`]: unit,
        '/usr/lib/systemd/system-preset/50.preset': 'enable tailscaled.service\n',
        '/usr/lib/systemd/system-preset/99.preset': 'disable *\n',
      }),
    );
    assert.deepEqual(rulesOf(await after.readText(`${preset}/00-hallmark.preset`)), [
      'disable tailscaled.service',
      'enable networking.service',
      'enable nova-agent.service',
      'enable xe-linux-distribution.service',
    ]);
  });

  it('adds to its own file, and takes back what that said before', async () => {
    const after = await repair(
      guest({
        [`${lib}/tailscaled.service`]: unit,
        [`${lib}/zerotier-one.service`]: unit,
        [`${preset}/00-hallmark.preset`]: '# ours\ndisable zerotier-one.service\nenable tailscaled.service\n',
      }),
    );
    assert.equal(
      await after.readText(`${preset}/00-hallmark.preset`),
      '# ours\ndisable zerotier-one.service\ndisable tailscaled.service\n',
    );
  });

  it('comes before every other file', async () => {
    const after = await repair(
      guest({ [`${lib}/tailscaled.service`]: unit, [`${preset}/00-a.preset`]: 'enable *\n' }),
    );
    assert.deepEqual(rulesOf(await after.readText(`${preset}/0-hallmark.preset`)), [
      'disable tailscaled.service',
    ]);
  });

  it('keeps an agent off where cloud-init configures, and a template of a VPN', async () => {
    const files = {
      '/etc/systemd/system/multi-user.target.wants/nova-agent.service': {
        link: '/lib/systemd/system/gone.service',
      },
      '/usr/lib/systemd/system-preset/50.preset': 'enable wg-quick@.service wg0\n',
      '/etc/wireguard/wg0.conf': '[Interface]\n',
    };
    const image = memoryImage({ ...exampleGuestFiles['debian-12'], ...files });
    const off = await overlay(image, [
      {
        kind: 'remove',
        path: '/etc/systemd/system/multi-user.target.wants/nova-agent.service',
        expect: { type: 'link', target: '/lib/systemd/system/gone.service' },
      },
    ]);
    const after = await repair(off, 'cloud-init');
    assert.deepEqual(rulesOf(await after.readText(`${preset}/00-hallmark.preset`)), [
      'disable nova-agent.service',
      'disable wg-quick@.service',
    ]);
  });
});
