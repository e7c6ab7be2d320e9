import type { ReportedChange, ReportedInstallation } from './report.js';
import { count } from './english.js';

/** "installs python3-nova-agent 2.1.25-1 from /tmp/agent.deb: 2.x serves Debian". */
export function installationInWords({ removes, what, from, reason }: ReportedInstallation): string {
  return `${removes ? 'removes' : 'installs'} ${what.join(', ')} from ${from}: ${reason}`;
}

/** The changes that a person reads. */
export function listed(changes: readonly ReportedChange[]): readonly ReportedChange[] {
  return changes.filter(({ installed }) => !installed);
}

const nouns = { write: 'file', link: 'link', directory: 'directory', remove: 'removal' } as const;

/** "and 12 files, 3 links in /usr, 2 files in /var"; undefined when all are listed. */
export function unlistedInWords(changes: readonly ReportedChange[]): string | undefined {
  const folders = new Map<string, Map<keyof typeof nouns, number>>();
  for (const { installed, path, kind } of changes) {
    if (!installed) continue;
    const folder = `/${path.split('/')[1] ?? ''}`;
    const kinds = folders.get(folder) ?? new Map<keyof typeof nouns, number>();
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    folders.set(folder, kinds);
  }
  if (folders.size === 0) return undefined;
  const words = [...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([folder, kinds]) => {
      const numbers = [...kinds].map(([kind, number]) =>
        kind === 'directory' && number > 1 ? `${number} directories` : count(number, nouns[kind]),
      );
      return `${numbers.join(', ')} in ${folder}`;
    });
  return `and ${words.join('; ')} (the JSON report lists them)`;
}
