import type { RepositorySource } from './source.js';

/** Where a guest's programs find a repository that is a folder of the host. */
export const repository = '/run/hallmark/repository';

/** dnf.conf(5), yum.conf(5), and zypper's, which are the same. Undefined where the guest's own are asked alone. */
export function repositoryFile(source: RepositorySource): string | undefined {
  if (source.kind === 'guest') return undefined;
  const [url, unsigned] =
    source.kind === 'folder' ? [`file://${repository}`, 'gpgcheck=0\nrepo_gpgcheck=0\n'] : [source.url, ''];
  return `[hallmark]\nname=hallmark\nbaseurl=${url}\nenabled=1\n${unsigned}`;
}
