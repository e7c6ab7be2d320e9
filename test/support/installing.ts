import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../pipeline/report/report.js';
import { hallmark } from './command.js';
import { type RealRoots, sh, survey } from './real-roots.js';

/** The checks that are left with something to say. */
export const failures = ({ results }: Report): string[] =>
  results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error').map(({ id }) => id);

/** Takes a run back, which must give the tree that was there before it, to the last byte and time. */
export function undo(root: string, state: string, before: readonly string[]): void {
  const undone = hallmark(['undo', root, '--yes'], { state });
  assert.equal(undone.status, 0, undone.stderr);
  assert.deepEqual(survey(root), before);
}

/** A root in a tarball, and where the golden one is to be. */
export interface Packed {
  readonly folder: string;
  readonly tarball: string;
  readonly golden: string;
  /** Unpacks the golden one. @returns its root */
  readonly unpack: () => string;
}

export function packed(roots: RealRoots, root: string): Packed {
  const folder = roots.folder('packed');
  const [tarball, golden, unpacked] = ['image.tar', 'golden.tar', 'unpacked'].map((each) =>
    join(folder, each),
  ) as [string, string, string];
  sh('tar', '--xattrs', '-C', root, '-cf', tarball, '.');
  const unpack = (): string => {
    mkdirSync(unpacked);
    sh('tar', '--xattrs', '-C', unpacked, '-xpf', golden);
    return unpacked;
  };
  return { folder, tarball, golden, unpack };
}

/** What systemctl says of a service in a root. */
export const isEnabled = (root: string, service: string): string =>
  sh('systemctl', `--root=${root}`, 'is-enabled', service).trim();
