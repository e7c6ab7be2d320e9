/** What a file that is to be installed is: a package, a release of the 1.x agent with its own installer, or the ISO image of the guest tools. */
export type PackageFormat = 'deb' | 'rpm' | 'release' | 'iso';

/** Where packages come from that are not given as files. */
export type RepositorySource =
  /** A folder of the host: a repository as dpkg-scanpackages or createrepo_c makes it. Not to be signed. */
  | { readonly kind: 'folder'; readonly path: string }
  /** Somewhere else: a URL, or for apt a whole line of sources.list(5). Signatures count as the guest has it. */
  | { readonly kind: 'url'; readonly url: string }
  /** The repositories that the guest has configured. */
  | { readonly kind: 'guest' };

/** A file of the host. */
export interface FileSource {
  readonly kind: 'file';
  readonly path: string;
  readonly format: PackageFormat;
  /** Other packages that it comes with and needs. */
  readonly also?: readonly string[] | undefined;
  /** Where what it depends on may come from; otherwise that has to be in the guest. */
  readonly dependencies?: RepositorySource | undefined;
  /** The option by which a user says so. */
  readonly repositoryOption?: string | undefined;
}

/** Where a package comes from. */
export type PackageSource = FileSource | RepositorySource;

/** Which package is wanted, where the source has more than the one. */
export interface WantedPackage {
  /** The likeliest first. */
  readonly names: readonly string[];
  /** How its version begins: "2". */
  readonly major?: string | undefined;
}
