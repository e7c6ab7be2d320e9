import { compareDottedVersions } from '../../formats/version.js';

/** Modules beyond Python's own that some release of the agent imports. */
const foreign = new Set([
  'Crypto',
  'Cryptodome',
  'cryptography',
  'distro',
  'netifaces',
  'pkg_resources',
  'pyaes',
  'pyxs',
  'yaml',
]);

/**
 * Modules that a source needs before it can be imported at all: those of `import` and `from` statements at the
 * left margin. An indented one (in a `try`, say) may fail without harm.
 */
export function importedModules(source: string): readonly string[] {
  const modules = source.split('\n').flatMap((line) => {
    if (line.startsWith('from ')) return [line.slice('from '.length)];
    return line.startsWith('import ') ? line.slice('import '.length).split(',') : [];
  });
  return modules.map((module) => /^\s*(\w*)/.exec(module)?.[1] ?? '').filter((module) => foreign.has(module));
}

/**
 * What the releases of the agent have declared that they need (setup.py, tag by tag), for when its source cannot be
 * read: which library does the encryption, and since when YAML and distro are used.
 */
export function declaredModules(version: string | undefined): readonly string[] {
  const since = (release: string): boolean =>
    version === undefined || compareDottedVersions(version, release) >= 0;
  const cipher = since('2.1.23') ? 'cryptography' : since('2.1.22') ? 'pyaes' : 'Crypto';
  return [cipher, 'pyxs', ...(since('2.1.14') ? ['yaml'] : []), ...(since('2.1.20') ? ['distro'] : [])];
}
