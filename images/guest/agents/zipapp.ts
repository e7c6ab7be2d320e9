import { ImageError } from '../../base/errors.js';
import { type ZipMembers, readZip } from '../../formats/zip.js';
import type { GuestPath } from '../../image/image.js';
import type { Agent, Requirement } from './agent.js';
import { type AgentSearch, type KnownVersion, packagedVersion, sourceVersion } from './context.js';
import { declaredModules, importedModules } from './imports.js';
import { executableRequirement } from './programs.js';
import { type Interpreter, foldersOf, moduleRequirements } from './python.js';
import { interpreterRequirements } from './python-library.js';
import { agentServiceNames } from './service-names.js';

/** Its own sources and all it bundles unpack to less than a megabyte. */
const unpackedLimit = 16 * 1024 * 1024;
const localFileHeader = Buffer.from('PK\x03\x04', 'latin1');

/** Whether a script is followed by a zip archive, even a damaged one (PEP 441). */
export function isZipapp(bytes: Buffer): boolean {
  return bytes.includes(localFileHeader);
}

/**
 * An agent that is one executable zip file (2.x from 2.1.22 on).
 * @param path - the program
 * @param bytes - its content
 */
export async function zipappAgent(
  search: AgentSearch,
  path: GuestPath,
  bytes: Buffer,
  interpreter: Interpreter | undefined,
): Promise<Agent> {
  const { zip, damage } = await openArchive(bytes);
  const known = versionOf(search, path, zip);
  return {
    generation: 2,
    form: 'zipapp',
    ...known,
    program: path,
    serviceNames: await agentServiceNames(search, 2),
    requirements: [
      await executableRequirement(search.image, path, search.isRead),
      ...(interpreter
        ? await interpreterRequirements(search.image, interpreter, path, search.surroundings)
        : [{ what: 'a first line that names a Python', found: false, evidence: { path, line: 1 } }]),
      ...(damage === undefined
        ? []
        : [{ what: `${path} in one piece (${damage})`, found: false, evidence: { path } }]),
      ...(zip ? await zippedRequirements(search, path, zip, interpreter, known.version) : []),
    ],
    links: [],
  };
}

/** A damaged archive is no reason to know nothing: Python could not run it either, and that is the answer. */
async function openArchive(bytes: Buffer): Promise<{ zip?: ZipMembers; damage?: string }> {
  try {
    const zip = await readZip(bytes, (name) => /^novaagent\/.*\.py$/.test(name), unpackedLimit);
    return zip ? { zip } : { damage: 'its zip archive is cut short' };
  } catch (error) {
    if (error instanceof ImageError && error.code === 'bad-zip') return { damage: error.message };
    throw error;
  }
}

/** The package database comes first: the source of release 2.1.23 still calls itself 2.1.22. */
function versionOf(search: AgentSearch, path: GuestPath, zip: ZipMembers | undefined): KnownVersion {
  const packaged = path.startsWith('/usr/local/') ? undefined : packagedVersion(search, 2);
  const own = sourceVersion(zip?.contents.get('novaagent/__init__.py')?.toString('utf8'));
  return packaged ?? { version: own?.version, versionFrom: own && { path } };
}

async function zippedRequirements(
  search: AgentSearch,
  path: GuestPath,
  zip: ZipMembers,
  interpreter: Interpreter | undefined,
  version: string | undefined,
): Promise<readonly Requirement[]> {
  const bundled = new Set(zip.names.map((name) => name.split('/', 1)[0]?.replace(/\.py$/, '') ?? ''));
  const sources = [...zip.contents.values()].map((source) => source.toString('utf8'));
  const imported = sources.flatMap(importedModules);
  const modules = new Set([...imported, ...declaredModules(version)].sort());
  const folders = await foldersOf(search.image, search.folders, interpreter, search.surroundings);
  const evidence = { path };
  const requirements: Requirement[] = [];
  // What Python runs of an archive (python(1), "-c, -m, script"); without it there is nothing to run.
  if (!zip.names.some((name) => /^__main__\.pyc?$/.test(name)))
    requirements.push({ what: `__main__.py in ${path}`, found: false, evidence });
  for (const module of ['novaagent', ...modules]) {
    // Compiled modules cannot be imported from a zip, and cryptography is one.
    if (bundled.has(module) && module !== 'cryptography')
      requirements.push({ what: `module ${module}`, found: true, evidence });
    else
      requirements.push(...(await moduleRequirements(search.image, folders, module, evidence, interpreter)));
  }
  return requirements;
}
