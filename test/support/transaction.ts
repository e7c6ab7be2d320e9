import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import path from 'node:path';
import * as xattr from '@napi-rs/xattr';
import { link, preconditionOf, remove, write } from '../../images/image/change.js';
import { openDirectory } from '../../images/image/directory.js';
import { HallmarkError } from '../../images/base/errors.js';
import type { Change, GuestPath, Image } from '../../images/image/image.js';
import type { ExtendedAttributes } from '../../images/image/posix.js';
import { collapse, overlay } from '../../images/image/overlay.js';
import { scratch } from './scratch.js';

/** Who the tests run as. */
export const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** A scratch folder with {@link plantTree}'s root in it. */
export function planted(): ReturnType<typeof scratch> {
  const here = scratch();
  mkdirSync(here.root);
  plantTree(here.root);
  return here;
}

/** For `assert.rejects`: an error of ours with this code, whose message matches. */
export const failure =
  (code: string, ...patterns: readonly RegExp[]) =>
  (error: unknown): true => {
    assert.ok(error instanceof HallmarkError, String(error));
    assert.equal(error.code, code, error.message);
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  };

/** The changes that give one file this content. */
export async function writing(root: string, file: GuestPath, content: string): Promise<Change[]> {
  await using image = openDirectory(root);
  return await write(image, file, content, own);
}

/** A small root with one of everything that a change can meet, and times that only nanoseconds can express. */
export function plantTree(root: string): void {
  const at = (name: string): string => path.join(root, name);
  for (const folder of ['etc/init.d', 'etc/rc3.d', 'etc/old/deep', 'usr/bin', 'var/lib/été'])
    mkdirSync(at(folder), { recursive: true });
  writeFileSync(at('etc/init.d/agent'), '#!/bin/sh\nno header\n');
  chmodSync(at('etc/init.d/agent'), 0o755);
  writeFileSync(at('etc/shadow'), 'root:secret\n');
  chmodSync(at('etc/shadow'), 0o400);
  writeFileSync(at('etc/latin1'), Buffer.from([0x23, 0xe9, 0x0a]));
  writeFileSync(at('etc/empty'), '');
  writeFileSync(at('usr/bin/su'), 'setuid');
  chmodSync(at('usr/bin/su'), 0o4755);
  writeFileSync(at('etc/twin-a'), 'twins\n');
  linkSync(at('etc/twin-a'), at('etc/twin-b'));
  writeFileSync(at('etc/pair-a'), 'pair\n');
  linkSync(at('etc/pair-a'), at('usr/pair-b'));
  writeFileSync(at('etc/old/deep/file'), 'to be removed\n');
  symlinkSync('../init.d/agent', at('etc/rc3.d/S20agent'));
  symlinkSync('/etc/nowhere', at('etc/rc3.d/S21dangling'));
  symlinkSync('/etc/shadow', at('etc/link'));
  writeFileSync(at('var/lib/été/data'), 'x'.repeat(300_000));
  writeFileSync(at('etc/untouched'), 'stays\n');
  setUserAttribute(at('etc/init.d/agent'), 'user.note', Buffer.from([0, 0xff, 10]));
  setUserAttribute(at('etc/old/deep'), 'user.folder', Buffer.from('kept'));
  chmodSync(at('etc/old/deep'), 0o2750);
  stamp(
    '@1111111111.123456789',
    ['etc/init.d/agent', 'etc/shadow', 'etc/rc3.d/S20agent', 'etc/old/deep/file', 'etc/twin-a'].map(at),
  );
  stamp(
    '@1000000000',
    ['etc/latin1', 'usr/bin/su', 'etc/pair-a', 'etc/link', 'etc/old/deep', 'etc/init.d', '.'].map(at),
  );
  stamp('@1222222222.000000001', ['etc/old', 'etc/rc3.d', 'etc', 'usr', 'var/lib/été'].map(at));
}

/** Changes of every kind to {@link plantTree}'s root, as a run would plan them: collapsed, in order. */
export async function planChanges(root: string): Promise<Change[]> {
  await using image = openDirectory(root);
  const file = (name: GuestPath, content: string | Buffer, mode?: number): Promise<Change[]> =>
    write(image, name, content, mode === undefined ? own : { ...own, mode });
  const changes = [
    ...(await file('/etc/init.d/agent', '#!/bin/sh\n### BEGIN INIT INFO\n')),
    ...(await file('/etc/shadow', 'root:other\n')),
    ...(await file('/etc/latin1', Buffer.from([0xe8]))),
    ...(await file('/etc/empty', 'no longer\n', 0o600)),
    ...(await file('/usr/bin/su', 'setuid', 0o755)),
    ...(await file('/etc/twin-a', 'parted\n')),
    ...(await file('/etc/pair-a', 'parted\n')),
    ...(await file('/usr/pair-b', 'parted\n')),
    ...(await file('/etc/link', 'a file instead of a link\n')),
    ...(await file('/opt/new/tool/config', 'in new directories\n')),
    ...(await file('/var/lib/été/données', 'a name that is not ASCII\n')),
    ...(await link(image, '/etc/rc3.d/S20agent', '../init.d/other')),
    ...(await link(image, '/etc/rc3.d/S19xe', '../init.d/xe')),
    ...(await link(image, '/etc/untouched-link', 'untouched')),
    ...(await remove(image, '/etc/rc3.d/S21dangling')),
    ...(await remove(image, '/etc/old/deep/file')),
    ...(await remove(image, '/etc/old/deep')),
    ...(await remove(image, '/var/lib/été/data')),
    ...(await asInstalled(image)),
  ];
  return collapse(changes);
}

/** What only a package manager asks for: owners, modes of directories, attributes and times. */
async function asInstalled(image: Image): Promise<Change[]> {
  const absent = { type: 'absent' } as const;
  const extended = (note: string): { extended?: ExtendedAttributes } =>
    hasUserAttributes(image.source)
      ? { extended: { 'user.note': Buffer.from(note).toString('base64') } }
      : {};
  const content = { bytes: Buffer.from('#!/bin/sh\nas installed\n') };
  return [
    {
      kind: 'directory',
      path: '/srv',
      expect: absent,
      posix: { mode: 0o1770, owner: own, ...extended('srv') },
    },
    { kind: 'link', path: '/srv/link', expect: absent, target: '/usr/bin/tool', posix: own },
    {
      kind: 'directory',
      path: '/usr/bin',
      expect: await preconditionOf(image, '/usr/bin'),
      posix: { mode: 0o2711, owner: own, ...extended('bin') },
    },
    {
      kind: 'write',
      path: '/usr/bin/tool',
      expect: absent,
      content,
      posix: { mode: 0o4750, ...own, ...extended('tool') },
      modified: 1_234_567_890,
    },
  ];
}

/** Whether {@link plantTree} could give its files attributes: a temporary file system may know none. */
export function hasUserAttributes(root: string): boolean {
  return xattr.listAttributesSync(path.join(root, 'etc/init.d/agent')).includes('user.note');
}

/** What {@link planChanges} would lead to, told by the overlay: path to what is there. */
export async function foretell(root: string, changes: readonly Change[]): Promise<Map<string, string>> {
  await using image = openDirectory(root);
  return await tell(await overlay(image, changes));
}

/** Every path of an image with type, mode and content, through the reading interface. */
export async function tell(image: Awaited<ReturnType<typeof overlay>>): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  const visit = async (folder: GuestPath): Promise<void> => {
    for (const { name } of (await image.readDir(folder)) ?? []) {
      const child: GuestPath = folder === '/' ? `/${name}` : `${folder}/${name}`;
      const entry = await image.lstat(child);
      const content = entry?.type === 'file' ? (await image.readFile(child))?.toString('hex') : entry?.target;
      told.set(
        child,
        `${entry?.type ?? ''} ${entry?.type === 'link' ? '' : (entry?.mode.toString(8) ?? '')} ${content ?? ''}`,
      );
      if (entry?.type === 'directory') await visit(child);
    }
  };
  await visit('/');
  return told;
}

/** Exact times need touch(1); no link is followed. */
export function stamp(date: string, files: readonly string[]): void {
  execFileSync('touch', ['--no-dereference', '-m', `--date=${date}`, ...files]);
}

/** @returns whether it could: a temporary file system may know none (EOPNOTSUPP); attributes.test.ts says so where it matters */
export function setUserAttribute(file: string, name: string, value: Buffer): boolean {
  try {
    xattr.setAttributeSync(file, name, value);
    return true;
  } catch (error) {
    if (!String(error).includes('os error 95')) throw error;
    return false;
  }
}
