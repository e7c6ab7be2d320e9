/**
 * `/etc/init.d/.depend.boot`, `.depend.start` and `.depend.stop`: the makefiles by which insserv tells startpar(8)
 * what has to be done before each script.
 */
export interface DependFile {
  /** The scripts, in the order of their numbers. */
  readonly targets: readonly string[];
  /** Scripts that need the console; undefined where the file has no such line (`.depend.stop`). */
  readonly interactive: readonly string[] | undefined;
  /** What each script waits for; scripts that wait for nothing are left out. */
  readonly rules: ReadonlyMap<string, DependRule>;
}

export interface DependRule {
  readonly needs: readonly string[];
  /** Counted from 1; 0 for a rule that was never in a file. */
  readonly line: number;
}

/** Never throws; a line that is not a rule is skipped. A second rule for the same script adds to the first. */
export function parseDependFile(text: string): DependFile {
  let targets: string[] = [];
  let interactive: string[] | undefined;
  const rules = new Map<string, DependRule>();
  for (const [at, line] of text.split('\n').entries()) {
    const assignment = /^(TARGETS|INTERACTIVE)[ \t]*=(.*)$/s.exec(line);
    if (assignment) {
      if (assignment[1] === 'TARGETS') targets = words(assignment[2]);
      else interactive = words(assignment[2]);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0 || line.startsWith('#')) continue;
    const name = line.slice(0, colon).trim();
    if (name === '' || /\s/.test(name)) continue;
    const known = rules.get(name);
    const needs = words(line.slice(colon + 1));
    rules.set(name, known ? { ...known, needs: [...known.needs, ...needs] } : { needs, line: at + 1 });
  }
  return { targets, interactive, rules };
}

/** As insserv writes it. */
export function printDependFile(file: DependFile): string {
  const lines = [['TARGETS =', ...file.targets]];
  if (file.interactive) lines.push(['INTERACTIVE =', ...file.interactive]);
  for (const [name, rule] of file.rules) lines.push([`${name}:`, ...rule.needs]);
  return lines.map((line) => `${line.join(' ')}\n`).join('');
}

/**
 * Whether `name` waits for `first`, directly or through others: insserv leaves out a need that another implies.
 * @returns the rules that lead there, from `name` on; undefined when it does not wait
 */
export function waitsFor(
  file: DependFile,
  name: string,
  first: string,
): readonly (readonly [script: string, rule: DependRule])[] | undefined {
  const cameFrom = new Map<string, string>([[name, '']]);
  const queue = [name];
  for (let script = queue.shift(); script !== undefined; script = queue.shift()) {
    const rule = file.rules.get(script);
    for (const need of rule?.needs ?? []) {
      if (cameFrom.has(need)) continue;
      cameFrom.set(need, script);
      if (need === first) return chain(file, cameFrom, need);
      queue.push(need);
    }
  }
  return undefined;
}

function chain(file: DependFile, cameFrom: ReadonlyMap<string, string>, end: string): [string, DependRule][] {
  const rules: [string, DependRule][] = [];
  for (let script = cameFrom.get(end); script; script = cameFrom.get(script)) {
    const rule = file.rules.get(script);
    if (rule) rules.unshift([script, rule]);
  }
  return rules;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}
