/** `/etc/insserv.conf` and the files of `/etc/insserv.conf.d` (insserv(8), "System facilities"). */
export interface InsservConf {
  /** What each `$facility` stands for, as written: names, `+names` that need not exist, other facilities. */
  readonly facilities: ReadonlyMap<string, readonly string[]>;
  /** `<interactive>`: services that must have the console to themselves. */
  readonly interactive: readonly string[];
}

/**
 * All configuration files as one; a facility that several define stands for all they say. Never throws.
 * @param texts - in the order in which insserv reads them
 */
export function parseInsservConf(texts: readonly string[]): InsservConf {
  const facilities = new Map<string, readonly string[]>();
  const interactive: string[] = [];
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const match = /^(\$[a-z0-9_-]+|<[a-z0-9_-]+>)(?:[ \t]*[=:][ \t]*|[ \t]+)([^\r]*)/i.exec(line);
    if (!match) continue;
    const name = match[1] ?? '';
    const members = (match[2] ?? '').split(/[ ,;\t]/).filter((word) => word !== '');
    if (name.startsWith('$')) facilities.set(name, [...(facilities.get(name) ?? []), ...members]);
    else if (name === '<interactive>') interactive.push(...members);
  }
  return { facilities, interactive };
}

/**
 * What a `$facility` stands for in the end: names only, `+` kept.
 * @returns undefined when no file defines it. A facility that stands for itself ends there.
 */
export function expandFacility(conf: InsservConf, name: string): readonly string[] | undefined {
  if (!conf.facilities.has(name)) return undefined;
  const names = new Set<string>();
  const seen = new Set<string>();
  const queue = [name];
  for (let facility = queue.shift(); facility !== undefined; facility = queue.shift()) {
    if (seen.has(facility)) continue;
    seen.add(facility);
    for (const member of conf.facilities.get(facility) ?? []) {
      if (member.startsWith('$')) queue.push(member);
      else names.add(member);
    }
  }
  return [...names];
}
