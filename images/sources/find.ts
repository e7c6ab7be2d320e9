import { type Stats, statSync } from 'node:fs';
import { ImageError, UsageError, systemCode } from '../base/errors.js';
import { isRunningRoot } from '../image/directory.js';
import { DirectorySource } from './directory.js';
import type { ImageSource, SourceKind } from './source.js';
import { TarballSource } from './tarball.js';

const sources: Readonly<Record<SourceKind, (path: string) => ImageSource>> = {
  directory: (path) => new DirectorySource(path),
  host: (path) => new DirectorySource(path, 'host'),
  tarball: (path) => new TarballSource(path),
};

/** What else a kind may be taken for: the running system for a plain directory, never the other way round. */
const alsoFits: Readonly<Record<SourceKind, readonly SourceKind[]>> = {
  directory: [],
  host: ['directory'],
  tarball: [],
};

/**
 * Finds out what kind of image is at a path of the host; told by what is there, never by its name.
 * @param path - a directory, `/`, or a tarball
 * @param kind - when the user says what it is; otherwise the file system tells
 * @throws {UsageError} when there is nothing at `path`, or it is not of that kind
 * @throws {ImageError} when it cannot be looked at or is not of a kind that is supported
 */
export async function sourceAt(path: string, kind?: SourceKind): Promise<ImageSource> {
  const actual = kindOf(path, statOf(path));
  if (kind === undefined || kind === actual || alsoFits[actual].includes(kind))
    return sources[kind ?? actual](path);
  throw new UsageError('wrong-kind', `${path} is not a ${kind}; it is a ${actual}`);
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UsageError('no-such-image', `there is no ${path}`, {
        cause,
        hint: path.includes('\uFFFD')
          ? 'A name that is not UTF-8 does not reach Node.js whole: give the image another name, or a link to it.'
          : 'Check the path of the image.',
      });
    }
    throw new ImageError('unreadable', `cannot look at ${path}: ${code ?? String(cause)}`, { cause });
  }
}

function kindOf(path: string, stats: Stats): SourceKind {
  if (stats.isDirectory()) return isRunningRoot(path) ? 'host' : 'directory';
  if (stats.isFile()) return 'tarball';
  throw new ImageError('unsupported', `${path} is neither a directory nor a file`, {
    hint: 'Mount a block device first, and give its mount point.',
  });
}
