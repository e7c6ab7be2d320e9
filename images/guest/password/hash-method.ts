import type { GuestPath, Image } from '../../image/image.js';

/** How a password is hashed, by crypt(5)'s names. */
export type HashMethod = 'yescrypt' | 'sha512crypt';

export interface ChosenMethod {
  readonly method: HashMethod;
  /** What in the guest decided. */
  readonly because: string;
}

/** Where distributions keep libcrypt: Debian by the architecture's triplet, others by the word's length. */
const libraryFolders: readonly GuestPath[] = ['/lib', '/usr/lib', '/lib64', '/usr/lib64'];
const library = /^(?:libcrypt(?:\.so\.[12]|-2\.\d+\.so)|libc\.musl-\w+\.so\.1|ld-musl-\w+\.so\.1)$/;
const libraryLimit = 8 * 1024 * 1024;

/** What passwd(1) goes by, the first that says something first: PAM's stacks, then the shadow suite's own setting. */
const pamFiles: readonly GuestPath[] = [
  '/etc/pam.d/common-password',
  '/etc/pam.d/system-auth',
  '/etc/pam.d/password-auth',
  '/etc/pam.d/passwd',
];
const loginDefs: GuestPath = '/etc/login.defs';

/**
 * With which method the guest's own passwd(1) would hash, if its libcrypt knows a good one: the prefixes of crypt(5) that
 * a library knows stand in it as text. A weaker method that is configured (MD5, say) is passed over for SHA-512, since
 * every hash names its own.
 * @returns undefined when the guest knows none of the two
 */
export async function hashMethodOf(image: Image): Promise<ChosenMethod | undefined> {
  const known = await knownPrefixes(image);
  const configured = await configuredMethod(image);
  if (configured?.name === 'yescrypt' && known.yescrypt) {
    return { method: 'yescrypt', because: `${configured.path} says so` };
  }
  if (!known.sha512crypt) return undefined;
  const because = configured
    ? `${configured.path} says ${configured.name}`
    : 'nothing is configured, and the library knows it';
  return { method: 'sha512crypt', because };
}

async function knownPrefixes(image: Image): Promise<Readonly<Record<HashMethod, boolean>>> {
  const known = { yescrypt: false, sha512crypt: false };
  for (const path of await libraries(image)) {
    const bytes = await image.readFile(path, libraryLimit);
    if (bytes?.includes('$y$')) known.yescrypt = true;
    if (bytes?.includes('$6$')) known.sha512crypt = true;
  }
  return known;
}

async function libraries(image: Image): Promise<readonly GuestPath[]> {
  const found = new Set<GuestPath>();
  for (const folder of libraryFolders) {
    const entries = (await image.readDir(folder)) ?? [];
    const triplets = entries.filter(({ name, type }) => type === 'directory' && /^\w+-linux-\w+$/.test(name));
    for (const inside of [folder, ...triplets.map(({ name }): GuestPath => `${folder}/${name}`)]) {
      for (const { name } of (await image.readDir(inside)) ?? []) {
        const real = library.test(name) ? await image.realPath(`${inside}/${name}`) : undefined;
        if (real !== undefined && (await image.stat(real))?.type === 'file') found.add(real);
      }
    }
  }
  return [...found];
}

async function configuredMethod(
  image: Image,
): Promise<{ readonly name: string; readonly path: GuestPath } | undefined> {
  for (const path of pamFiles) {
    const text = (await image.readText(path)) ?? '';
    const [, options = ''] = /^[ \t]*-?password[ \t].*\bpam_unix\.so\b(.*)$/m.exec(text) ?? [];
    const name = /\b(yescrypt|gost_yescrypt|sha512|sha256|blowfish|bigcrypt|md5)\b/.exec(options)?.[1];
    if (name !== undefined) return { name, path };
  }
  const [, name] = /^[ \t]*ENCRYPT_METHOD[ \t]+"?(\w+)/m.exec((await image.readText(loginDefs)) ?? '') ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), path: loginDefs };
}
