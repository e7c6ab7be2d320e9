import type { Hunk } from './record-shape.js';

/**
 * A text with recorded edits taken back, and every other line as it is. An edit whose lines are as they were needs
 * nothing.
 * @param hunks - as recorded, in the order of their lines
 * @param untouched - whether the text is to the byte what the edits left, so that every hunk is where it says
 * @returns undefined when somebody changed the lines themselves, or they cannot be told from others
 */
export function putLinesBack(text: string, hunks: readonly Hunk[], untouched: boolean): string | undefined {
  const lines = text.split('\n');
  // From the last to the first: the places of the earlier ones stay what they are.
  for (const hunk of [...hunks].reverse()) {
    const at = untouched ? hunk.line - 1 : placeOf(lines, hunk);
    if (at === 'unclear') return undefined;
    if (at !== 'done') lines.splice(at, hunk.now.length, ...hunk.was);
  }
  return lines.join('\n');
}

/** Where the lines of an edit are: where they were recorded or, if they have moved, in the one place that has them. */
function placeOf(lines: readonly string[], { line, was, now }: Hunk): number | 'done' | 'unclear' {
  const places = placesOf(lines, now);
  if (places.includes(line - 1)) return line - 1;
  const [only, ...others] = places;
  if (only !== undefined) return others.length === 0 ? only : 'unclear';
  // A line that was added, and is not there: removed or edited by hand, who can tell?
  return placesOf(lines, was).length > 0 ? 'done' : 'unclear';
}

/** Every place of a run of lines. Nothing, or only empty lines, could be anywhere: of those there is no telling. */
function placesOf(lines: readonly string[], run: readonly string[]): number[] {
  if (isBlank(run)) return [];
  return [...lines.keys()].filter((at) => run.every((line, index) => lines[at + index] === line));
}

const isBlank = (run: readonly string[]): boolean => run.every((line) => line.trim() === '');
