import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import * as xattr from '@napi-rs/xattr';

/** One line a path; two trees are identical when their lines are. */
export type Walk = ReadonlyMap<string, string>;

export interface WalkOptions {
  /** Leave out what tells when: for trees that may differ in that. */
  readonly times?: boolean;
}

/**
 * Describes a tree by everything that is to be kept: type, mode, owner, modification time in nanoseconds, number of
 * links, extended attributes, content, target. It shares no code with what it is to judge.
 */
export function walk(root: string, { times = true }: WalkOptions = {}): Walk {
  const lines = new Map<string, string>();
  const visit = (file: Buffer, shown: string): void => {
    const stats = lstatSync(file, { bigint: true });
    lines.set(shown, describe(file, stats, times));
    if (!stats.isDirectory()) return;
    for (const name of readdirSync(file, { encoding: 'buffer' }).sort((a, b) => Buffer.compare(a, b))) {
      visit(Buffer.concat([file, Buffer.from('/'), name]), path.posix.join(shown, name.toString('latin1')));
    }
  };
  visit(Buffer.from(root), '/');
  return lines;
}

function describe(file: Buffer, stats: BigIntStats, times: boolean): string {
  const parts = [stats.mode.toString(8), `${stats.uid}:${stats.gid}`];
  if (times) parts.push(stats.mtimeNs.toString());
  if (!stats.isDirectory()) parts.push(`links ${stats.nlink}`);
  const text = file.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(file)) {
    for (const name of xattr.listAttributesSync(text).sort()) {
      parts.push(`${name}=${xattr.getAttributeSync(text, name)?.toString('hex') ?? ''}`);
    }
  }
  if (stats.isSymbolicLink()) parts.push(`-> ${readlinkSync(file, { encoding: 'latin1' })}`);
  if (stats.isFile()) parts.push(createHash('sha256').update(readFileSync(file)).digest('hex'));
  return parts.join(' ');
}

/** What differs, one line each: empty when the trees are identical. */
export function difference(one: Walk, other: Walk): string[] {
  const paths = [...new Set([...one.keys(), ...other.keys()])].sort();
  return paths
    .filter((each) => one.get(each) !== other.get(each))
    .map((each) => `${each}: ${one.get(each) ?? 'missing'} | ${other.get(each) ?? 'missing'}`);
}

/**
 * The same by GNU find, sha256sum and getfattr, which share nothing with Node.js: access and change times left out.
 */
export function walkByTools(root: string): string {
  const run = (command: string): string =>
    execFileSync('bash', ['-o', 'pipefail', '-c', command], {
      cwd: root,
      encoding: 'latin1',
      maxBuffer: 1 << 30,
      env: { ...process.env, LC_ALL: 'C' },
    });
  return [
    run(
      String.raw`find . -printf '%p\t%y\t%m\t%U:%G\t%T@\t%l\t%s\n' | sed 's/\(\td\t.*\)\t[0-9]*$/\1/' | sort`,
    ),
    run(String.raw`find . ! -type d -printf '%n %p\n' | sort`),
    run('find . -type f -print0 | sort -z | xargs -0 sha256sum'),
    run('find . -print0 | sort -z | xargs -0 getfattr -h -d -m - -e hex'),
  ].join('\n');
}
