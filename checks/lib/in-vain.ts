import type { MissingProgram } from '../../images/guest/init/exec-paths.js';
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
