import { ImageError } from '../errors.js';
import type { Packages } from '../guest/packages.js';
import type { GuestPath, Image } from '../image.js';
import type { ReadOnlyBind } from '../sandbox/program.js';
import type { PackageFormat } from './package-file.js';

/** Where a package comes from. */
export type PackageSource =
  /** A file of the host. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly format: PackageFormat;
      /** Other packages that it comes with and needs. */
      readonly also?: readonly string[];
    }
  /** A folder of the host: a repository as dpkg-scanpackages or createrepo_c makes it. Not to be signed. */
  | { readonly kind: 'folder'; readonly path: string }
  /** Somewhere else: a URL, or for apt a whole line of sources.list(5). Signatures count as the guest has it. */
  | { readonly kind: 'url'; readonly url: string }
  /** The repositories that the guest has configured. */
  | { readonly kind: 'guest' };

/** Which package is wanted, where the source has more than the one. */
export interface WantedPackage {
  /** The likeliest first. */
  readonly names: readonly string[];
  /** How its version begins: "2". */
  readonly major?: string;
}

/** A program of the guest to be run. */
interface Command {
  readonly program: GuestPath;
  readonly args: readonly string[];
  /** Exit codes that mean success. */
  readonly good?: readonly number[];
}

/** How a guest's package manager installs: what it is to see, and what is to be run, one after the other. */
export interface Installation {
  readonly network: 'none' | 'host';
  readonly binds: readonly ReadOnlyBind[];
  /** Files that the programs find, by their path in the guest. */
  readonly files: Readonly<Record<GuestPath, string>>;
  readonly commands: readonly Command[];
}

const packageFile = '/run/hallmark/package';
const repository = '/run/hallmark/repository';

/**
 * How to install a package into a guest, by its own package manager.
 * @throws {ImageError} code `no-package-manager`, or `wrong-package` for a file that is none of its kind
 */
export async function installationOf(
  image: Image,
  manager: Packages['manager'],
  source: PackageSource,
  wanted: WantedPackage,
): Promise<Installation> {
  if (source.kind === 'file') return fromFile(image, manager, source);
  const network = source.kind === 'folder' ? 'none' : 'host';
  const binds = source.kind === 'folder' ? [{ from: source.path, to: repository } as const] : [];
  const tool = await toolOf(image, manager);
  const plan = { apt, dnf, zypper }[tool.kind](tool.program, source, wanted);
  return { network, binds, ...plan, files: { ...plan.files, ...quiet(manager) } };
}

type RepositorySource = Exclude<PackageSource, { kind: 'file' }>;
type Plan = Pick<Installation, 'files' | 'commands'>;

/** A file alone: what it depends on has to be there, and dpkg and rpm say what is not. */
async function fromFile(
  image: Image,
  manager: Packages['manager'],
  { path, format, also = [] }: PackageSource & { kind: 'file' },
): Promise<Installation> {
  const all = [path, ...also].map((from, number) => ({ from, to: `${packageFile}${number || ''}` }) as const);
  const rest = { network: 'none', binds: all, files: quiet(manager) } as const;
  if (format === 'release') return { ...rest, commands: [release] };
  const expected = manager === 'dpkg' ? 'deb' : manager;
  if (format !== expected) {
    const has = manager === 'none' ? 'no package manager' : manager;
    throw new ImageError('wrong-package', `${path} is a .${format}, and the image has ${has}`);
  }
  const args =
    format === 'deb' ? ['--force-confdef', '--force-confold', '--install'] : ['--upgrade', '--verbose'];
  const program = await find(image, [`/usr/bin/${manager}`, `/bin/${manager}`]);
  if (!program) throw noManager(`${manager} is not there`);
  return { ...rest, commands: [{ program, args: [...args, ...all.map(({ to }) => to)] }] };
}

/** The release's own installer finds its files beside itself. */
const release: Command = {
  program: '/bin/sh',
  args: [
    '-ec',
    `mkdir /run/hallmark-release; cd /run/hallmark-release; tar -xf ${packageFile} --no-same-owner
installer=$(find . -name installer.sh | head -n 1)
[ -n "$installer" ] || { echo 'error: the release has no installer.sh' >&2; exit 1; }
cd "$(dirname "$installer")"; exec sh ./installer.sh`,
  ],
};

/** Services are not to be started: nothing but the installation runs here (invoke-rc.d(8), "policy-rc.d"). */
function quiet(manager: Packages['manager']): Installation['files'] {
  return manager === 'dpkg' ? { '/usr/sbin/policy-rc.d': '#!/bin/sh\nexit 101\n' } : {};
}

interface Tool {
  readonly kind: 'apt' | 'dnf' | 'zypper';
  readonly program: GuestPath;
}

/** The programs that fetch packages, those that a distribution prefers first. */
const tools: Readonly<Record<'dpkg' | 'rpm', readonly (readonly [Tool['kind'], string])[]>> = {
  dpkg: [['apt', 'apt-get']],
  rpm: [
    ['zypper', 'zypper'],
    ['dnf', 'dnf'],
    ['dnf', 'dnf5'],
    ['dnf', 'yum'],
    ['dnf', 'microdnf'],
  ],
};

async function toolOf(image: Image, manager: Packages['manager']): Promise<Tool> {
  if (manager === 'none') throw noManager('it has no package database');
  for (const [kind, name] of tools[manager]) {
    const program = await find(image, [`/usr/bin/${name}`, `/bin/${name}`]);
    if (program) return { kind, program };
  }
  throw noManager(`it has ${manager}, but none of ${tools[manager].map(([, name]) => name).join(', ')}`);
}

function noManager(why: string): ImageError {
  return new ImageError('no-package-manager', `the image cannot install packages: ${why}`, {
    hint: 'Give the package itself (--agent-package), or install it without running anything (--offline-install).',
  });
}

async function find(image: Image, paths: readonly GuestPath[]): Promise<GuestPath | undefined> {
  for (const path of paths) if ((await image.stat(path))?.type === 'file') return path;
  return undefined;
}

/** apt.conf(5), sources.list(5). Beside a folder nothing else is asked, since there is no network. */
function apt(program: GuestPath, source: RepositorySource, { names, major }: WantedPackage): Plan {
  const [list, parts] = ['/run/hallmark/sources.list', '/etc/apt/sources.list.d/hallmark.list'] as const;
  const only = ['-o', `Dir::Etc::SourceList=${list}`, '-o', 'Dir::Etc::SourceParts=/dev/null'];
  const options = [...(source.kind === 'folder' ? only : []), '-o', 'APT::Update::Error-Mode=any'];
  const keep = ['confdef', 'confold'].flatMap((how) => ['-o', `Dpkg::Options::=--force-${how}`]);
  // The first of the names that there is in the version wanted.
  const choose = `for name in ${names.join(' ')}; do
  version=$(apt-cache "$@" madison "$name" | awk -F'|' '{ gsub(/ /, "", $2); print $2 }' | grep -m 1 -E '^([0-9]+:)?${major ?? ''}') || continue
  exec apt-get "$@" ${keep.join(' ')} --yes --no-install-recommends install "$name=$version"
done
echo "E: no repository has ${names.join(' or ')}${major === undefined ? '' : ` in version ${major}`}" >&2; exit 100`;
  return {
    files:
      source.kind === 'folder'
        ? { [list]: `deb [trusted=yes] file:${repository} ./\n` }
        : source.kind === 'url'
          ? { [parts]: `${source.url.startsWith('deb ') ? source.url : `deb ${source.url} ./`}\n` }
          : {},
    commands: [
      { program, args: [...options, 'update'] },
      { program: '/bin/sh', args: ['-c', choose, 'sh', ...options] },
    ],
  };
}

/** dnf.conf(5), yum.conf(5): both read every repository of a folder that they are told. */
function dnf(program: GuestPath, source: RepositorySource, { names, major }: WantedPackage): Plan {
  const folders = {
    folder: '/run/hallmark/repos',
    url: '/etc/yum.repos.d,/run/hallmark/repos',
    guest: undefined,
  };
  const folder = folders[source.kind];
  const options = folder === undefined ? [] : [`--setopt=reposdir=${folder}`];
  const specs = names.map((name) => (major === undefined ? name : `${name}-${major}*`));
  return {
    files: repositoryFile(source),
    commands: [{ program, args: [...options, '-y', 'install', ...specs.slice(0, 1)] }],
  };
}

/** zypper(8). Its exit codes from 100 on are news, not failures. */
function zypper(program: GuestPath, source: RepositorySource, { names, major }: WantedPackage): Plan {
  const [name = ''] = names;
  const only = source.kind === 'folder' ? ['--reposd-dir', '/run/hallmark/repos', '--no-gpg-checks'] : [];
  const added = source.kind === 'url' ? ['--plus-repo', source.url] : [];
  const bound = major === undefined ? name : `${name}>=${major}`;
  return {
    files: source.kind === 'folder' ? repositoryFile(source) : {},
    commands: [
      {
        program,
        args: ['--non-interactive', ...only, ...added, 'install', '--no-recommends', bound],
        good: [0, 100, 101, 102, 103],
      },
    ],
  };
}

function repositoryFile(source: RepositorySource): Plan['files'] {
  if (source.kind === 'guest') return {};
  const [url, unsigned] =
    source.kind === 'folder' ? [`file://${repository}`, 'gpgcheck=0\nrepo_gpgcheck=0\n'] : [source.url, ''];
  return {
    '/run/hallmark/repos/hallmark.repo': `[hallmark]\nname=hallmark\nbaseurl=${url}\nenabled=1\n${unsigned}`,
  };
}
