import { ImageError } from '../../base/errors.js';
import { type InterfacesFile, parseInterfaces } from '../../formats/interfaces.js';
import { isPattern, matches } from '../../formats/wildcard.js';
import type { GuestPath, Image } from '../../image/image.js';
import { join, parentOf } from '../../image/resolve.js';

/** A file of interfaces(5), and what it says. */
export interface InterfacesSource extends InterfacesFile {
  readonly path: GuestPath;
}

const main: GuestPath = '/etc/network/interfaces';

/** Files that may be read by way of `source` and `source-directory`, one through the other. */
const maxFiles = 1000;

/**
 * /etc/network/interfaces and every file that it takes in, each once.
 * @throws {ImageError} code `unsupported` when a `source` can only be understood by a shell, or there are too many
 */
export async function interfacesFiles(image: Image): Promise<InterfacesSource[]> {
  const found = new Map<GuestPath, InterfacesSource>();
  const waiting: GuestPath[] = [main];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (found.has(path) || (await image.stat(path))?.type === 'directory') continue;
    const text = await image.readText(path);
    if (text === undefined) continue;
    if (found.size >= maxFiles)
      throw new ImageError('unsupported', `${main} includes more than ${maxFiles} files`);
    const file = { path, ...parseInterfaces(text) };
    found.set(path, file);
    for (const { keyword, pattern, line } of file.sources) {
      if (/[$`~{"']/.test(pattern)) {
        throw new ImageError(
          'unsupported',
          `${path}, line ${line}, includes files that only a shell could name`,
        );
      }
      const absolute: GuestPath = pattern.startsWith('/')
        ? (pattern as GuestPath)
        : join(parentOf(path), pattern);
      waiting.push(
        ...(keyword === 'source' ? await expand(image, absolute) : await directoryFiles(image, absolute)),
      );
    }
  }
  return [...found.values()];
}

/** Only names of letters, digits, `_` and `-` are taken in from a directory (interfaces(5)). */
async function directoryFiles(image: Image, pattern: GuestPath): Promise<GuestPath[]> {
  const files: GuestPath[] = [];
  for (const directory of await expand(image, pattern)) {
    for (const { name } of (await image.readDir(directory)) ?? []) {
      if (/^[A-Za-z0-9_-]+$/.test(name)) files.push(join(directory, name));
    }
  }
  return files;
}

async function expand(image: Image, pattern: GuestPath): Promise<GuestPath[]> {
  let paths: GuestPath[] = ['/'];
  for (const component of pattern.split('/').filter(Boolean)) {
    if (!isPattern(component)) {
      paths = paths.map((path) => join(path, component));
      continue;
    }
    const next: GuestPath[] = [];
    for (const path of paths) {
      for (const { name } of (await image.readDir(path)) ?? []) {
        if (matches(component, name)) next.push(join(path, name));
      }
    }
    if (next.length > maxFiles)
      throw new ImageError('unsupported', `${pattern} matches more than ${maxFiles} files`);
    paths = next;
  }
  return paths;
}
