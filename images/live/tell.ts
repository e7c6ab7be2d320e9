import { ImageError } from '../base/errors.js';
import { run } from '../base/exec.js';

/** Milliseconds; systemd itself gives a service a minute and a half to stop. */
const patience = 120_000;

/**
 * Has a program of the running server do something.
 * @param packageName - the Debian package that has it
 * @returns what it said
 * @throws {ImageError} code `program-failed`, with what it said; `missing-tool`
 */
export async function tell(program: string, args: readonly string[], packageName?: string): Promise<string> {
  const options = { timeout: patience, package: packageName };
  const { exitCode, stdout, stderr } = await run(program, args, options);
  if (exitCode === 0) return stdout;
  const said = `${stderr}\n${stdout}`.split('\n').find((line) => line.trim() !== '');
  throw new ImageError(
    'program-failed',
    `${program} ${args.join(' ')}: ${said?.trim() ?? `exit ${exitCode}`}`,
  );
}
