import { ImageError } from '../base/errors.js';
import { isInstalled, parseDpkgStatus } from '../formats/dpkg-status.js';
import { type RpmDatabaseFormat, readRpmDatabase } from '../formats/rpm-database.js';
import { compareRpmVersions } from '../formats/version.js';
import type { GuestPath, Image } from '../image/image.js';
import { join } from '../image/resolve.js';
import type { Fact } from './fact.js';

export interface Package {
  readonly name: string;
  /** As the package manager writes it: "2.1.25-1", "219-19.el7". */
  readonly version: string;
  readonly architecture: string | undefined;
}

export interface Packages {
  readonly manager: 'dpkg' | 'rpm' | 'none';
  /** Installed packages (dpkg: status "… ok installed"), by name. */
  readonly installed: ReadonlyMap<string, Package>;
}

const mebibyte = 1024 * 1024;
const dpkgLimit = 64 * mebibyte;
const rpmLimit = 256 * mebibyte;

const dpkgStatus = '/var/lib/dpkg/status';
/** What a dpkg that was cut short had yet to write into the status file; dpkg itself reads them, too. */
const dpkgUpdates = '/var/lib/dpkg/updates';
/** One file for each package, without a Status field, where images are built without dpkg ("distroless"). */
const dpkgStatusFolder = '/var/lib/dpkg/status.d';

const rpmFolders: readonly GuestPath[] = ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/usr/share/rpm'];
/** The newest format first: a conversion can leave the older file behind. */
const rpmFiles: readonly (readonly [string, RpmDatabaseFormat])[] = [
  ['rpmdb.sqlite', 'sqlite'],
  ['Packages.db', 'ndb'],
  ['Packages', 'bdb'],
];

/** What the guest's package database says is installed. Throws when a database is there but cannot be read. */
export const packages: Fact<Packages> = {
  name: 'packages',
  inputs: [
    ...[dpkgStatus, `${dpkgUpdates}/*`, `${dpkgStatusFolder}/*`].map((glob) => ({ glob, limit: dpkgLimit })),
    ...rpmFolders.flatMap((folder) =>
      rpmFiles.map(([name]) => ({ glob: join(folder, name), limit: rpmLimit })),
    ),
  ],
  async gather(image) {
    const dpkg = await readDpkg(image);
    if (dpkg && dpkg.size > 0) return { manager: 'dpkg', installed: dpkg };
    // Fedora can have an empty dpkg database, for its dpkg package; Debian an empty one of rpm.
    const rpm = await findRpmDatabase(image);
    if (rpm) return { manager: 'rpm', installed: await readRpm(image, rpm) };
    if (dpkg) throw new ImageError('package-database', `${dpkgStatus} lists no installed package`);
    return { manager: 'none', installed: new Map() };
  },
};

/** The file that says what is installed, as evidence; undefined when there is none. */
export const packageDatabase: Fact<GuestPath | undefined> = {
  name: 'package-database',
  inputs: packages.inputs,
  async gather(image, get) {
    switch ((await get(packages)).manager) {
      case 'dpkg':
        return (await image.stat(dpkgStatus)) ? dpkgStatus : dpkgStatusFolder;
      case 'rpm':
        return (await findRpmDatabase(image))?.path;
      case 'none':
        return undefined;
    }
  },
};

/** @returns undefined when dpkg was never there */
async function readDpkg(image: Image): Promise<Map<string, Package> | undefined> {
  const status = await image.readText(dpkgStatus, dpkgLimit);
  const updates = await readFolder(image, dpkgUpdates, /^\d+$/);
  const folder = await readFolder(image, dpkgStatusFolder, /^(?!.*\.md5sums$)/);
  if (status === undefined && folder.length === 0) return undefined;
  const records = [status ?? '', ...updates].flatMap(parseDpkgStatus);
  const unmanaged = folder
    .flatMap(parseDpkgStatus)
    .map((record) => ({ ...record, status: 'install ok installed' }));
  /** By name and architecture: a later record of a package takes the place of the earlier. */
  const known = new Map<string, Package>();
  for (const record of [...records, ...unmanaged]) {
    const { package: name, version, architecture } = record;
    if (name === undefined) continue;
    const key = `${name}:${architecture ?? ''}`;
    if (!isInstalled(record.status ?? '')) known.delete(key);
    else if (version === undefined)
      throw new ImageError('package-database', `${dpkgStatus} has no version for ${name}`);
    else known.set(key, { name, version, architecture });
  }
  const installed = new Map<string, Package>();
  for (const one of known.values()) if (!installed.has(one.name)) installed.set(one.name, one);
  return installed;
}

async function readFolder(image: Image, folder: GuestPath, wanted: RegExp): Promise<readonly string[]> {
  const names = ((await image.readDir(folder)) ?? []).filter(
    ({ name, type }) => type !== 'directory' && wanted.test(name),
  );
  const texts = await Promise.all(names.map(({ name }) => image.readText(join(folder, name), dpkgLimit)));
  return texts.filter((text) => text !== undefined);
}

interface RpmDatabase {
  readonly path: GuestPath;
  readonly format: RpmDatabaseFormat;
}

async function findRpmDatabase(image: Image): Promise<RpmDatabase | undefined> {
  for (const folder of rpmFolders) {
    for (const [name, format] of rpmFiles) {
      const path = join(folder, name);
      if (await image.stat(path)) return { path, format };
    }
  }
  return undefined;
}

async function readRpm(image: Image, { path, format }: RpmDatabase): Promise<Map<string, Package>> {
  if (format === 'sqlite') await refuseUnfinished(image, path);
  const bytes = await image.readFile(path, rpmLimit);
  if (!bytes) throw new ImageError('package-database', `${path} is gone`);
  try {
    return byName(await readRpmDatabase(format, bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ImageError('package-database', `${path} cannot be read as an rpm database: ${reason}`, {
      cause: error,
    });
  }
}

/** Of a package that is installed more than once (a kernel, say) the newest. */
function byName(records: readonly Package[]): Map<string, Package> {
  const installed = new Map<string, Package>();
  for (const record of records) {
    const known = installed.get(record.name);
    if (!known || compareRpmVersions(record.version, known.version) > 0) installed.set(record.name, record);
  }
  return installed;
}

/** With a write-ahead log or rollback journal beside it (sqlite.org/tempfiles.html), the file alone is stale. */
async function refuseUnfinished(image: Image, path: GuestPath): Promise<void> {
  for (const suffix of ['-wal', '-journal']) {
    const log = await image.stat(`${path}${suffix}`);
    if (log && log.size > 0) {
      throw new ImageError(
        'package-database',
        `${path}${suffix} holds changes that were not written to ${path} yet`,
        {
          hint: 'Run "rpm -qa" in the guest once, which writes them back, and make the image again.',
        },
      );
    }
  }
}
