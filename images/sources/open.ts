import { type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isRunningRoot, openDirectory } from '../image/directory.js';
import { ImageError, UsageError, systemCode } from '../base/errors.js';
import type { Input } from '../image/inputs.js';
import type { Image, ImageKind } from '../image/image.js';

export type OpenKind = Exclude<ImageKind, 'memory'>;

/**
 * Opens an image for reading.
 * @param source - a directory, `/`, or a tarball on the host
 * @param inputs - the guest paths whose contents will be read: a tarball's pass keeps just these
 * @param kind - when the user says so; otherwise the file system tells
 * @param signal - ends the reading of a tarball with its reason
 * @throws {UsageError} when there is nothing at `source`, or it is no such kind
 * @throws {ImageError} when it cannot be read or is no image of a kind that is supported
 */
export async function openImage(
  source: string,
  inputs: readonly Input[],
  kind?: OpenKind,
  signal?: AbortSignal,
): Promise<Image> {
  const stats = await statOf(source);
  const actual = kindOf(source, stats);
  // The running system may be looked at as a plain directory, never the other way round.
  if (kind !== undefined && kind !== actual && !(kind === 'directory' && actual === 'host')) {
    throw new UsageError('wrong-kind', `${source} is no ${kind}: it is a ${actual}`);
  }
  if (actual !== 'tarball') return openDirectory(source, kind === 'directory' ? 'directory' : actual);
  const { openTarball } = await import('../image/tarball/read.js');
  return openTarball(source, inputs, signal);
}

/** What kind of image a path of the host is; told by what is there, never by its name. */
export async function detectKind(source: string): Promise<OpenKind> {
  return kindOf(source, await statOf(source));
}

async function statOf(source: string): Promise<Stats> {
  try {
    return await stat(source);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UsageError('no-such-image', `there is no ${source}`, {
        cause,
        hint: source.includes('\uFFFD')
          ? 'A name that is not UTF-8 does not reach Node.js whole: give the image another name, or a link to it.'
          : 'Check the path of the image.',
      });
    }
    throw new ImageError('unreadable', `cannot look at ${source}: ${code ?? String(cause)}`, { cause });
  }
}

function kindOf(source: string, stats: Stats): OpenKind {
  if (stats.isDirectory()) return isRunningRoot(source) ? 'host' : 'directory';
  if (stats.isFile()) return 'tarball';
  throw new ImageError('unsupported', `${source} is neither a directory nor a file`, {
    hint: 'A block device must be mounted first; give the mount point.',
  });
}
