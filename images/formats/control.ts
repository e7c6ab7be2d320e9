/** A paragraph of a control file: fields by their name in lower case, continued lines with their line ends. */
export type ControlParagraph = ReadonlyMap<string, string>;

/** The paragraphs of a control file with all their fields (deb822(5)). Never throws: a line that is not a field is skipped. */
export function parseControl(text: string): ControlParagraph[] {
  const paragraphs: Map<string, string>[] = [];
  let fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of [...text.split('\n'), '']) {
    if (line.trim() === '') {
      if (fields.size > 0) paragraphs.push(fields);
      fields = new Map();
      last = undefined;
    } else if (/^[ \t]/.test(line)) {
      if (last !== undefined) fields.set(last, `${fields.get(last) ?? ''}\n${line}`);
    } else {
      const [, name, value] = /^([^:\s]+):[ \t]*(.*?)\s*$/s.exec(line) ?? [];
      last = name?.toLowerCase();
      if (last !== undefined) fields.set(last, value ?? '');
    }
  }
  return paragraphs;
}

/** One way to satisfy a dependency: deb-control(5), "Depends". */
export interface PackageRelation {
  readonly name: string;
  readonly operator?: string;
  readonly version?: string;
}

/** A list of dependencies: each is satisfied by any of its relations. Architectures and profiles are ignored. */
export function parseRelations(field: string): PackageRelation[][] {
  return field
    .split(',')
    .map((group) => group.split('|').flatMap(relationOf))
    .filter((group) => group.length > 0);
}

function relationOf(text: string): PackageRelation[] {
  const [, name, operator, version] =
    /^\s*([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s)]+)\s*\))?/i.exec(
      text,
    ) ?? [];
  if (name === undefined) return [];
  return [{ name, ...(operator && version ? { operator, version } : {}) }];
}

export function relationInWords({ name, operator, version }: PackageRelation): string {
  return operator === undefined ? name : `${name} (${operator} ${version ?? ''})`;
}
