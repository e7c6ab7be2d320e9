import { compareDebianVersions } from '../formats/version.js';
import type { GuestPath } from '../image/image.js';
import { join, parentOf } from '../image/resolve.js';
import type { GuestCommand } from './installation.js';
import type { RepositorySource } from './source.js';
import { repository } from './repository-file.js';
import type { RepositoryTool } from './repository-tool.js';

/**
 * apt-get(8), apt-cache(8), apt.conf(5), sources.list(5). With a folder, no other source is used, because there is no network.
 */
export function apt(program: GuestPath, source: RepositorySource): RepositoryTool {
  const [list, parts] = ['/run/hallmark/sources.list', '/etc/apt/sources.list.d/hallmark.list'] as const;
  const only = ['-o', `Dir::Etc::SourceList=${list}`, '-o', 'Dir::Etc::SourceParts=/dev/null'];
  const options = [...(source.kind === 'folder' ? only : []), '-o', 'APT::Update::Error-Mode=any'];
  const keep = ['confdef', 'confold'].flatMap((how) => ['-o', `Dpkg::Options::=--force-${how}`]);
  const install = (what: readonly string[], ...how: readonly string[]): GuestCommand => ({
    program,
    args: [...options, ...keep, '--yes', '--no-install-recommends', ...how, 'install', ...what],
  });
  return {
    files:
      source.kind === 'folder'
        ? { [list]: `deb [trusted=yes] file:${repository} ./\n` }
        : source.kind === 'url'
          ? { [parts]: `${source.url.startsWith('deb ') ? source.url : `deb ${source.url} ./`}\n` }
          : {},
    refresh: { program, args: [...options, 'update'] },
    list: (name) => ({
      program: join(parentOf(program), 'apt-cache'),
      args: [...options, 'madison', name],
      good: [0, 100],
    }),
    versions: (name, lines) =>
      lines.flatMap((line) => {
        const [listed, version, where] = line.split('|').map((each) => each.trim());
        return listed === name && version !== undefined && where?.endsWith(' Sources') === false
          ? [version]
          : [];
      }),
    compare: compareDebianVersions,
    exactly: (name, version) => `${name}=${version}`,
    fetch: (what) => install(what, '--download-only'),
    installFetched: (what) => install(what, '--no-download'),
    install,
  };
}
