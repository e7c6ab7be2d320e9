import {
  type ControlParagraph,
  type PackageRelation,
  parseRelations,
  relationInWords,
} from '../formats/control.js';
import { isInstalled } from '../formats/dpkg-status.js';
import { compareDebianVersions } from '../formats/version.js';

/** The versions under which a name is there: of a package itself, or of a virtual one (undefined: without a version). */
type Present = ReadonlyMap<string, readonly (string | undefined)[]>;

/**
 * What keeps a Debian package from being configured beside those that are installed: dependencies that are missing, and
 * packages it conflicts with, in words; empty when nothing does.
 */
export function obstacles(wanted: ControlParagraph, status: readonly ControlParagraph[]): string[] {
  const present = presentIn(status.filter((each) => each.get('package') !== wanted.get('package')));
  const needs = [wanted.get('pre-depends'), wanted.get('depends')].flatMap((field) =>
    parseRelations(field ?? ''),
  );
  const shuns = [wanted.get('conflicts'), wanted.get('breaks')].flatMap((field) =>
    parseRelations(field ?? ''),
  );
  const own = new Set(
    parseRelations(wanted.get('provides') ?? '')
      .flat()
      .map(({ name }) => name),
  );
  return [
    ...needs
      .filter((group) => !group.some((relation) => isMet(relation, present)))
      .map((group) => `it needs ${group.map(relationInWords).join(' or ')}`),
    ...shuns
      .flat()
      .filter((relation) => !own.has(relation.name) && isMet(relation, present))
      .map((relation) => `it conflicts with ${relationInWords(relation)}`),
  ];
}

function presentIn(status: readonly ControlParagraph[]): Present {
  const present = new Map<string, (string | undefined)[]>();
  const add = (name: string, version: string | undefined): void => {
    present.set(name, [...(present.get(name) ?? []), version]);
  };
  for (const each of status) {
    if (!isInstalled(each.get('status') ?? '')) continue;
    add(each.get('package') ?? '', each.get('version'));
    for (const { name, version } of parseRelations(each.get('provides') ?? '').flat()) add(name, version);
  }
  return present;
}

/** A relation with a version is not met by what is provided without one: Debian policy, 7.5. */
function isMet({ name, operator, version }: PackageRelation, present: Present): boolean {
  return (present.get(name) ?? []).some((there) => {
    if (operator === undefined || version === undefined) return true;
    return there !== undefined && holds(compareDebianVersions(there, version), operator);
  });
}

function holds(order: number, operator: string): boolean {
  switch (operator) {
    case '<<':
      return order < 0;
    case '<=':
    case '<':
      return order <= 0;
    case '=':
      return order === 0;
    case '>>':
      return order > 0;
    default:
      return order >= 0;
  }
}
