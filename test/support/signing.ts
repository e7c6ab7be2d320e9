import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sh } from './real-roots.js';

/** A key of somebody's, who signs repositories and packages with it: gpg(1). */
export class SigningKey {
  readonly #home: string;

  /** @param folder - an empty one, only for this key */
  constructor(
    folder: string,
    readonly owner: string,
  ) {
    this.#home = folder;
    sh('chmod', '0700', folder);
    this.#gpg('--passphrase', '', '--quick-generate-key', owner, 'rsa2048', 'sign', 'never');
  }

  /** Writes the public half. @returns its path */
  public(path: string, { armor = true } = {}): string {
    this.#gpg(...(armor ? ['--armor'] : []), '--output', path, '--export', this.owner);
    return path;
  }

  /** Makes of what dpkg-scanpackages made a repository that apt trusts by this key. */
  signApt(folder: string): void {
    const sums = sh('sh', '-c', 'cd "$1" && sha256sum Packages && stat -c %s Packages', 'sh', folder);
    const [, sum = '', size = ''] = /^(\w+) .*\n(\d+)/.exec(sums) ?? [];
    const date = new Date().toUTCString().replace('GMT', 'UTC');
    writeFileSync(join(folder, 'Release'), `Date: ${date}\nSHA256:\n ${sum} ${size} Packages\n`);
    this.#gpg('--output', join(folder, 'InRelease'), '--clearsign', join(folder, 'Release'));
  }

  /** Signs the packages of a folder, and the metadata that createrepo_c makes of it then. */
  signRpms(folder: string): void {
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.rpm')))
      sh(
        'rpmsign',
        '--define',
        `_gpg_name ${this.owner}`,
        '--define',
        `_gpg_path ${this.#home}`,
        '--define',
        '__gpg /usr/bin/gpg',
        '--addsign',
        join(folder, name),
      );
    sh('createrepo_c', '--quiet', folder);
    const index = join(folder, 'repodata/repomd.xml');
    this.#gpg('--armor', '--output', `${index}.asc`, '--detach-sign', index);
    this.public(`${index}.key`);
  }

  #gpg(...args: readonly string[]): void {
    sh('gpg', '--homedir', this.#home, '--batch', '--yes', '--quiet', '--pinentry-mode', 'loopback', ...args);
  }

  /** Ends gpg's agent, which would outlive us. */
  [Symbol.dispose](): void {
    sh('gpgconf', '--homedir', this.#home, '--kill', 'all');
  }
}
