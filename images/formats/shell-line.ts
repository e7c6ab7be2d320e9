/** What reads the language of sh(1). */
const shells = new Set(['sh', 'ash', 'bash', 'dash', 'ksh', 'mksh', 'zsh']);

/**
 * The name of the shell that a script's first line names, itself or through env(1) (execve(2), "Interpreter scripts");
 * undefined when it names something else, or nothing.
 */
export function shellOf(script: string): string | undefined {
  // The kernel reads 256 bytes.
  const [, program = '', words = ''] = /^#![ \t]*(\S+)[ \t]*([^\n]*)/.exec(script.slice(0, 256)) ?? [];
  const name = nameOf(program);
  if (name !== 'env') return shells.has(name) ? name : undefined;
  const ofEnv = nameOf(/^(?:-S[ \t]*|--split-string=)?(\S+)/.exec(words)?.[1] ?? '');
  return shells.has(ofEnv) ? ofEnv : undefined;
}

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
