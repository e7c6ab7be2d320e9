import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join as below } from 'node:path';
import { write } from '../image/change.js';
import { ImageError } from '../base/errors.js';
import { type ExecResult, filter, run } from '../base/exec.js';
import type { Change, GuestPath, Image } from '../image/image.js';
import { collapse, overlay } from '../image/overlay.js';
import { join } from '../image/resolve.js';
import { type PayloadEntry, payloadChanges } from './payload.js';
import { parseCpio } from './cpio.js';

/** Where rpm keeps its database, and which of its files each format has. */
const folders: readonly GuestPath[] = ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/usr/share/rpm'];
const backends: readonly (readonly [file: string, backend: string])[] = [
  ['rpmdb.sqlite', 'sqlite'],
  ['Packages.db', 'ndb'],
];
const databaseLimit = 512 * 1024 * 1024;
const mostPayload = 512 * 1024 * 1024;

/**
 * The changes that RPM packages make without their scriptlets: their files, and the guest's database as the host's own rpm
 * writes it, on a copy.
 * @param folder - of the host, for the copy
 * @param hint - what to do when a dependency is missing
 * @throws {ImageError} code `not-installable`, naming every dependency that is missing; `unsupported` for a database in
 *   Berkeley DB, which no rpm of today writes; `missing-tool`
 */
export async function rpmChanges(
  image: Image,
  packages: readonly string[],
  folder: string,
  hint: string,
): Promise<Change[]> {
  const { rpm, recorded } = await databaseCopy(image, folder);
  const payloads: RpmPayload[] = [];
  for (const file of packages) payloads.push(await payloadOf(file, rpm));
  const entries = payloads.flatMap(({ files }) => files);
  const configuration = new Set(payloads.flatMap((payload) => [...payload.configuration]));
  const options = ['--install', '--justdb', '--noscripts', '--notriggers', '--nosignature', '--ignoresize'];
  const installed = await rpm(...options, ...packages);
  if (installed.exitCode !== 0) throw failed(packages.join(' with '), installed, hint);
  const laid = await payloadChanges(image, entries, configuration);
  return collapse([...laid, ...(await recorded(await overlay(image, laid)))]);
}

/** A copy of a guest's rpm database, for the host's own rpm. */
export interface DatabaseCopy {
  readonly rpm: (...args: string[]) => Promise<ExecResult>;
  /** What became of the database, as changes of the image that has it. */
  readonly recorded: (view: Image) => Promise<Change[]>;
}

/**
 * Copies the rpm database of an image.
 * @param folder - of the host, where it goes
 * @throws {ImageError} code `unsupported` for Berkeley DB, `no-package-manager` without a database
 */
export async function databaseCopy(image: Image, folder: string): Promise<DatabaseCopy> {
  const database = await findDatabase(image);
  const copy = below(folder, 'rpmdb');
  await mkdir(copy);
  for (const name of await filesOf(image, database.folder)) {
    const bytes = await image.readFile(join(database.folder, name), databaseLimit);
    if (bytes) await writeFile(below(copy, name), bytes);
  }
  return {
    rpm: (...args) =>
      run('rpm', ['--dbpath', copy, '--define', `_db_backend ${database.backend}`, ...args], {
        package: 'rpm',
      }),
    recorded: async (view) => {
      const changes: Change[] = [];
      for (const name of (await readdir(copy)).sort()) {
        // Beside the database: the lock and the log of this host's rpm, which is empty once it is closed.
        if (/^\.rpm\.lock$|-shm$|-wal$/.test(name)) continue;
        changes.push(...(await write(view, join(database.folder, name), await readFile(below(copy, name)))));
      }
      return changes;
    },
  };
}

async function findDatabase(image: Image): Promise<{ folder: GuestPath; backend: string }> {
  for (const folder of folders) {
    for (const [name, backend] of backends)
      if (await image.stat(join(folder, name)))
        return { folder: (await image.realPath(folder)) ?? folder, backend };
    if (await image.stat(join(folder, 'Packages'))) {
      throw new ImageError(
        'unsupported',
        `the image's rpm database, ${folder}/Packages, is one that today's rpm cannot write`,
        {
          hint: 'Leave out --offline-install, so that the rpm of the image itself installs it.',
        },
      );
    }
  }
  throw new ImageError('no-package-manager', 'the image has no rpm database');
}

async function filesOf(image: Image, folder: GuestPath): Promise<string[]> {
  const names = (await image.readDir(folder)) ?? [];
  return names.filter(({ type }) => type === 'file').map(({ name }) => name);
}

interface RpmPayload {
  readonly files: PayloadEntry[];
  readonly configuration: ReadonlySet<string>;
}

/** What the header says of each file (owner by name, kind), with the content from the archive behind it. */
async function payloadOf(file: string, rpm: DatabaseCopy['rpm']): Promise<RpmPayload> {
  const format =
    '[%{FILENAMES}\\t%{FILEMODES}\\t%{FILEMTIMES}\\t%{FILEFLAGS}\\t%{FILEUSERNAME}\\t%{FILEGROUPNAME}\\n]';
  const asked = await rpm('--query', '--package', '--nosignature', '--queryformat', format, file);
  if (asked.exitCode !== 0) throw failed(file, asked);
  const contents = parseCpio(await cpioOf(file), file);
  const configuration = new Set<string>();
  const files = asked.stdout.split('\n').flatMap((line): PayloadEntry[] => {
    const [path, mode, modified, flags, user, group] = line.split('\t');
    if (path === undefined || group === undefined || !path.startsWith('/')) return [];
    if (user !== 'root' || group !== 'root')
      throw new ImageError(
        'unsupported-change',
        `${file} gives ${path} to ${user ?? ''}:${group}; without running anything, only root is known`,
      );
    const number = Number(mode);
    if ((Number(flags) & 1) !== 0) configuration.add(path); // RPMFILE_CONFIG
    if ((Number(flags) & 64) !== 0) return []; // RPMFILE_GHOST: not in the archive
    const rest = {
      path: path as GuestPath,
      mode: number & 0o7777,
      uid: 0,
      gid: 0,
      modified: Number(modified),
    };
    const content = contents.get(path) ?? Buffer.alloc(0);
    switch (number & 0o170000) {
      case 0o040000:
        return [{ ...rest, type: 'directory' }];
      case 0o120000:
        return [{ ...rest, type: 'link', target: content.toString() }];
      case 0o100000:
        return [{ ...rest, type: 'file', content }];
      default:
        throw new ImageError('unsupported-change', `${file} brings a special file, ${path}`);
    }
  });
  return { files, configuration };
}

/** rpm2cpio knows every compression that packages have. */
async function cpioOf(file: string): Promise<Buffer> {
  const unpacking = await filter('rpm2cpio', [file], { package: 'rpm2cpio' });
  unpacking.stdin.end();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpacking.stdout as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= mostPayload) continue;
    unpacking.stop();
    throw new ImageError('too-large', `${file} holds more than ${mostPayload} bytes`);
  }
  await unpacking.done;
  return Buffer.concat(chunks);
}

function failed(file: string, { stderr }: ExecResult, missingHint?: string): ImageError {
  const lines = stderr.split('\n').map((line) => line.trim());
  const why = lines.filter((line) => line !== '' && !/^(?:rpm: |warning: )/.test(line)).join(' ');
  const hint = / is needed by /.test(why) ? missingHint : undefined;
  return new ImageError('not-installable', `${file} cannot be installed: ${why || stderr.trim()}`, { hint });
}
