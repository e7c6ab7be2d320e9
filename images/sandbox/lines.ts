import type { RunningProgram } from '../base/exec.js';

const longestLine = 4096;

/** Tells what a program says line by line, however long its lines. @returns what it said last */
export function tellLines(running: RunningProgram, onLine: (line: string) => void): () => string {
  let rest = '';
  let last = '';
  const tell = (line: string): void => {
    const text = line.replace(/\r$/, '');
    if (text.trim() !== '') last = text.trim();
    onLine(text);
  };
  running.output.setEncoding('utf8');
  running.output.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(-longestLine);
    for (const line of lines) tell(line.slice(0, longestLine));
  });
  running.output.on('end', () => {
    if (rest !== '') tell(rest);
  });
  return () => last;
}
