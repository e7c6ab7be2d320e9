import { spawnSync } from 'node:child_process';
import type { Report } from '../../pipeline/report/report.js';
import { program } from './project.js';

/** The day and the place of the tests, which are those of a command that they run: nothing it does may depend on them. */
export const dayAndPlace: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(?:LD_PRELOAD|FAKETIME\w*|TZ|LANG|LC_ALL)$/.test(name)),
);

/** The command, run as it is installed. */
export interface Run {
  readonly status: number | null;
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a user would, in a process of its own, without a terminal. */
export function hallmark(
  args: readonly string[],
  options: { state?: string; cwd?: string; uid?: number; env?: Readonly<Record<string, string>> } = {},
): Run {
  const { state, cwd, uid, env = {} } = options;
  const result = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      ...dayAndPlace,
      ...(state === undefined ? {} : { XDG_STATE_HOME: state }),
      ...env,
    },
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { status: result.status, pid: result.pid, stdout: result.stdout, stderr: result.stderr };
}

/** Runs a judging command with --json, and gives its report. */
export function report(args: readonly string[], options: { state?: string; cwd?: string } = {}): Report {
  const { stdout, stderr, status } = hallmark([...args, '--json', '--debug'], options);
  if (stdout === '') throw new Error(`hallmark ${args.join(' ')}: exit ${status}\n${stderr}`);
  return JSON.parse(stdout) as Report;
}
