import type { MissingProgram } from '../../images/guest/init/exec-paths.js';
import type { Evidence } from '../../images/guest/evidence.js';
import type { Obstacle } from '../../images/guest/init/obstacle.js';
import type { Finding } from './check.js';

/** Messages of a check whether the program that a service starts exists, one for each problem. */
export const inVainMessages = {
  'program-missing': '{{service}} starts {{program}}, which is not in the image',
  'program-no-file': '{{service}} starts {{program}}, which is not a file',
  'program-not-executable': '{{service}} starts {{program}}, which is not executable',
  'program-no-interpreter':
    '{{service}} starts {{program}}, whose first line names an interpreter that is not in the image (a carriage return at the end of the line counts as part of the name)',
  'program-unnamed': '{{service}} does not name a program (ExecStart), so systemd refuses it',
} as const satisfies Record<`program-${MissingProgram['problem']}`, string>;

/** Findings for programs that services start in vain; the check has {@link inVainMessages}. */
export function* inVain(missing: readonly MissingProgram[], of: MissingProgram['of']): Iterable<Finding> {
  for (const { of: whose, service, program, problem, evidence } of missing) {
    if (whose === of) yield { message: `program-${problem}`, data: { service, program }, evidence };
  }
}

/** Obstacles beyond these programs: that one of them cannot be executed is said already. */
export function beyond(missing: readonly MissingProgram[], obstacles: readonly Obstacle[]): Obstacle[] {
  return obstacles.filter(({ evidence }) => !missing.some((one) => isSameLine(one.evidence, evidence)));
}

function isSameLine(one: Evidence, other: Evidence): boolean {
  return one.path === other.path && one.line === other.line;
}
