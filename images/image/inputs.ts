/**
 * A guest path (or a glob of it: `*` within a name, `**` across directories) whose content may be read.
 * A tarball's single pass keeps just these; what links lead to is fetched by another pass.
 */
export type Input = string | { readonly glob: string; /** bytes */ readonly limit: number };
