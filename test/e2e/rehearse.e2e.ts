import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rehearsal } from '../../pipeline/report/rehearsal.js';
import type { Report } from '../../pipeline/report/report.js';
import { type RehearsalFault, rehearsalFaults } from '../guests/rehearsal/faults.js';
import { makeRehearsedGuest } from '../guests/rehearsal/guests.js';
import { type Init, installStandIns, pollVariable } from '../guests/rehearsal/packages.js';
import { install, linkInto } from '../guests/healthy.js';
import { purgeCloudInit } from '../guests/real.js';
import { hallmark } from '../support/command.js';
import { program } from '../support/project.js';
import { leftovers } from '../support/leftovers.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';
import { inProject } from '../support/project.js';

const inits = ['systemd', 'sysv'] as const;

/** Where a fault shows, in the ids of the evidence. */
const places: Readonly<Record<NonNullable<RehearsalFault['symptom']['evidence']>, RegExp>> = {
  password: /^password/,
  addresses: /^address/,
  'host name': /^host-name/,
  'name servers': /^dns /,
  'changed files': /^written$/,
  enabled: /^started$/,
  started: /^started$/,
  order: /^order$/,
  cycle: /^no-cycle$/,
  log: /^log$/,
};

/** What a guest can put where evidence is looked for. */
const unreadable: readonly {
  readonly what: string;
  readonly seen: RegExp;
  readonly apply: (root: string) => void;
}[] = [
  {
    what: 'a FIFO for a shadow file',
    seen: /^password: .*is a fifo/,
    apply: (root) => {
      sh('rm', join(root, 'etc/shadow'));
      sh('mkfifo', join(root, 'etc/shadow'));
    },
  },
  {
    what: 'a flood in the log',
    seen: /^log: .*was not read: it has/,
    apply: (root) => {
      sh('truncate', '--size=64M', join(root, 'var/log/nova-agent.log'));
    },
  },
];

describe('a dress rehearsal on real roots', () => {
  let roots: RealRoots;
  const golden: Partial<Record<Init, string>> = {};
  let impatient: string;

  before(async () => {
    roots = new RealRoots();
    for (const init of inits) {
      golden[init] = await makeRehearsedGuest(roots, init, { poll: 1 });
    }
    impatient = impatientScenario(roots);
  });

  after(() => {
    roots[Symbol.dispose]();
  });

  const rootOf = (init: Init): string => golden[init] ?? assert.fail('no root was built');

  for (const init of inits) {
    it(`passes on a ${init} guest, with every claim proven, and leaves it as it was`, () => {
      const root = rootOf(init);
      const before = survey(root);
      const { status, pid, report, stderr } = rehearse(root);
      assert.equal(status, 0, stderr + refuted(report.rehearsal));
      assert.equal(report.rehearsal?.outcome, 'passed');
      assert.equal(report.rehearsal.way, 'boot');
      assert.deepEqual(
        report.rehearsal.evidence.filter(({ outcome }) => outcome !== 'pass'),
        [],
      );
      const ids = report.rehearsal.evidence.map(({ id }) => id.replace(/ .*/, ''));
      for (const id of [
        'password',
        'file',
        'host-name',
        'address',
        'route',
        'dns',
        'started',
        'order',
        'removed',
        'second-boot',
        'rebooted',
      ])
        assert(ids.includes(id), `nothing was said of ${id}`);
      assert.deepEqual(survey(root), before);
      assert.deepEqual(leftovers(pid), []);
    });

    it(`passes on a ${init} guest with an agent that looks every ten seconds`, async () => {
      const root = roots.copy(rootOf(init));
      for (const path of ['lib/systemd/system/python3-nova-agent.service', 'etc/init.d/nova-agent'])
        forgetPoll(join(root, path));
      const { status, report } = rehearse(root);
      roots.release(root);
      assert.equal(status, 0, refuted(report.rehearsal));
    });

    for (const fault of rehearsalFaults.filter((one) => one.inits.includes(init))) {
      it(`fails on a ${init} guest whose agent has a fault: ${fault.name}`, () => {
        const root = roots.copy(rootOf(init));
        fault.apply(root, init);
        const { status, report } = rehearse(root, [
          '--scenario',
          impatient,
          ...(fault.needsTunnel ? ['--tunnel'] : []),
        ]);
        roots.release(root);
        assertShows(fault, report.rehearsal);
        assert.equal(status, 1);
        assert.equal(report.verdict, 'not-golden');
      });
    }

    it(`passes on a ${init} guest with an fstab for disks, and with files that are immutable`, () => {
      const root = roots.folder('copied');
      sh('cp', '-a', `${rootOf(init)}/.`, root);
      const lines = ['LABEL=cloudimg / ext4 errors=remount-ro 0 1', '/dev/xvdc1 none swap sw 0 0'];
      writeFileSync(join(root, 'etc/fstab'), `${lines.join('\n')}\nUUID=1-2 /data xfs defaults 0 2\n`);
      const immutable = ['etc/hosts', 'etc/fstab', 'usr/share'].map((path) => join(root, path));
      sh('chattr', '+i', ...immutable);
      try {
        const { status, report } = rehearse(root);
        assert.equal(status, 0, refuted(report.rehearsal));
        for (const path of immutable) assert.match(sh('lsattr', '-d', path), /^\S*i/);
      } finally {
        sh('chattr', '-i', ...immutable);
      }
    });

    for (const { what, seen, apply } of unreadable) {
      it(`is refuted, not impossible, on a ${init} guest with ${what}`, () => {
        const root = roots.copy(rootOf(init));
        apply(root);
        const { status, report } = rehearse(root, ['--scenario', impatient]);
        roots.release(root);
        assert.equal(report.rehearsal?.outcome, 'failed', refuted(report.rehearsal));
        const failed = report.rehearsal.evidence.filter(({ outcome }) => outcome === 'fail');
        assert(
          failed.some((one) => seen.test(`${one.id}: ${one.seen}`)),
          refuted(report.rehearsal),
        );
        assert.equal(status, 1);
      });
    }

    it(`passes on a tarball of the ${init} guest`, () => {
      const tarball = join(roots.folder('tarball'), 'image.tar');
      sh('tar', '-C', rootOf(init), '-cf', tarball, '.');
      const { status, pid, report } = rehearse(tarball);
      assert.equal(status, 0, refuted(report.rehearsal));
      assert.deepEqual(leftovers(pid), []);
    });
  }

  it('passes on a guest with cloud-init beside its agent', async () => {
    const root = await makeRehearsedGuest(roots, 'both', { poll: 1 });
    const { status, report } = rehearse(root);
    assert.equal(status, 0, refuted(report.rehearsal));
  });

  it('fails where nobody reads the name servers that the agent writes', async () => {
    const root = await makeRehearsedGuest(roots, 'systemd', { poll: 1, companions: ['net-tools'] });
    writeFileSync(join(root, 'etc/resolv.conf'), '');
    const { status, report } = rehearse(root);
    const failed = report.rehearsal?.evidence.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id);
    assert.deepEqual(
      failed?.filter((id) => !/^(?:rebooted )?dns /.test(id)),
      [],
      refuted(report.rehearsal),
    );
    assert.equal(status, 1);
    // Whether its own are of use, only the cloud knows.
    writeFileSync(join(root, 'etc/resolv.conf'), 'nameserver 198.51.100.53\n');
    const own = rehearse(root);
    const open = own.report.rehearsal?.evidence.filter(({ outcome }) => outcome === 'not-proven') ?? [];
    assert.deepEqual(
      open.filter(({ id }) => !/^(?:rebooted )?dns /.test(id)),
      [],
    );
    assert.match(open[0]?.seen ?? '', /names 198\.51\.100\.53, as in the image$/);
    assert.equal(own.status, 0, refuted(own.report.rehearsal));
  });

  it('fails where the network is gone after the next boot', () => {
    const root = roots.copy(rootOf('systemd'));
    linkInto(root, '/etc/systemd/system/networking.service', '/dev/null');
    const { status, report } = rehearse(root);
    roots.release(root);
    const failed = report.rehearsal?.evidence.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id);
    assert.ok(failed);
    assert(failed.includes('rebooted address eth0 203.0.113.124/24'), refuted(report.rehearsal));
    assert.deepEqual(
      failed.filter((id) => !id.startsWith('rebooted ')),
      [],
    );
    assert.equal(status, 1);
  });

  it('waits no longer than a minute for an agent that asks for nothing', () => {
    const root = roots.copy(rootOf('systemd'));
    const dropIn = '/etc/systemd/system/python3-nova-agent.service.d/zz-silent.conf';
    install(root, { [dropIn]: '[Service]\nType=simple\nExecStart=\nExecStart=/bin/sleep 600\n' });
    const began = performance.now();
    const { report } = rehearse(root);
    roots.release(root);
    assert.match(report.rehearsal?.reason ?? '', /has asked XenStore for nothing in 60 s/);
    assert.ok(performance.now() - began < 120_000);
  });

  it('passes with a tunnel that an agent of today does not mind', () => {
    const { status, report } = rehearse(rootOf('systemd'), ['--tunnel']);
    assert.equal(status, 0, refuted(report.rehearsal));
    assert.equal(report.rehearsal?.tunnel, true);
  });

  it('runs the agent alone where no init can be booted, and says what that does not prove', () => {
    const root = roots.copy(rootOf('sysv'));
    sh('rm', join(root, 'sbin/init'));
    sh('ln', '-s', '/bin/sh', join(root, 'sbin/init'));
    const { report } = rehearse(root, ['--scenario', impatient]);
    roots.release(root);
    assert.equal(report.rehearsal?.way, 'agent-alone', JSON.stringify(report.rehearsal));
    const open = report.rehearsal.evidence.filter(({ outcome }) => outcome === 'not-proven');
    assert.deepEqual(
      open.map(({ id }) => id.replace(/^dns .*/, 'dns')),
      ['dns', 'dns', 'dns', 'dns', 'started', 'order', 'second-boot'],
    );
    assert.equal(report.rehearsal.outcome, 'passed', refuted(report.rehearsal));
  });

  it('keeps what the guest said and wrote', () => {
    const folder = roots.folder('report');
    const { status } = rehearse(rootOf('systemd'), ['--report', folder, '--keep']);
    assert.equal(status, 0);
    assert.match(readFileSync(join(folder, 'rehearsal/console.log'), 'utf8'), /Startup finished/);
    assert.match(sh('tar', '-tf', join(folder, 'rehearsal/written.tar')), /^\.\/etc\/network\/interfaces$/m);
    assert.match(readFileSync(join(folder, 'report.txt'), 'utf8'), /password/);
  });

  it('is part of prepare, when that is asked for', () => {
    const root = roots.unpack('systemd');
    purgeCloudInit(root);
    const state = roots.folder('state');
    return installStandIns(root, 'systemd', { poll: 1 }).then(() => {
      const options = ['--yes', '--rehearse', '--json', '--target', 'nova-agent'];
      const { status, stdout, stderr } = hallmark(['prepare', root, ...options], { state });
      assert.equal(status, 0, stderr);
      const report = JSON.parse(stdout) as Report;
      assert.equal(report.rehearsal?.outcome, 'passed', refuted(report.rehearsal));
      assert.equal(report.verdict, 'golden');
    });
  });

  it('cannot be held by another user than root, nor without its programs', () => {
    const state = roots.folder('state');
    const path = roots.folder('path');
    sh('ln', '-s', process.execPath, join(path, 'node'));
    const without = hallmark(['rehearse', rootOf('systemd')], { state, env: { PATH: path } });
    assert.equal(without.status, 3);
    assert.match(without.stdout, /not installed: .*systemd-nspawn.*apt-get install .*systemd-container/s);
  });

  describe('interrupted', () => {
    const killed: number[] = [];

    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      for (let moment = 1; moment <= 10; moment++) {
        it(`leaves nothing that runs or is mounted after ${signal}, moment ${moment}`, async () => {
          const child = spawn(process.execPath, [program, 'rehearse', rootOf('systemd')], {
            stdio: 'ignore',
          });
          const pid = child.pid ?? assert.fail('it was not started');
          const exited = once(child, 'exit') as Promise<[number | null]>;
          await sleep(moment * 400);
          child.kill(signal);
          const [code] = await exited;
          if (signal === 'SIGINT') {
            assert.equal(code, 130);
            assert.deepEqual(leftovers(pid), []);
            return;
          }
          // What it held goes with it; what is only a name stays for the next run.
          killed.push(pid);
          await until(() =>
            leftovers(pid).every((one) => /^(?:hallmark-sandbox|\/sys\/fs\/cgroup)/.test(one)),
          );
        });
      }
    }

    it('the next run clears what killed ones left', () => {
      assert.equal(killed.length, 10);
      assert(
        killed.some((pid) => leftovers(pid).length > 0),
        'nothing was left to clear',
      );
      assert.equal(rehearse(rootOf('systemd')).status, 0);
      assert.deepEqual(
        killed.flatMap((pid) => leftovers(pid)),
        [],
      );
    });
  });
});

/** The scenario that comes with Hallmark, for agents that will never answer. */
function impatientScenario(roots: RealRoots): string {
  const shipped = inProject('pipeline/rehearse/scenario.yaml');
  const path = join(roots.folder('scenario'), 'impatient.yaml');
  const limits = 'limits:\n  version: 15\n  call: 15\n  resetnetwork: 20\n  total: 90\n';
  writeFileSync(path, readFileSync(shipped, 'utf8').replace(/^limits:\n(?: .*\n)+/m, limits));
  return path;
}

function rehearse(
  root: string,
  options: readonly string[] = [],
): { status: number; pid: number; report: Report; stderr: string } {
  const args = ['rehearse', root, '--json', '--debug', '--target', 'nova-agent', ...options];
  const { status, pid, stdout, stderr } = hallmark(args, { state: '/nonexistent' });
  if (!stdout.startsWith('{')) assert.fail(`exit ${status}: ${stderr}`);
  return { status: status ?? -1, pid, report: JSON.parse(stdout) as Report, stderr };
}

function refuted(rehearsal: Rehearsal | undefined): string {
  const claims = rehearsal?.evidence.filter(({ outcome }) => outcome !== 'pass') ?? [];
  return JSON.stringify({ reason: rehearsal?.reason, claims }, undefined, 1);
}

function assertShows({ symptom }: RehearsalFault, rehearsal: Rehearsal | undefined): void {
  assert.equal(rehearsal?.outcome, 'failed', refuted(rehearsal));
  assert(rehearsal.reason !== undefined && rehearsal.reason !== '');
  const { command, evidence, requestLeft } = symptom;
  if (command) {
    const entry = rehearsal.timeline.find(
      ({ what, outcome }) => what.startsWith(command.name) && outcome === 'fail',
    );
    assert(entry, `no entry says that ${command.name} failed: ${JSON.stringify(rehearsal.timeline)}`);
  }
  const failed = rehearsal.evidence.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id);
  const wanted = evidence ? places[evidence] : requestLeft ? /^requests$/ : undefined;
  if (wanted)
    assert(
      failed.some((id) => wanted.test(id)),
      `${String(wanted)} is not among ${failed.join(', ')}: ${refuted(rehearsal)}`,
    );
}

function forgetPoll(path: string): void {
  try {
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(new RegExp(`^.*${pollVariable}=.*\n`, 'm'), ''));
  } catch (error) {
    assert.match(String(error), /ENOENT/);
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200 && !condition(); attempt++) await sleep(50);
  assert(condition());
}
