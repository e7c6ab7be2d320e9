import { readdirSync } from 'node:fs';
import type { Check } from '../checks/lib/check.js';
import type { Example } from '../checks/lib/example.js';
import type { Fixer } from '../fixers/lib/fixer.js';

/** A check as its file has it. */
export interface CheckFile {
  readonly id: string;
  /** The name under which the file exports it. */
  readonly name: string;
  readonly rule: Check;
  readonly example: Example;
}

/** A fixer as its file has it. */
export interface FixerFile {
  readonly id: string;
  readonly name: string;
  readonly rule: Fixer;
}

/** Files of a rules' folder that are generated from the others. */
const generatedFiles = ['index', 'snapshot', 'examples'];

/** The ids of the rules in a folder: the names of its files, sorted. */
export function idsIn(folder: 'checks' | 'fixers'): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .filter((id) => !generatedFiles.includes(id))
    .sort();
}

/**
 * Every check, from its own file, sorted by id.
 * @throws {Error} for a file that does not export one check of its name and one example
 */
export async function checkFiles(): Promise<CheckFile[]> {
  const found: CheckFile[] = [];
  for (const id of idsIn('checks')) {
    const exported = (await import(`../checks/${id}.js`)) as Record<string, unknown>;
    const [name, rule] = ruleOf<Check>(`checks/${id}.ts`, id, exported, 'run');
    const { example } = exported;
    if (!example)
      throw new Error(`checks/${id}.ts exports no example: add "export const example: Example = {…}"`);
    found.push({ id, name, rule, example: example as Example });
  }
  return found;
}

/**
 * Every fixer, from its own file, sorted by id.
 * @throws {Error} for a file that does not export one fixer of its name
 */
export async function fixerFiles(): Promise<FixerFile[]> {
  const found: FixerFile[] = [];
  for (const id of idsIn('fixers')) {
    const exported = (await import(`../fixers/${id}.js`)) as Record<string, unknown>;
    const [name, rule] = ruleOf<Fixer>(`fixers/${id}.ts`, id, exported, 'plan');
    found.push({ id, name, rule });
  }
  return found;
}

function ruleOf<R extends { readonly meta: { readonly id: string } }>(
  file: string,
  id: string,
  exported: Readonly<Record<string, unknown>>,
  method: 'run' | 'plan',
): [string, R] {
  const rules = Object.entries(exported).filter((entry): entry is [string, R] => {
    const [, value] = entry;
    return typeof value === 'object' && value !== null && 'meta' in value && method in value;
  });
  const [rule] = rules;
  if (!rule || rules.length > 1) throw new Error(`${file} exports ${rules.length} rules: a file has one`);
  const own = rule[1].meta.id;
  if (own !== id)
    throw new Error(`${file} has the id "${own}": a rule's id is the name of its file, "${id}"`);
  return rule;
}
