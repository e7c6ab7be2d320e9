import { compareRpmVersions } from '../formats/version.js';
import type { GuestPath } from '../image/image.js';
import { type GuestCommand, failedScriptlet } from './installation.js';
import type { RepositorySource } from './source.js';
import { repositoryFile } from './repository-file.js';
import type { RepositoryTool } from './repository-tool.js';

/**
 * dnf(8), dnf5(8) and yum(8), by what all of them know, since a distribution has one under the name of another; dnf.conf(5)
 * and yum.conf(5) for the folders in which they look for repositories. What they list has a line for each version: name with
 * architecture, version, repository.
 *
 * An option of one command comes after it, as dnf5 has it.
 */
export function dnf(program: GuestPath, source: RepositorySource): RepositoryTool {
  const options = repositoryOptions(source);
  const install = (all: readonly string[], ...what: readonly string[]): GuestCommand => ({
    program,
    args: [...options, '-y', ...all, 'install', ...what],
    bad: failedScriptlet,
  });
  return {
    files: filesFor(source),
    refresh: { program, args: [...options, '-y', 'makecache'] },
    // That there is none is its exit code 1.
    list: (name) => ({ program, args: [...options, 'list', '--showduplicates', name], good: [0, 1] }),
    versions: (name, lines) =>
      lines.flatMap((line) => {
        const [listed = '', version] = line.trim().split(/\s+/);
        return version !== undefined && listed.replace(/\.[^.]*$/, '') === name ? [version] : [];
      }),
    compare: compareRpmVersions,
    exactly,
    fetch: (what) => install([], '--downloadonly', ...what),
    installFetched: (what) => install(['--cacheonly'], ...what),
    install: (what) => install([], ...what),
  };
}

/** microdnf(8), which neither lists nor fetches alone, but has repoquery(1)'s list: a package's whole name on a line. */
export function microdnf(program: GuestPath, source: RepositorySource): RepositoryTool {
  const options = repositoryOptions(source);
  const install = (what: readonly string[]): GuestCommand => ({
    program,
    args: [...options, '-y', 'install', ...what],
    bad: failedScriptlet,
  });
  return {
    files: filesFor(source),
    list: (name) => ({ program, args: [...options, 'repoquery', name] }),
    versions: (name, lines) =>
      lines.flatMap((line) => {
        const [, listed, version] = /^(.+)-([^-]+-[^-]+)\.[^.-]+$/.exec(line.trim()) ?? [];
        return version !== undefined && listed === name ? [version] : [];
      }),
    compare: compareRpmVersions,
    exactly,
    installFetched: install,
    install,
  };
}

const exactly = (name: string, version: string): string => `${name}-${version}`;

function repositoryOptions(source: RepositorySource): string[] {
  switch (source.kind) {
    case 'folder':
      return ['--setopt=reposdir=/run/hallmark/repos'];
    case 'url':
      return ['--setopt=reposdir=/etc/yum.repos.d,/run/hallmark/repos'];
    case 'guest':
      return [];
  }
}

const filesFor = (source: RepositorySource): RepositoryTool['files'] => {
  const text = repositoryFile(source);
  // A guest may have it that repositories which are not there are passed over: this one is asked for.
  return text === undefined ? {} : { '/run/hallmark/repos/hallmark.repo': `${text}skip_if_unavailable=0\n` };
};
