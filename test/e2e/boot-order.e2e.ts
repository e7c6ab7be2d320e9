import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BootSet, bootSets, putBootSet } from '../guests/boot-sets.js';
import { edit, install } from '../guests/healthy.js';
import { prepare, shippedRoot } from '../guests/real.js';
import { RealRoots } from '../support/real-roots.js';
import { boot } from '../support/real-systemd.js';
import { zipOf } from '../support/zip.js';

const agent = 'python3-nova-agent.service';
const xe = 'xe-linux-distribution.service';
const condition = 'ConditionVirtualization=xen\n';

/** An agent that says that it is ready, and stays: its unit is of Type=notify. */
const readyAgent = zipOf(
  {
    '__main__.py': 'from novaagent.novaagent import main\nmain()\n',
    'novaagent/__init__.py': "__version__ = '2.1.25'\n",
    'novaagent/novaagent.py': [
      'import os, socket, time',
      'def main():',
      '    address = os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1)',
      '    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", address)',
      '    time.sleep(3600)',
      '',
    ].join('\n'),
    'pyxs/__init__.py': '',
    'yaml/__init__.py': '',
    'distro.py': '',
  },
  { prefix: '#!/usr/bin/env python3\n' },
);

/** cloud-init's programs do nothing here; that its generator lets them run is what counts. */
const quietCloudInit = {
  '/etc/cloud/cloud.cfg.d/99_test.cfg': 'datasource_list: [ ConfigDrive, None ]\n',
  '/usr/bin/cloud-init': { content: '#!/bin/sh\nexit 0\n', mode: 0o755 },
};

const properties = [
  'Id',
  'After',
  'ActiveState',
  'ConditionResult',
  'ConditionTimestampMonotonic',
  'ActiveEnterTimestampMonotonic',
] as const;
type Shown = Readonly<Record<string, string>>;

/** Asks the manager when the boot is over; started by a timer, so that nothing that is asked about waits for it. */
const question = (units: readonly string[]): string =>
  [
    '#!/bin/sh',
    'systemctl is-system-running --wait > /answers/state',
    `systemctl show -p ${properties.join(',')} ${units.join(' ')} > /answers/units`,
    'journalctl -b --no-pager -o cat _PID=1 > /answers/journal',
    'touch /answers/done',
    'systemctl poweroff --force --force',
    '',
  ].join('\n');

describe('a prepared systemd root, booted in a container', () => {
  let roots: RealRoots;
  let shipped: string;
  before(() => {
    roots = new RealRoots();
    shipped = shippedRoot(roots, 'systemd');
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  for (const set of bootSets) {
    it(`${set.name}: the guest utilities are active before the agent starts`, () => {
      const { units, journal } = bootOf(set, { onXen: false });
      const [first, then] = [units.get(xe), units.get(agent)];
      assert.ok(first && then);
      assert.ok(then['After']?.split(' ').includes(xe), then['After'] ?? '');
      assert.equal(first['ActiveState'], 'active');
      assert.equal(then['ActiveState'], 'active');
      assert.ok(time(first, 'ActiveEnter') < time(then, 'Condition'), 'the job of the agent waited');
      assert.ok(time(first, 'ActiveEnter') < time(then, 'ActiveEnter'));
      nothingWasDeleted(set, units, journal);
    });
  }

  it('the unit as it is shipped, which only starts on Xen: its job is over before the agent’s begins', () => {
    const [set] = bootSets;
    assert.ok(set);
    const { units, journal } = bootOf(set, { onXen: true });
    const [first, then] = [units.get(xe), units.get(agent)];
    assert.ok(first && then);
    assert.ok(then['After']?.split(' ').includes(xe));
    assert.equal(first['ConditionResult'], 'no');
    assert.equal(then['ActiveState'], 'active');
    assert.ok(time(first, 'Condition') < time(then, 'Condition'));
    nothingWasDeleted(set, units, journal);
  });

  it('the packages as they are shipped give no such order', () => {
    const [set] = bootSets;
    assert.ok(set);
    const { units } = bootOf(set, { onXen: false, prepared: false });
    const after = units.get(agent)?.['After'];
    assert.ok(after !== undefined && !after.split(' ').includes(xe), after);
  });

  /** @param onXen - keeps the condition of the guest utilities' unit, which no container fulfils */
  function bootOf(
    set: BootSet,
    { onXen, prepared = true }: { onXen: boolean; prepared?: boolean },
  ): { units: ReadonlyMap<string, Shown>; journal: string } {
    const root = roots.copy(shipped);
    putBootSet(root, set);
    if (set.xe === 'unit' && !onXen) edit(root, `/lib/systemd/system/${xe}`, condition, '');
    install(root, {
      '/usr/bin/nova-agent': { content: readyAgent, mode: 0o755 },
      ...(set.cloudInit ? quietCloudInit : {}),
    });
    if (prepared) prepare(roots, root);
    const answers = roots.folder('answers');
    const asked = [xe, agent, 'network-online.target', 'cloud-init.service'];
    writeFileSync(join(answers, 'ask'), question(asked), { mode: 0o755 });
    install(root, {
      '/etc/systemd/system/hallmark-ask.service': '[Service]\nExecStart=/bin/sh /answers/ask\n',
      '/etc/systemd/system/hallmark-ask.timer': '[Timer]\nOnActiveSec=1\n',
      '/etc/systemd/system/timers.target.wants/hallmark-ask.timer': { link: '../hallmark-ask.timer' },
    });
    boot(root, answers);
    const units = readFileSync(join(answers, 'units'), 'utf8').trim().split('\n\n').map(settingsOf);
    roots.release(root);
    return {
      units: new Map(units.map((unit) => [unit['Id'] ?? '', unit])),
      journal: readFileSync(join(answers, 'journal'), 'utf8'),
    };
  }
});

function settingsOf(block: string): Shown {
  const lines = block.split('\n').map((line): [string, string] => {
    const equals = line.indexOf('=');
    return [line.slice(0, equals), line.slice(equals + 1)];
  });
  return Object.fromEntries(lines);
}

/** In microseconds since the boot; that it happened at all is part of the bargain. */
function time(unit: Shown, what: 'Condition' | 'ActiveEnter'): number {
  const microseconds = Number(unit[`${what}TimestampMonotonic`]);
  assert.ok(microseconds > 0, `${unit['Id'] ?? ''} has no ${what} time`);
  return microseconds;
}

/** systemd breaks a cycle by dropping a job: cloud-init's and the network's are the ones that went. */
function nothingWasDeleted(set: BootSet, units: ReadonlyMap<string, Shown>, journal: string): void {
  assert.match(journal, /Reached target/);
  assert.doesNotMatch(journal, /ordering cycle|deleted to break/);
  if (!set.cloudInit) return; // without it nothing else wants the network to be online
  for (const unit of ['network-online.target', 'cloud-init.service'])
    assert.equal(units.get(unit)?.['ActiveState'], 'active', unit);
}
