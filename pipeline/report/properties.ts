import type { PropertyChange } from '../../fixers/lib/fixer.js';
import { shell } from './escape.js';

/** A property that a fixer sets or removes. */
export interface PlannedProperty {
  readonly fixer: string;
  readonly change: PropertyChange;
}

/** The Glance properties that a golden image needs, and the commands that set them. */
export interface ReportedProperties {
  readonly changes: readonly {
    readonly name: string;
    /** null when the image has no such property. */
    readonly was: unknown;
    /** null when it is to be removed. */
    readonly value: string | null;
    readonly fixers: readonly string[];
  }[];
  /** To be pasted into a shell, where the OpenStack client is. */
  readonly commands: readonly string[];
}

/**
 * The last word on each property, sorted by name, with the `openstack image set` and `openstack image unset` lines
 * (python-openstackclient, "image" commands).
 * @param image - its name or id; the word IMAGE stands for it when nobody said
 */
export function reportProperties(planned: readonly PlannedProperty[], image = 'IMAGE'): ReportedProperties {
  const last = new Map<string, { first: unknown; change: PropertyChange; fixers: string[] }>();
  for (const { fixer, change } of planned) {
    const known = last.get(change.name);
    const fixers = known?.fixers ?? [];
    if (!fixers.includes(fixer)) fixers.push(fixer);
    last.set(change.name, { first: known ? known.first : change.was, change, fixers });
  }
  const changes = [...last.values()]
    .map(({ first, change, fixers }) => ({
      name: change.name,
      was: first ?? null,
      value: change.value ?? null,
      fixers,
    }))
    .filter(({ was, value }) => was !== value)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const set = changes.filter(({ value }) => value !== null);
  const unset = changes.filter(({ value }) => value === null);
  const line = (verb: string, words: readonly string[]): string[] =>
    words.length === 0
      ? []
      : [
          `openstack image ${verb} ${words.map((word) => `--property ${shell(word)}`).join(' ')} ${shell(image)}`,
        ];
  return {
    changes,
    commands: [
      ...line(
        'set',
        set.map(({ name, value }) => `${name}=${value ?? ''}`),
      ),
      ...line(
        'unset',
        unset.map(({ name }) => name),
      ),
    ],
  };
}
