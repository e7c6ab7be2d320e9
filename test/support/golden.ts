import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { inProject } from './project.js';
import { isOn } from './switches.js';

/**
 * Compares a text with the file that holds what it should be; with UPDATE_GOLDEN=1, writes the file.
 * @param file - the path of the file in the project
 * @param test - the path of the test in the project, for what a failure says to do
 */
export function sameAsFile(file: string, text: string, test: string): void {
  const path = inProject(file);
  if (isOn('UPDATE_GOLDEN')) writeFileSync(path, text);
  const expected = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (text === expected) return;
  assert.equal(text, expected, `${difference(text, expected, file)}\n${whatToDo(test)}`);
}

const whatToDo = (test: string): string =>
  `If the change is meant, run "UPDATE_GOLDEN=1 npm run t -- ${test}" and read the diff.`;

/** The first line that differs. */
function difference(text: string, expected: string, file: string): string {
  const [seen, wanted] = [text.split('\n'), expected.split('\n')];
  const at = seen.findIndex((line, index) => line !== wanted[index]);
  const line = at < 0 ? seen.length : at;
  return `${file}:${line + 1} differs\n- ${wanted[line] ?? '(end)'}\n+ ${seen[line] ?? '(end)'}`;
}
