import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SnapshotStatus } from '../../pipeline/cli/commands/snapshot-status.js';
import { install } from '../guests/healthy.js';
import type { Files } from '../guests/parts.js';
import { type Run, hallmark } from '../support/command.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

const dieAt = new URL('../support/die-at.js', import.meta.url).href;
const wants = '/etc/systemd/system/multi-user.target.wants';

/** Small, so that it can be killed often; with everything that switching a VPN off does to a file. */
const server: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  '/usr/lib/systemd/systemd': { content: 'ELF', mode: 0o755 },
  '/var/lib/misc/keep': '',
  '/usr/lib/systemd/system/multi-user.target': '[Unit]\n',
  '/usr/lib/systemd/system/default.target': { link: 'multi-user.target' },
  '/sbin/init': { link: '/usr/lib/systemd/systemd' },
  '/usr/lib/systemd/system/wg-quick@.service': '[Service]\nExecStart=/usr/bin/wg-quick up %i\n',
  '/usr/lib/systemd/system/systemd-networkd.service':
    '[Service]\nExecStart=/usr/lib/systemd/systemd-networkd\n[Install]\nWantedBy=multi-user.target\n',
  [`${wants}/systemd-networkd.service`]: { link: '/usr/lib/systemd/system/systemd-networkd.service' },
  // A link that goes, a file that is moved, one that is masked, lines that change, a mode that changes.
  '/etc/wireguard/wg0.conf': '[Interface]\n',
  [`${wants}/wg-quick@wg0.service`]: { link: '/usr/lib/systemd/system/wg-quick@.service' },
  '/etc/systemd/network/10-wg.netdev': { content: '[NetDev]\nName=wg7\nKind=wireguard\n', mode: 0o640 },
  '/usr/lib/systemd/network/30-tun.netdev': '[NetDev]\nName=tun3\nKind=tun\n',
  '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nauto tun0\niface tun0 inet manual\n',
  '/etc/ppp/ppp_on_boot': { content: '#!/bin/sh\npppd call isp\n', mode: 0o755 },
};

describe('a snapshot that is killed', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  beforeEach(() => {
    roots = new RealRoots();
  });
  afterEach(() => {
    roots[Symbol.dispose]();
  });

  /** A server, and how it was. */
  class Drill {
    readonly root = roots.folder('root');
    readonly state = roots.folder('state');
    readonly was: readonly string[];

    constructor() {
      install(this.root, server);
      sh('setfattr', '-n', 'user.note', '-v', 'mine', join(this.root, 'etc/network/interfaces'));
      sh('find', this.root, '-exec', 'touch', '-h', '-d', '2020-02-02T02:02:02.123456789', '{}', '+');
      this.was = survey(this.root);
    }

    run(command: string, env: Readonly<Record<string, string>> = {}): Run {
      const options = Object.keys(env).length > 0 ? { NODE_OPTIONS: `--import=${dieAt}`, ...env } : {};
      const yes = command === 'status' ? ['--json'] : ['--yes', '--json'];
      return hallmark(['snapshot', command, '--root', this.root, ...yes], {
        state: this.state,
        env: options,
      });
    }

    status(): SnapshotStatus {
      const { stdout, stderr } = this.run('status');
      assert.notEqual(stdout, '', stderr);
      return JSON.parse(stdout) as SnapshotStatus;
    }

    prepare(): void {
      const { stdout, stderr } = this.run('prepare');
      assert.notEqual(stdout, '', stderr);
      assert.deepEqual([this.status().state, this.status().startAtBoot], ['prepared', []]);
    }

    restore(what: string): void {
      const { status, stdout, stderr } = this.run('restore');
      assert.equal(status, 0, `${what}: ${stdout}${stderr}`);
      assert.deepEqual(survey(this.root), this.was, what);
    }
  }

  /** How many calls a run makes that could be its last. */
  function countOf(drill: Drill, command: string): number {
    const file = join(drill.state, '..', 'count');
    rmSync(file, { force: true });
    drill.run(command, { COUNT_TO: file });
    return Number(readFileSync(file, 'utf8'));
  }

  it('before any of its writes, is taken back by restore to the identical tree, and can be prepared again', () => {
    const calls = countOf(new Drill(), 'prepare');
    assert.ok(calls > 20, `${calls} calls`);
    for (let at = 1; at <= calls; at++) {
      const drill = new Drill();
      const what = `killed before call ${at} of ${calls}`;
      assert.equal(drill.run('prepare', { DIE_AT: String(at) }).status, null, what);
      // Half of it would look as if it were ready.
      const { state, startAtBoot } = drill.status();
      assert.ok(
        state === 'prepared' ? startAtBoot.length === 0 : startAtBoot.length === 5,
        `${what}: ${state}`,
      );
      drill.restore(what);
      if (at % 8 !== 0) continue;
      drill.prepare();
      drill.restore(what);
    }
  });

  it('before any of the writes of restore, is restored by the next, to the identical tree', () => {
    const whole = new Drill();
    whole.prepare();
    const calls = countOf(whole, 'restore');
    assert.ok(calls > 10, `${calls} calls`);
    for (let at = 1; at <= calls; at++) {
      const drill = new Drill();
      drill.prepare();
      const what = `killed before call ${at} of ${calls}`;
      assert.equal(drill.run('restore', { DIE_AT: String(at) }).status, null, what);
      drill.restore(what);
      assert.notEqual(drill.status().state, 'prepared', what);
    }
  });

  it('before any of the writes of a restore that has but the record, is restored by the next', () => {
    const timeless = (drill: Drill): string[] => survey(drill.root, { times: false });
    const prepared = (): Drill => {
      const drill = new Drill();
      drill.prepare();
      // As on a server that was built from the snapshot.
      rmSync(join(drill.state, 'hallmark'), { recursive: true });
      return drill;
    };
    const was = timeless(new Drill());
    const calls = countOf(prepared(), 'restore');
    for (let at = 1; at <= calls; at++) {
      const drill = prepared();
      const what = `killed before call ${at} of ${calls}`;
      assert.equal(drill.run('restore', { DIE_AT: String(at) }).status, null, what);
      assert.equal(drill.run('restore').status, 0, what);
      assert.deepEqual(timeless(drill), was, what);
    }
  });

  it('or not: prepared twice and restored twice is as prepared and restored once', () => {
    const drill = new Drill();
    drill.prepare();
    const prepared = survey(drill.root);
    const { recorded, since } = drill.status();
    drill.prepare();
    assert.deepEqual(survey(drill.root), prepared);
    assert.deepEqual([drill.status().recorded, drill.status().since], [recorded, since]);
    drill.restore('once');
    drill.restore('twice');
    assert.equal(existsSync(join(drill.root, 'var/lib/hallmark')), false);
  });
});
