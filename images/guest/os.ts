import { ImageError } from '../base/errors.js';
import { parseOsRelease } from '../formats/os-release.js';
import { compareDebianVersions } from '../formats/version.js';
import type { GuestPath, Image } from '../image/image.js';
import type { Fact } from './fact.js';

export type OsFamily = 'debian' | 'redhat' | 'suse' | 'arch' | 'gentoo' | 'alpine' | 'freebsd' | 'other';

export interface Os {
  readonly family: OsFamily;
  /** As os-release's ID has it: debian, ubuntu, centos, rhel, fedora, opensuse-leap … */
  readonly id: string;
  /** As a person would say it: "Debian GNU/Linux". */
  readonly name: string;
  /** "12", "6.0.1", "7.2.1511"; undefined for a rolling release. The most precise one that the guest states. */
  readonly version: string | undefined;
  /** The file that said so. */
  readonly evidence: GuestPath;
  /** Versions of the kernels that are installed (/lib/modules, /boot/vmlinuz-*), sorted. */
  readonly kernels: readonly string[];
}

type Identity = Omit<Os, 'kernels'>;

const families: Readonly<Record<string, OsFamily>> = {
  debian: 'debian',
  ubuntu: 'debian',
  rhel: 'redhat',
  centos: 'redhat',
  fedora: 'redhat',
  rocky: 'redhat',
  almalinux: 'redhat',
  ol: 'redhat',
  scientific: 'redhat',
  amzn: 'redhat',
  suse: 'suse',
  opensuse: 'suse',
  sles: 'suse',
  sled: 'suse',
  arch: 'arch',
  archarm: 'arch',
  gentoo: 'gentoo',
  alpine: 'alpine',
  freebsd: 'freebsd',
};

/** Releases of the Red Hat family, the derived ones first: they carry the files of what they derive from, too. */
const redHatReleases: readonly GuestPath[] = [
  '/etc/oracle-release',
  '/etc/rocky-release',
  '/etc/almalinux-release',
  '/etc/fedora-release',
  '/etc/centos-release',
  '/etc/redhat-release',
  '/etc/system-release',
];

/** How the first words of such a file name the distribution. */
const redHatIds: readonly (readonly [RegExp, string])[] = [
  [/^Red Hat/, 'rhel'],
  [/^CentOS/, 'centos'],
  [/^Fedora/, 'fedora'],
  [/^(?:Oracle|Enterprise) Linux/, 'ol'],
  [/^Rocky/, 'rocky'],
  [/^AlmaLinux/, 'almalinux'],
  [/^Scientific/, 'scientific'],
  [/^Amazon/, 'amzn'],
];

/** Which operating system the guest is. Throws ImageError code `no-os` when nothing says. */
export const os: Fact<Os> = {
  name: 'os',
  inputs: [
    '/etc/os-release',
    '/usr/lib/os-release',
    '/etc/lsb-release',
    '/etc/debian_version',
    '/etc/alpine-release',
    ...redHatReleases,
    '/etc/SuSE-release',
    '/etc/gentoo-release',
    '/etc/arch-release',
    '/bin/freebsd-version',
  ],
  async gather(image) {
    const identity =
      (await fromOsRelease(image)) ??
      (await fromLsbRelease(image)) ??
      (await fromRedHatRelease(image)) ??
      (await fromOtherRelease(image));
    if (!identity) throw await unknownOs(image);
    return { ...identity, kernels: await kernels(image) };
  },
};

/** os-release(5): `/etc/os-release` if it is there, else `/usr/lib/os-release`. */
async function fromOsRelease(image: Image): Promise<Identity | undefined> {
  for (const evidence of ['/etc/os-release', '/usr/lib/os-release'] as const) {
    const text = await image.readText(evidence);
    if (text === undefined) continue;
    const fields = parseOsRelease(text);
    const id = fields.get('ID')?.toLowerCase();
    if (!id) return undefined;
    const family = familyOf(id, fields.get('ID_LIKE'));
    const version = await precise(image, family, id, fields);
    return { family, id, name: fields.get('NAME') ?? id, version, evidence };
  }
  return undefined;
}

function familyOf(id: string, like = ''): OsFamily {
  for (const name of [id, ...like.toLowerCase().split(/\s+/)]) {
    const family = families[name] ?? (name.startsWith('opensuse') ? 'suse' : undefined);
    if (family) return family;
  }
  return 'other';
}

/** VERSION_ID, or a longer version that begins with it: os-release says "7" where centos-release has "7.2.1511". */
async function precise(
  image: Image,
  family: OsFamily,
  id: string,
  fields: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const stated = fields.get('VERSION_ID') ?? '';
  if (stated === '') return undefined;
  const candidates = [/^[\d.]*\d/.exec(fields.get('VERSION') ?? '')?.[0]];
  if (id === 'debian') candidates.push(numericVersion(await image.readText('/etc/debian_version')));
  if (family === 'redhat') candidates.push((await fromRedHatRelease(image))?.version);
  return candidates.find((longer) => longer?.startsWith(`${stated}.`)) ?? stated;
}

/** Before os-release, Ubuntu had only `/etc/lsb-release`; its debian_version names a Debian that it is not. */
async function fromLsbRelease(image: Image): Promise<Identity | undefined> {
  const evidence = '/etc/lsb-release';
  const fields = parseOsRelease((await image.readText(evidence)) ?? '');
  const name = fields.get('DISTRIB_ID');
  if (!name) return undefined;
  const id = name.toLowerCase();
  const family = familyOf(id);
  // Elsewhere (Red Hat, SUSE, Gentoo) it is a by-product of the LSB packages, and the distribution's own file better.
  return id === 'ubuntu' || id === 'arch'
    ? { family, id, name: id === 'arch' ? 'Arch Linux' : name, version: ubuntuVersion(fields), evidence }
    : undefined;
}

function ubuntuVersion(fields: ReadonlyMap<string, string>): string | undefined {
  const release = fields.get('DISTRIB_RELEASE');
  if (!release || !/^\d/.test(release)) return undefined;
  const described = /\d[\d.]*\d/.exec(fields.get('DISTRIB_DESCRIPTION') ?? '')?.[0];
  return described?.startsWith(`${release}.`) ? described : release;
}

/** "CentOS Linux release 7.2.1511 (Core)" and its like. */
async function fromRedHatRelease(image: Image): Promise<Identity | undefined> {
  for (const evidence of redHatReleases) {
    const line = (await image.readText(evidence))?.split('\n', 1)[0]?.trim();
    if (!line) continue;
    const at = line.indexOf(' release ');
    const name = at < 0 ? line : line.slice(0, at);
    const id = redHatIds.find(([start]) => start.test(name))?.[1] ?? 'rhel';
    const version = at < 0 ? undefined : /^\d[\d.]*/.exec(line.slice(at + ' release '.length))?.[0];
    return { family: 'redhat', id, name, version, evidence };
  }
  return undefined;
}

async function fromOtherRelease(image: Image): Promise<Identity | undefined> {
  const suse = await image.readText('/etc/SuSE-release');
  if (suse !== undefined) return fromSuseRelease(suse);
  const gentoo = await image.readText('/etc/gentoo-release');
  if (gentoo !== undefined)
    return release('gentoo', 'Gentoo', /\d[\d.]*/.exec(gentoo)?.[0], '/etc/gentoo-release');
  const alpine = await image.readText('/etc/alpine-release');
  if (alpine !== undefined)
    return release('alpine', 'Alpine Linux', numericVersion(alpine), '/etc/alpine-release');
  if ((await image.stat('/etc/arch-release')) !== undefined) {
    return release('arch', 'Arch Linux', undefined, '/etc/arch-release');
  }
  const debian = await image.readText('/etc/debian_version');
  if (debian !== undefined)
    return release('debian', 'Debian GNU/Linux', numericVersion(debian), '/etc/debian_version');
  return fromFreeBsd(image);
}

function release(
  id: 'gentoo' | 'alpine' | 'arch' | 'debian' | 'freebsd',
  name: string,
  version: string | undefined,
  evidence: GuestPath,
): Identity {
  return { family: id, id, name, version, evidence };
}

/** "SUSE Linux Enterprise Server 11 (x86_64)", then `VERSION = 11` and `PATCHLEVEL = 3`. */
function fromSuseRelease(text: string): Identity {
  const fields = new Map(
    text.split('\n').map((line) => [line.split('=')[0]?.trim(), line.split('=')[1]?.trim()]),
  );
  const title = text.split('\n', 1)[0]?.trim() ?? '';
  const version = fields.get('VERSION');
  const patch = fields.get('PATCHLEVEL');
  return {
    family: 'suse',
    id: /enterprise server/i.test(title) ? 'sles' : /enterprise desktop/i.test(title) ? 'sled' : 'opensuse',
    name: title.split(/ \d/, 1)[0] ?? title,
    version: version !== undefined && patch !== undefined && patch !== '0' ? `${version}.${patch}` : version,
    evidence: '/etc/SuSE-release',
  };
}

/** freebsd-version(1) is a script that carries the version of the userland; before FreeBSD 10 there was none. */
async function fromFreeBsd(image: Image): Promise<Identity | undefined> {
  const script = '/bin/freebsd-version';
  const text = await image.readText(script);
  if (text !== undefined) {
    const version = /^USERLAND_VERSION="?(\d[\d.]*)/m.exec(text)?.[1];
    return release('freebsd', 'FreeBSD', version, script);
  }
  const loader = '/libexec/ld-elf.so.1';
  return (await image.stat(loader)) ? release('freebsd', 'FreeBSD', undefined, loader) : undefined;
}

/** "6.0.1", but not "trixie/sid". */
function numericVersion(text: string | undefined): string | undefined {
  return /^\d[\d.]*/.exec(text?.trim() ?? '')?.[0];
}

async function unknownOs(image: Image): Promise<ImageError> {
  const names = ((await image.readDir('/')) ?? []).map(({ name }) => name.toLowerCase());
  if (names.includes('windows') || names.includes('bootmgr')) {
    return new ImageError(
      'unsupported-os',
      `${image.source} is a Windows system; Windows cannot be judged yet`,
    );
  }
  return new ImageError(
    'no-os',
    `${image.source} does not look like a root file system: no file says which OS it is`,
    {
      hint: 'Name the folder, archive or mount point that holds etc/ and usr/ themselves.',
    },
  );
}

async function kernels(image: Image): Promise<readonly string[]> {
  const modules = [
    ...((await image.readDir('/lib/modules')) ?? []),
    ...((await image.readDir('/usr/lib/modules')) ?? []),
  ];
  const boot = (await image.readDir('/boot')) ?? [];
  const versions = [
    ...modules.filter(({ type }) => type === 'directory').map(({ name }) => name),
    ...boot.map(({ name }) => /^vmlinu[xz]-(.+)$/.exec(name)?.[1] ?? ''),
  ];
  // "0-rescue-…" is a copy of another kernel; "lts" names a flavour.
  const real = versions.filter((version) => /^\d/.test(version) && !version.startsWith('0-rescue'));
  return [...new Set(real)].sort(compareDebianVersions);
}
