import { remove, write } from '../image/change.js';
import { ImageError } from '../base/errors.js';
import { type ControlParagraph, parseControl } from '../formats/control.js';
import type { Packages } from '../guest/packages.js';
import type { Change, GuestPath, Image } from '../image/image.js';
import { collapse, overlay } from '../image/overlay.js';
import { makeWorkFolder } from '../sandbox/work-folder.js';
import { database, paragraphsBut, statusLimit } from './deb.js';
import { obstacles } from './dependencies.js';

/**
 * The changes that remove packages with their configuration without running any program of the guest: their files, and what
 * the package database has of them. Their scripts do not run.
 * @throws {ImageError} code `not-removable`, naming what needs them; `no-package-manager`; as {@link databaseCopy}
 */
export async function offlineRemoval(
  image: Image,
  manager: Packages['manager'],
  names: readonly string[],
): Promise<Change[]> {
  if (manager === 'dpkg') return dpkgRemoval(image, names);
  if (manager === 'rpm') return rpmRemoval(image, names);
  throw new ImageError('no-package-manager', 'the image cannot remove packages: it has no package database');
}

async function dpkgRemoval(image: Image, names: readonly string[]): Promise<Change[]> {
  const status = (await image.readText(`${database}/status`, statusLimit)) ?? '';
  const isGone = (each: ControlParagraph): boolean => names.includes(each.get('package') ?? '');
  refuseNeeded(parseControl(status), isGone, names);
  const info: GuestPath = `${database}/info`;
  const entries = ((await image.readDir(info)) ?? []).map(({ name }) => name);
  const own = entries.filter((entry) => names.some((name) => isOf(entry, name)));
  // All at once: an archive is read in one pass for them.
  const listsOf = (wanted: readonly string[]): Promise<string[]> =>
    Promise.all(
      wanted
        .filter((entry) => entry.endsWith('.list'))
        .map(async (entry) => (await image.readText(`${info}/${entry}`)) ?? ''),
    );
  const listed = (await listsOf(own)).flatMap(pathsIn);
  const others = new Set((await listsOf(entries.filter((entry) => !own.includes(entry)))).flatMap(pathsIn));
  const files = listed.filter((path) => !others.has(path));
  return collapse([
    ...(await withoutFiles(image, files)),
    ...(await Promise.all(own.map((entry) => remove(image, `${info}/${entry}`)))).flat(),
    ...(await write(image, `${database}/status`, `${paragraphsBut(status, isGone).join('\n\n')}\n\n`)),
  ]);
}

function refuseNeeded(
  paragraphs: readonly ControlParagraph[],
  isGone: (each: ControlParagraph) => boolean,
  names: readonly string[],
): void {
  const left = paragraphs.filter((each) => !isGone(each));
  for (const each of left) {
    const needs = `${each.get('depends') ?? ''} ${each.get('pre-depends') ?? ''}`;
    if (!names.some((name) => needs.includes(name))) continue;
    const before = obstacles(each, paragraphs);
    const after = obstacles(each, left).filter((why) => !before.includes(why));
    if (after.length > 0)
      throw notRemovable(names, `${each.get('package') ?? ''} is installed, and ${after.join('; ')}`);
  }
}

/** "python3-nova-agent.list", or "libc6:amd64.list". */
function isOf(entry: string, name: string): boolean {
  return entry.startsWith(name) && /^(?::[\w-]+)?\.[\w-]+$/.test(entry.slice(name.length));
}

function pathsIn(list: string): GuestPath[] {
  return list.split('\n').filter((path): path is GuestPath => path.startsWith('/') && path !== '/.');
}

/** Without the files, and the directories that this leaves empty. */
async function withoutFiles(image: Image, paths: readonly GuestPath[]): Promise<Change[]> {
  const changes: Change[] = [];
  const directories: GuestPath[] = [];
  for (const path of paths) {
    const exact = await image.locate(path);
    const type = (await image.lstat(exact))?.type;
    if (type === 'directory') directories.push(exact);
    // A link in the place of a directory, such as /lib, is the system's own.
    else if (type !== 'link' || !paths.some((other) => other.startsWith(`${path}/`)))
      changes.push(...(await remove(image, exact)));
  }
  for (const path of directories.sort().reverse()) {
    const left = await (await overlay(image, changes)).readDir(path);
    if (left?.length === 0) changes.push(...(await remove(image, path)));
  }
  return changes;
}

async function rpmRemoval(image: Image, names: readonly string[]): Promise<Change[]> {
  using work = makeWorkFolder();
  const { databaseCopy } = await import('./rpm.js');
  const { rpm, recorded } = await databaseCopy(image, work.path);
  const list = async (...args: string[]): Promise<GuestPath[]> => {
    const { exitCode, stdout, stderr } = await rpm('--query', '--queryformat', '[%{FILENAMES}\\n]', ...args);
    if (exitCode !== 0) throw notRemovable(names, stderr.trim() || stdout.trim());
    return pathsIn(stdout);
  };
  const listed = await list(...names);
  const options = ['--justdb', '--noscripts', '--notriggers', '--allmatches'];
  const { exitCode, stderr } = await rpm('--erase', ...options, ...names);
  if (exitCode !== 0)
    throw notRemovable(
      names,
      stderr
        .trim()
        .split('\n')
        .map((line) => line.trim())
        .join(' '),
    );
  const others = new Set(await list('--all'));
  const files = await withoutFiles(
    image,
    listed.filter((path) => !others.has(path)),
  );
  return collapse([...files, ...(await recorded(await overlay(image, files)))]);
}

function notRemovable(names: readonly string[], why: string): ImageError {
  return new ImageError('not-removable', `${names.join(' and ')} cannot be removed: ${why}`);
}
