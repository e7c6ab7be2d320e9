import { lsbFieldWords } from '../../images/formats/lsb-header.js';
import type { InitScript, InitScripts } from '../../images/guest/init/init-scripts.js';
import type { Service } from '../../images/guest/init/service.js';
import type { Finding } from './check.js';

/**
 * What is wrong with the header of a script.
 * @param before - services that it must require; none, or one of them is enough
 */
export function* lsbFaults(
  script: InitScript,
  scripts: InitScripts,
  before: readonly Service[],
): Iterable<Finding> {
  const { path, name } = script;
  const { file, header } = script.effective;
  if (!header) {
    yield { message: 'no-header', data: { script: path }, evidence: { path: file } };
    return;
  }
  if (header.end === undefined) {
    yield { message: 'unclosed', data: { script: path }, evidence: { path: file, line: header.begin } };
    return;
  }
  const at = (field: 'Provides' | 'Required-Start'): { path: typeof file; line: number } => ({
    path: file,
    line: header.fields.get(field)?.line ?? header.begin,
  });
  if (!providesItself(script)) {
    const provides = header.fields.get('Provides')?.value ?? '';
    yield { message: 'wrong-provides', data: { script: path, provides, name }, evidence: at('Provides') };
  }
  if (lsbFieldWords(header, 'Default-Start').length === 0) {
    yield { message: 'no-runlevels', data: { script: path }, evidence: { path: file, line: header.begin } };
  }
  const evidence = at('Required-Start');
  const [xe] = before;
  if (xe && !startsAfter(script, before)) {
    yield { message: 'not-required', data: { script: path, xe: xe.name }, evidence };
  }
  for (const facility of lostFacilities(script, scripts, before)) {
    yield { message: 'unsatisfied', data: { script: path, facility }, evidence };
  }
}

/** Whether a script provides a facility of its own name. Case apart: 1.x says Nova-Agent, and nothing requires it. */
export function providesItself({ name, effective }: InitScript): boolean {
  return lsbFieldWords(effective.header, 'Provides').some(
    (word) => word.toLowerCase() === name.toLowerCase(),
  );
}

/**
 * Whether the header puts a script after one of these services: by name, by what it provides, or after everything.
 */
export function startsAfter({ effective }: InitScript, before: readonly Service[]): boolean {
  const names = namesOf(before);
  const after = [
    ...lsbFieldWords(effective.header, 'Required-Start'),
    ...lsbFieldWords(effective.header, 'Should-Start'),
  ];
  return after.some((facility) => facility === '$all' || names.includes(facility));
}

/**
 * Required facilities that nothing in the guest can provide. One that bears the name of a script is not lost: when
 * that script says that it provides something else, that is the fault to report. Nor is one of `before`, which may be a
 * unit: systemd-sysv-generator(8) takes a facility for the unit of that name.
 */
export function lostFacilities(
  { unsatisfied }: InitScript,
  { all }: InitScripts,
  before: readonly Service[],
): string[] {
  const units = namesOf(before.filter(({ origin }) => origin === 'unit'));
  return unsatisfied.filter((facility) => !all.has(facility) && !units.includes(facility));
}

function namesOf(services: readonly Service[]): string[] {
  return services.flatMap(({ name, aliases }) => [name, ...aliases]);
}
