import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sh } from './real-roots.js';

/**
 * The ordering cycles that `systemd-analyze verify` finds in the boot of a whole root, each as the units it names.
 * The root's units are read, and those that its own generators make of its init scripts and fstab; systemd-analyze
 * itself is the host's.
 */
export function realCycles(root: string): string[][] {
  const { early, normal, late } = generate(root);
  const path = [
    early,
    `${root}/etc/systemd/system`,
    normal,
    `${root}/usr/local/lib/systemd/system`,
    `${root}/usr/lib/systemd/system`,
    late,
  ].join(':');
  const { stderr, error } = spawnSync(
    'systemd-analyze',
    ['verify', '--man=no', '--generators=no', 'default.target'],
    { encoding: 'utf8', env: { ...process.env, SYSTEMD_UNIT_PATH: path } },
  );
  if (error) throw error;
  rmSync(early, { recursive: true });
  rmSync(normal, { recursive: true });
  rmSync(late, { recursive: true });
  return cyclesIn(stderr);
}

/** The ordering cycles that systemd complains about, each as the units it names. */
export function cyclesIn(complaints: string): string[][] {
  const cycles: string[][] = [];
  for (const line of complaints.split('\n')) {
    const start = /Found ordering cycle on (\S+)\/start/.exec(line)?.[1];
    const next = /Found dependency on (\S+)\/start/.exec(line)?.[1];
    if (start !== undefined) cycles.push([start]);
    else if (next !== undefined) cycles.at(-1)?.push(next);
  }
  return cycles;
}

/** What the root's generators make, run in the root as its manager would. */
function generate(root: string): { early: string; normal: string; late: string } {
  const [early, normal, late] = ['early', 'normal', 'late'].map((name) => join(root, 'run', name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [early, normal, late]) mkdirSync(folder, { recursive: true });
  const script = `set -e
    mount -t proc proc "$1"/proc
    for name in systemd-sysv-generator systemd-fstab-generator; do
      chroot "$1" /lib/systemd/system-generators/$name /run/normal /run/early /run/late
    done`;
  sh('unshare', '--mount', 'sh', '-c', script, 'sh', root);
  // cloud-init's generator looks at the running host, so its one link is made here.
  const cloudInit = '/lib/systemd/system/cloud-init.target';
  if (existsSync(join(root, 'usr', cloudInit))) {
    const wants = join(early, 'multi-user.target.wants');
    mkdirSync(wants, { recursive: true });
    symlinkSync(cloudInit, join(wants, 'cloud-init.target'));
  }
  return { early, normal, late };
}

/** Boots a whole root in a container until `ask` has run in it; what the script writes into /answers is `answers`. */
export function boot(root: string, answers: string): void {
  const { status, stderr, error } = spawnSync(
    'systemd-nspawn',
    [
      '--quiet',
      '--register=no',
      '--keep-unit',
      '--private-network',
      `--bind=${answers}:/answers`,
      '-D',
      root,
      '-b',
    ],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
      env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
    },
  );
  if (error) throw error;
  if (!existsSync(join(answers, 'done'))) throw new Error(`systemd-nspawn: exit ${status}\n${stderr}`);
}
