import { ImageError } from '../base/errors.js';
import type { Packages } from '../guest/packages.js';
import type { GuestPath, Image } from '../image/image.js';
import { apt } from './apt.js';
import { dnf, microdnf } from './dnf.js';
import { type GuestCommand, type Installation, failedScriptlet, inOrder } from './installation.js';
import { assertFormat, missingHint } from './package-file.js';
import { repository } from './repository-file.js';
import { type RepositoryTool, repositorySteps } from './repository-tool.js';
import type { FileSource, PackageSource, RepositorySource, WantedPackage } from './source.js';
import { zypper } from './zypper.js';

const packageFile = '/run/hallmark/package';

/**
 * How to install a package into a guest, by its own package manager.
 * @throws {ImageError} code `no-package-manager`, or `wrong-package` for a file of another kind
 */
export async function installationOf(
  image: Image,
  manager: Packages['manager'],
  source: PackageSource,
  wanted: WantedPackage,
): Promise<Installation> {
  if (source.kind === 'file' && !source.dependencies) return fromFile(image, manager, source);
  const packages = source.kind === 'file' ? filesOf(source, manager) : [];
  const from = source.kind === 'file' ? (source.dependencies ?? { kind: 'guest' }) : source;
  const { make, program } = await toolOf(image, manager);
  const tool = await make(program, from, image);
  const isHere = from.kind === 'folder';
  const paths = packages.map(({ to }) => to);
  return {
    binds: [...(isHere ? [{ from: from.path, to: repository } as const] : []), ...packages],
    files: { ...tool.files, ...(await accommodations(image, manager)) },
    steps: repositorySteps(tool, isHere ? 'none' : 'host', wanted, paths),
  };
}

/** A file alone: what it depends on has to be there, and dpkg and rpm say what is not. */
async function fromFile(
  image: Image,
  manager: Packages['manager'],
  source: FileSource,
): Promise<Installation> {
  const { format } = source;
  if (format === 'release') {
    const binds = [{ from: source.path, to: packageFile } as const];
    return { binds, files: await accommodations(image, manager), steps: inOrder(release) };
  }
  const binds = filesOf(source, manager);
  const files = await accommodations(image, manager);
  const args =
    format === 'deb' ? ['--force-confdef', '--force-confold', '--install'] : ['--upgrade', '--verbose'];
  const program = await programIn(image, manager);
  if (!program) throw noManager(`${manager} is not there`);
  const steps = inOrder({
    program,
    args: [...args, ...binds.map(({ to }) => to)],
    bad: format === 'rpm' ? failedScriptlet : undefined,
  });
  return { binds, files, steps, missingHint: missingHint(source) };
}

/** The packages of a file source where the guest finds them: by their suffix its programs tell a file from a name. */
function filesOf(
  { path, format, also = [] }: FileSource,
  manager: Packages['manager'],
): { from: string; to: GuestPath }[] {
  assertFormat(path, format, manager);
  return [path, ...also].map((from, number) => ({ from, to: `${packageFile}${number || ''}.${format}` }));
}

/** The release's own installer finds its files beside itself. */
const release: GuestCommand = {
  program: '/bin/sh',
  args: [
    '-ec',
    `mkdir /run/hallmark-release; cd /run/hallmark-release; tar -xf ${packageFile} --no-same-owner
installer=$(find . -name installer.sh | head -n 1)
[ -n "$installer" ] || { echo 'error: the release has no installer.sh' >&2; exit 1; }
cd "$(dirname "$installer")"; exec sh ./installer.sh`,
  ],
};

/**
 * What the guest's programs are to find besides. Services are not to be started: nothing but the installation runs here
 * (invoke-rc.d(8), "policy-rc.d"). rpm is not to give scriptlets namespaces of their own, for which it lacks the
 * capability: they have neither the network nor the host's /tmp as it is (rpm-plugin-unshare(8)).
 */
export async function accommodations(
  image: Image,
  manager: Packages['manager'],
): Promise<Installation['files']> {
  if (manager === 'dpkg') return { '/usr/sbin/policy-rc.d': '#!/bin/sh\nexit 101\n' };
  if (manager !== 'rpm' || (await image.stat('/etc/rpm'))?.type !== 'directory') return {};
  return { '/etc/rpm/macros.hallmark': '%__transaction_unshare %{nil}\n' };
}

/** The programs that fetch packages, those that a distribution prefers first. */
const tools: Readonly<Record<'dpkg' | 'rpm', Readonly<Record<string, MakeTool>>>> = {
  dpkg: { 'apt-get': apt },
  rpm: { zypper, dnf, dnf5: dnf, yum: dnf, microdnf },
};

type MakeTool = (
  program: GuestPath,
  source: RepositorySource,
  image: Image,
) => RepositoryTool | Promise<RepositoryTool>;

async function toolOf(
  image: Image,
  manager: Packages['manager'],
): Promise<{ make: MakeTool; program: GuestPath }> {
  if (manager === 'none') throw noManager('it has no package database');
  for (const [name, make] of Object.entries(tools[manager])) {
    const program = await programIn(image, name);
    if (program) return { make, program };
  }
  throw noManager(`it has ${manager}, but none of ${Object.keys(tools[manager]).join(', ')}`);
}

function noManager(why: string): ImageError {
  return new ImageError('no-package-manager', `the image cannot install packages: ${why}`, {
    hint: 'Give the package itself (--agent-package), or install it without running anything (--offline-install).',
  });
}

/** Where a guest has a program of its package management; undefined when it has not. */
export async function programIn(image: Image, name: string): Promise<GuestPath | undefined> {
  const paths: readonly GuestPath[] = [`/usr/bin/${name}`, `/bin/${name}`];
  for (const path of paths) if ((await image.stat(path))?.type === 'file') return path;
  return undefined;
}
