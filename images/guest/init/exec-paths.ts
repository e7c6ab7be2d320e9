import type { GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import { installedAgents, servicesNamed } from '../agents/agent-services.js';
import { isExecutable, isProgram, searchPath } from '../agents/programs.js';
import type { Fact } from '../fact.js';
import { services } from './services.js';
import type { Service } from './service.js';
import { xe } from '../agents/xe.js';

/** A program that a service of the agent or of the guest utilities starts, and that cannot be started. */
export interface MissingProgram {
  readonly of: 'agent' | 'xe';
  /** The service's id. */
  readonly service: string;
  readonly program: string;
  /** unnamed: a unit without ExecStart=, which systemd refuses to load. */
  readonly problem: 'missing' | 'no-file' | 'not-executable' | 'unnamed' | 'no-interpreter';
  readonly evidence: Evidence;
}

const scriptLimit = 256 * 1024;

/** What the services of the agents and of the guest utilities start in vain. */
export const missingPrograms: Fact<readonly MissingProgram[]> = {
  name: 'missing-programs',
  // Of other programs only names and modes are looked at; no content.
  inputs: ['/etc/init.d/*', '/etc/rc.d/init.d/*'].map((glob) => ({ glob, limit: scriptLimit })),
  async gather(image, get) {
    const [installed, tools, system] = [await get(installedAgents), await get(xe), await get(services)];
    const ofAgents = installed.flatMap((agent) => agent.services);
    const ofXe = servicesNamed(tools?.serviceNames ?? [], system);
    return [...(await inVain(image, 'agent', ofAgents)), ...(await inVain(image, 'xe', ofXe))];
  },
};

async function inVain(
  image: Image,
  of: 'agent' | 'xe',
  started: readonly Service[],
): Promise<MissingProgram[]> {
  const missing: MissingProgram[] = [];
  for (const service of started) {
    // A masked unit starts nothing; that it is masked is another rule's business.
    if (service.state === 'masked') continue;
    if (service.exec.length === 0) {
      const evidence = { path: service.path };
      missing.push({ of, service: service.id, program: '', problem: 'unnamed', evidence });
    }
    for (const { program, evidence } of service.exec) {
      const problem = await problemOf(image, program);
      if (problem) missing.push({ of, service: service.id, program, problem, evidence });
      else if (service.origin === 'script' && !(await hasInterpreter(image, service.path)))
        missing.push({
          of,
          service: service.id,
          program,
          problem: 'no-interpreter',
          evidence: { path: service.path, line: 1 },
        });
    }
  }
  return missing;
}

/**
 * Whether the interpreter that a script's first line names can be started. To the kernel a carriage return at the end
 * belongs to its name, so a script that was saved under Windows has none. Without such a line the shell runs it.
 */
async function hasInterpreter(image: Image, script: GuestPath): Promise<boolean> {
  const [first = ''] = ((await image.readText(script, scriptLimit)) ?? '').split('\n', 1);
  const interpreter = /^#![ \t]*(\/[^ \t]*)/.exec(first)?.[1];
  return interpreter === undefined || isProgram(image, interpreter as GuestPath);
}

async function problemOf(image: Image, program: string): Promise<MissingProgram['problem'] | undefined> {
  // A path that is only known at run time (specifier or variable) cannot be judged from outside.
  if (program === '' || /[%$]/.test(program)) return undefined;
  const paths = program.startsWith('/')
    ? [program as GuestPath]
    : searchPath.map((directory): GuestPath => `${directory}/${program}`);
  let problem: MissingProgram['problem'] = 'missing';
  for (const path of paths) {
    const entry = await image.stat(path);
    if (!entry) continue;
    if (isExecutable(entry)) return undefined;
    problem = entry.type === 'file' ? 'not-executable' : 'no-file';
  }
  return problem;
}
